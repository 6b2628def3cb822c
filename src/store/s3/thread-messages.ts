import type { MessagePort } from "node:worker_threads";
import type { S3Address } from "../../core/store-address.js";
import type { ByteRange, ObjectInfo } from "../object-store.js";
import type { Page } from "./s3-objects.js";

/** What the thread that talks to S3 can do: what it is given, and what it answers. */
export interface ThreadOperations {
  readonly get: { readonly given: { readonly key: string; readonly range?: ByteRange | undefined }; readonly answer: Uint8Array | undefined };
  readonly put: { readonly given: { readonly key: string; readonly bytes: Uint8Array; readonly ifAbsent: boolean }; readonly answer: boolean };
  readonly stat: { readonly given: { readonly key: string }; readonly answer: ObjectInfo | undefined };
  readonly touch: { readonly given: { readonly key: string }; readonly answer: boolean };
  readonly list: { readonly given: { readonly prefix: string; readonly from: string | undefined }; readonly answer: Page<ObjectInfo> };
  readonly names: { readonly given: { readonly prefix: string }; readonly answer: readonly string[] };
  readonly region: { readonly given: Readonly<Record<string, never>>; readonly answer: string };
  readonly isAws: { readonly given: Readonly<Record<string, never>>; readonly answer: boolean };
  readonly delete: { readonly given: { readonly keys: readonly string[] }; readonly answer: undefined };
}

export type ThreadOperation = keyof ThreadOperations;

/** A request to the thread. */
export type ThreadRequest = {
  readonly [O in ThreadOperation]: { readonly id: number; readonly operation: O; readonly given: ThreadOperations[O]["given"] };
}[ThreadOperation];

/** An error on its way between threads. */
export interface ThreadError {
  readonly code: string;
  readonly parameters: object;
  /** Of an error that is not millrace's own. */
  readonly message: string;
}

/** What the thread tells. */
export type ThreadAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ThreadError }
  /** A request failed and is sent again. */
  | { readonly trouble: string };

/** What the thread starts with. */
export interface ThreadStart {
  readonly address: S3Address;
  readonly port: MessagePort;
  /** Counts answers, and a heartbeat: who waits for an answer sleeps on the first. */
  readonly signal: Int32Array;
  /** The place is known to be there: outages are waited out from the first request on. */
  readonly patient: boolean;
}

/** Places in the signal. */
export const ANSWERS = 0;
export const HEARTBEAT = 1;
