import { isBoolean, isString, option, type FlowDefinition } from "./definition.js";
import { MillraceError } from "./errors/millrace-error.js";

/** The project that a run belongs to, by `@project`. */
export interface ProjectRecord {
  readonly name: string;
  /** `user.ada`, `test.feature`, `prod` or `prod.candidate`. */
  readonly branch: string;
  readonly production: boolean;
}

/** What was said of the branch when the run was started. */
export interface BranchOptions {
  readonly branch?: string;
  readonly production?: boolean;
}

const NAME = /^[a-z0-9_]{1,128}$/;

/** What is wrong with a project's or a branch's name; undefined when nothing is. */
export function projectNameProblem(name: string): string | undefined {
  if (NAME.test(name)) return undefined;
  return name.length > 128 ? "it is longer than 128 characters" : "it may hold small letters, digits and _ only";
}

/**
 * The project and branch of a run: its user's own branch, unless another one or production is said.
 * @throws MillraceError `project-name-bad`, `project-conflict`
 */
export function projectOf({ decorators }: Pick<FlowDefinition, "decorators">, said: BranchOptions, user: string): ProjectRecord | undefined {
  const use = decorators.find((decorator) => decorator.name === "project");
  const name = option(use, "name", isString);
  if (use === undefined || name === undefined) return undefined;
  const branch = agreed("branch", option(use, "branch", isString), said.branch);
  // The decorator says nothing when it does not say that it is production.
  const production = agreed("production", option(use, "production", isBoolean) === true ? true : undefined, said.production) ?? false;
  checkName("project", name);
  if (branch !== undefined) checkName("branch", branch);
  if (production) return { name, branch: branch === undefined ? "prod" : `prod.${branch}`, production };
  return { name, branch: branch === undefined ? `user.${user}` : `test.${branch}`, production };
}

function agreed<T extends string | boolean>(what: string, inCode: T | undefined, said: T | undefined): T | undefined {
  if (inCode !== undefined && said !== undefined && inCode !== said) {
    throw new MillraceError("project-conflict", { option: what, code: String(inCode), said: String(said) });
  }
  return said ?? inCode;
}

function checkName(what: "project" | "branch", name: string): void {
  const reason = projectNameProblem(name);
  if (reason !== undefined) throw new MillraceError("project-name-bad", { what, name: name.slice(0, 140), reason });
}

/** The name that a flow has in its project: `fraud.user.ada.ScoreFlow`. */
export function projectFlowName({ name, branch }: ProjectRecord, flow: string): string {
  return `${name}.${branch}.${flow}`;
}
