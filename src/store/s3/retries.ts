import { isMillraceError, messageOf } from "../../core/errors/millrace-error.js";
import { findIn } from "./error-facts.js";
import { areCredentialsMissing, ExpiredForGood, isExpired } from "./expired-credentials.js";

/** How long outages are waited out, by all operations together. */
export class Patience {
  /** Milliseconds that an operation may fail, again and again, or all of them, before it is given up. */
  giveUpMs: number;
  /** Hears why a request is sent again. */
  readonly onTrouble: (reason: string) => void;
  /** Since when nothing has succeeded; undefined when the last did. */
  #failingSince: number | undefined;
  #isKnown: boolean;
  #isLost = false;

  /** @param options.known Somebody has reached the place before. */
  constructor(giveUpMs: number, onTrouble: (reason: string) => void, { known = false }: { readonly known?: boolean } = {}) {
    this.giveUpMs = giveUpMs;
    this.onTrouble = onTrouble;
    this.#isKnown = known;
  }

  succeeded(): void {
    this.#failingSince = undefined;
    this.#isKnown = true;
    this.#isLost = false;
  }

  /** An operation was given up. */
  gaveUp(): void {
    this.#isLost = true;
  }

  /** How long an answer is waited for, in milliseconds, when the network is silent and operations have been given up; else undefined. */
  get answerMs(): number | undefined {
    return this.#isLost ? LOST_ANSWER_MS : undefined;
  }

  /** Whether the place has ever answered as it should. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** How long nothing has succeeded, seen from an operation that began then. */
  failingMs(startedAt: number): number {
    return performance.now() - Math.min(startedAt, this.#failingSince ?? startedAt);
  }

  /** An operation that began then has failed once more: how long it may still go on, in milliseconds. */
  left(startedAt: number): number {
    this.#failingSince ??= startedAt;
    const now = performance.now();
    const ofOperation = this.giveUpMs - (now - startedAt);
    const ofOutage = this.giveUpMs - (now - this.#failingSince);
    // What begins late in an outage tries a little all the same.
    return Math.min(ofOperation, Math.max(ofOutage, LEAST_MS - (now - startedAt)));
  }
}

const LEAST_MS = 1_000;
const LOST_ANSWER_MS = 3_000;

const FIRST_DELAY_MS = 50;
const SLOW_DOWN_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;

/** One operation's tries. */
export interface Try {
  /** From 1. */
  readonly number: number;
}

/** An operation was given up after this long. */
export class GaveUp extends Error {
  constructor(
    override readonly cause: unknown,
    readonly elapsedMs: number,
  ) {
    super(messageOf(cause));
  }
}

/**
 * Runs an operation until it succeeds, fails for a reason that another try would not change, or has failed for too long.
 * The waits grow, and are random, so that many clients do not come back at once.
 * @throws GaveUp, or what the operation threw when it is not worth another try
 */
export async function withRetries<T>(patience: Patience, operation: (attempt: Try) => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  for (let number = 1; ; number++) {
    try {
      const result = await inTime(operation({ number }), patience.answerMs);
      patience.succeeded();
      return result;
    } catch (error) {
      const kind = kindOf(error);
      // What is said in our words already is said for good.
      if (kind === "final" || isMillraceError(error)) throw error;
      // Those of a run at work may be renewed any moment; who begins with old ones hears of it at once.
      if (kind === "expired" && !patience.isKnown) throw error;
      const leftMs = patience.left(startedAt);
      if (leftMs <= 0) {
        patience.gaveUp();
        throw new GaveUp(error, patience.failingMs(startedAt));
      }
      patience.onTrouble(reasonOf(error));
      const first = kind === "slow-down" ? SLOW_DOWN_DELAY_MS : FIRST_DELAY_MS;
      await pause(Math.min(leftMs, Math.random() * Math.min(LONGEST_DELAY_MS, first * 2 ** number)));
    }
  }
}

async function inTime<T>(work: Promise<T>, ms: number | undefined): Promise<T> {
  if (ms === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer in ${ms / 1000} seconds`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

class NoAnswer extends Error {
  override readonly name = "TimeoutError";
}

/** The body of an answer had fewer bytes than the answer said. */
export class TruncatedBody extends Error {
  override readonly name = "TruncatedBody";
}

const SLOW_DOWN = new Set(["SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "TooManyRequestsException", "RequestLimitExceeded"]);
const TRANSIENT = new Set([
  "TruncatedBody",
  "TimeoutError",
  "RequestTimeout",
  "RequestTimeTooSkewed",
  "InternalError",
  "ServiceUnavailable",
  "ConditionalRequestConflict",
  "OperationAborted",
  "IncompleteBody",
]);
const TRANSIENT_STATUS = new Set([408, 425, 429, 500, 502, 503, 504, 509]);
const NETWORK = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_SOCKET_CONNECTION_TIMEOUT",
]);

/** S3 took no notice of the request: it is to come later. */
export function isSlowDown(error: unknown): boolean {
  return kindOf(error) === "slow-down";
}

function kindOf(error: unknown): "final" | "transient" | "slow-down" | "expired" {
  const { names, codes, status } = findIn(error);
  if (error instanceof ExpiredForGood) return "final";
  if (isExpired(error) || areCredentialsMissing(error)) return "expired";
  if (names.some((name) => SLOW_DOWN.has(name)) || status === 429 || status === 503) return "slow-down";
  if (names.some((name) => TRANSIENT.has(name)) || (status !== undefined && TRANSIENT_STATUS.has(status))) return "transient";
  if (codes.some((code) => NETWORK.has(code) || code.startsWith("HPE_"))) return "transient";
  // An answer that says it is fine and does not read was cut on its way.
  return status !== undefined && status >= 200 && status < 300 ? "transient" : "final";
}

/** There was nobody to send it to. */
const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL"]);

/** Nobody can say whether the request was carried out: there was no answer, or none that tells. */
export function isUnsure(error: unknown): boolean {
  const { codes } = findIn(error);
  const isUnsent = codes.length > 0 && codes.every((code) => UNSENT.has(code));
  return kindOf(error) === "transient" && !isUnsent;
}

function reasonOf(error: unknown): string {
  if (isExpired(error)) return "the AWS credentials have expired: renew them";
  if (areCredentialsMissing(error)) return "there are no AWS credentials any more: renew them";
  const { names, codes, status } = findIn(error);
  const [code] = codes;
  const name = names.find((candidate) => candidate !== "Error" && candidate !== code);
  const words = [status === undefined ? undefined : String(status), name ?? code].filter((word) => word !== undefined);
  return words.length === 0 ? messageOf(error) : words.join(" ");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
