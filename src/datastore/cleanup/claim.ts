import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isMillraceError, MillraceError } from "../../core/errors/millrace-error.js";
import { LAYOUT_VERSION } from "../../core/records.js";
import type { ObjectStore } from "../../store/object-store.js";
import { claimKey, claimsPrefix, condemnedPrefix } from "../layout.js";
import { decodeRecord, encodeRecord } from "../record-file.js";
import { isAlive } from "../run-status.js";

/** A claim that was not renewed for this long counts for nothing: its clean-up was killed. */
const STALE_MS = 60 * 60 * 1000;
/** A clean-up that could not renew its claim for this long stops: far sooner than others would take it for dead. */
const VALID_MS = 10 * 60 * 1000;

interface ClaimRecord {
  readonly format: number;
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly renewedAt: number;
}

/**
 * The right to delete in a datastore, which one clean-up has at a time: each notes itself, then looks for others. Of two
 * that begin at once at least one sees the other, and gives way.
 */
export class Claim implements AsyncDisposable {
  /** No other clean-up has the same. */
  readonly token: string;
  readonly #store: ObjectStore;
  readonly #now: () => number;
  #renewedAt = 0;

  private constructor(store: ObjectStore, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.token = randomUUID().slice(0, 8);
  }

  /** @throws MillraceError `gc-running` */
  static async take(store: ObjectStore, now: () => number): Promise<Claim> {
    const claim = new Claim(store, now);
    await claim.renew();
    try {
      await claim.#checkOthers();
      // Of a clean-up that was killed; writers of blobs need not go by it any more.
      const left = await store.listNames(condemnedPrefix);
      await store.delete(...left.map((name) => condemnedPrefix + name));
    } catch (error) {
      await claim[Symbol.asyncDispose]();
      throw error;
    }
    return claim;
  }

  async #checkOthers(): Promise<void> {
    const own = claimKey(this.token);
    for (const name of await this.#store.listNames(claimsPrefix)) {
      const key = claimsPrefix + name;
      if (name.endsWith("/") || key === own) continue;
      const other = await this.#read(key);
      if (other === undefined) continue;
      if (!this.#isStale(other)) {
        throw new MillraceError("gc-running", { host: other.host, pid: other.pid, location: this.#store.location, object: key });
      }
      await this.#store.delete(key);
    }
  }

  /** Undefined when it is gone by now. One that is damaged says no more than its age. */
  async #read(key: string): Promise<ClaimRecord | undefined> {
    const [bytes, info] = await Promise.all([this.#store.get(key), this.#store.stat(key)]);
    if (bytes === undefined || info === undefined) return undefined;
    try {
      return decodeRecord<ClaimRecord>(bytes, "a clean-up", key);
    } catch (error) {
      if (!isMillraceError(error, "record-damaged")) throw error;
      return { format: LAYOUT_VERSION, host: "an unknown host", pid: 0, renewedAt: info.modifiedAt };
    }
  }

  #isStale({ host, pid, renewedAt }: ClaimRecord): boolean {
    return this.#now() - renewedAt > STALE_MS || (host === hostname() && !isAlive(pid));
  }

  async renew(): Promise<void> {
    const renewedAt = this.#now();
    const record: ClaimRecord = { format: LAYOUT_VERSION, host: hostname(), pid: process.pid, renewedAt };
    await this.#store.put(claimKey(this.token), [encodeRecord(JSON.stringify(record))]);
    this.#renewedAt = renewedAt;
  }

  /**
   * Deletes objects, as long as the claim holds.
   * @throws MillraceError `gc-slow`
   */
  async delete(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
      if (this.#now() - this.#renewedAt > VALID_MS) throw new MillraceError("gc-slow", { location: this.#store.location });
      await this.#store.delete(...keys.slice(at, at + DELETED_AT_ONCE));
      if (this.#now() - this.#renewedAt > VALID_MS / 10) await this.renew();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.delete(claimKey(this.token));
  }
}

const DELETED_AT_ONCE = 500;
