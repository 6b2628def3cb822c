import type { ErrorEntry } from "./entry.js";
import { batchErrors } from "./batch-errors.js";
import { cardErrors } from "./card-errors.js";
import { codecErrors } from "./codec-errors.js";
import { commandErrors } from "./command-errors.js";
import { flowErrors } from "./flow-errors.js";
import { graphErrors } from "./graph-errors.js";
import { packageErrors } from "./package-errors.js";
import { projectErrors } from "./project-errors.js";
import { runErrors } from "./run-errors.js";
import { s3Errors } from "./s3-errors.js";
import { secretErrors } from "./secret-errors.js";
import { slurmErrors } from "./slurm-errors.js";
import { storeErrors } from "./store-errors.js";
import { tagErrors } from "./tag-errors.js";
import { taskErrors } from "./task-errors.js";
import { testingErrors } from "./testing-errors.js";

/** Every code of millrace, in one table; docs/errors.md shows the same, and a test keeps them equal. */
export const errorRegistry = {
  ...commandErrors,
  ...flowErrors,
  ...graphErrors,
  ...taskErrors,
  ...codecErrors,
  ...cardErrors,
  ...packageErrors,
  ...projectErrors,
  ...runErrors,
  ...batchErrors,
  ...slurmErrors,
  ...storeErrors,
  ...s3Errors,
  ...secretErrors,
  ...tagErrors,
  ...testingErrors,
} satisfies Record<string, ErrorEntry<never>>;

export type ErrorCode = keyof typeof errorRegistry;

export type ErrorParameters<C extends ErrorCode> = (typeof errorRegistry)[C] extends ErrorEntry<infer P> ? P : never;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorRegistry, code);
}
