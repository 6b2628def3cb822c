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

/**
 * After this long, storage behind a network carries out nothing any more that was sent before: S3 refuses what was signed more than
 * a quarter of an hour ago. The rest is for clocks that differ.
 */
const LATE_MS = 60 * 60 * 1000;

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
  #takenAt = 0;

  private constructor(store: ObjectStore, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.token = randomUUID().slice(0, 8);
  }

  /** When it was taken, by the clock that gives objects their times; milliseconds since the epoch. */
  get takenAt(): number {
    return this.#takenAt;
  }

  /** @throws MillraceError `gc-running` */
  static async take(store: ObjectStore, now: () => number): Promise<Claim> {
    const claim = new Claim(store, now);
    await claim.renew();
    try {
      claim.#takenAt = (await store.stat(claimKey(claim.token)))?.modifiedAt ?? 0;
      await claim.#checkOthers();
      await claim.#dropNotes();
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

  /**
   * What a clean-up that was killed has condemned, writers of blobs need not go by any more, once nothing that it sent can be on its
   * way. Until then its note stays, and the folder is left alone.
   */
  async #dropNotes(): Promise<void> {
    const left: string[] = [];
    for await (const { key, modifiedAt } of this.#store.list(condemnedPrefix)) {
      if (!this.#store.remote || this.#now() - modifiedAt > LATE_MS) left.push(key);
    }
    await this.#store.delete(...left);
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
    // What went wrong before says more; and what was done stays done. A claim that is left is stale with its process, or in an hour.
    await this.#store.delete(claimKey(this.token)).catch(() => {});
  }
}

const DELETED_AT_ONCE = 500;
