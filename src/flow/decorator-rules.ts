import { parseSecretSource } from "../core/secret-source.js";
import { projectNameProblem } from "../core/project.js";
import type { JsonObject, JsonValue } from "../core/json.js";

/** What values an option takes. A duration also stands in the options in milliseconds, as `<option>Ms`. */
export type OptionKind = "count" | "whole" | "amount" | "factor" | "duration" | "flag" | "text" | "texts" | "text-map" | "list" | "json" | "function";

export interface OptionRule {
  readonly kind: OptionKind;
  /** What holds when the option is left out, where that is one value. */
  readonly default?: JsonValue;
  /** It has to be given. */
  readonly required?: true;
  /** What it means, for help. */
  readonly about: string;
}

/** What is known of a decorator: its options and where it stands. Its effect is the business of those who read it. */
export interface DecoratorRule {
  readonly name: string;
  readonly on: "step" | "class";
  readonly about: string;
  readonly options: Readonly<Record<string, OptionRule>>;
  /** The option that a value without a name is for: `@timeout("5m")`. */
  readonly shorthand?: string;
  /** It may stand on a step more than once: the name that each of them has to have for itself. */
  readonly repeats?: (options: JsonObject) => string;
  readonly example: string;
  /** Settles options that depend on each other; a text is what is wrong with them. */
  readonly settle?: (options: JsonObject) => JsonObject | string;
}

const RESOURCES = {
  cpu: { kind: "amount", default: 1, about: "CPU cores" },
  memory: { kind: "amount", default: 4096, about: "memory in MB" },
  gpu: { kind: "count", default: 0, about: "GPUs" },
  disk: { kind: "amount", about: "disk in MB" },
  sharedMemory: { kind: "amount", about: "shared memory in MB" },
} as const satisfies Record<string, OptionRule>;

const TIMEOUT_UNITS = { hours: 3_600_000, minutes: 60_000, seconds: 1000 } as const;

/** Every decorator there is. */
export const decoratorRules = {
  retry: {
    name: "retry",
    on: "step",
    about: "tries a failed task again",
    options: {
      times: { kind: "count", default: 3, about: "attempts after the first" },
      delay: { kind: "duration", default: "10s", about: "wait before the second attempt" },
      backoff: { kind: "factor", default: 2, about: "factor from one wait to the next" },
      maxDelay: { kind: "duration", default: "5m", about: "longest wait" },
      jitter: { kind: "flag", default: true, about: "waits between half and all of the delay, at random" },
      if: { kind: "function", about: "error → boolean: is this failure worth another try" },
    },
    example: '@retry({ times: 3, delay: "10s" })',
  },
  timeout: {
    name: "timeout",
    on: "step",
    about: "ends an attempt that takes too long",
    shorthand: "duration",
    options: {
      duration: { kind: "duration", about: "how long one attempt may take" },
      hours: { kind: "amount", about: "hours" },
      minutes: { kind: "amount", about: "minutes" },
      seconds: { kind: "amount", about: "seconds" },
    },
    example: '@timeout("5m")',
    settle: settleTimeout,
  },
  catchError: {
    name: "catchError",
    on: "step",
    about: "lets the run go on after a step that failed for good",
    shorthand: "var",
    options: {
      var: { kind: "text", about: "artifact that holds the error; undefined when there was none" },
      print: { kind: "flag", default: true, about: "print the error" },
    },
    example: '@catchError({ var: "problem" })',
  },
  environment: {
    name: "environment",
    on: "step",
    about: "sets environment variables while the step runs",
    options: { vars: { kind: "text-map", required: true, about: "variables and their values" } },
    example: '@environment({ vars: { OMP_NUM_THREADS: "1" } })',
  },
  resources: {
    name: "resources",
    on: "step",
    about: "says what a task needs, wherever it runs",
    options: RESOURCES,
    example: "@resources({ cpu: 2, memory: 8000 })",
  },
  batch: {
    name: "batch",
    on: "step",
    about: "runs the step on AWS Batch",
    options: {
      ...RESOURCES,
      image: { kind: "text", about: "container image" },
      queue: { kind: "text", about: "job queue" },
      jobRole: { kind: "text", about: "IAM role of the job" },
      executionRole: { kind: "text", about: "IAM role that starts the container" },
      tmpfs: { kind: "amount", about: "memory-backed temporary folder, in MB" },
      tags: { kind: "text-map", about: "tags of the job" },
    },
    example: "@batch({ cpu: 2, memory: 8000 })",
  },
  slurm: {
    name: "slurm",
    on: "step",
    about: "runs the step on a Slurm cluster",
    options: {
      ...RESOURCES,
      partition: { kind: "text", about: "partition" },
      account: { kind: "text", about: "account that pays" },
      qos: { kind: "text", about: "quality of service" },
      nodes: { kind: "whole", about: "nodes" },
      constraint: { kind: "text", about: "features a node must have" },
      time: { kind: "duration", about: "time limit of the job" },
      extra: { kind: "texts", about: "further options for sbatch" },
      setup: { kind: "texts", about: "shell lines before the task: module load nodejs" },
      node: { kind: "text", about: "Node's program on the nodes; the first in PATH when left out" },
    },
    example: '@slurm({ cpu: 4, partition: "long" })',
  },
  kubernetes: {
    name: "kubernetes",
    on: "step",
    about: "runs the step on Kubernetes",
    options: {
      ...RESOURCES,
      image: { kind: "text", about: "container image" },
      namespace: { kind: "text", about: "namespace" },
      serviceAccount: { kind: "text", about: "service account" },
      nodeSelector: { kind: "text-map", about: "labels that a node must have" },
      tolerations: { kind: "list", about: "tolerations, as in a pod's specification" },
      labels: { kind: "text-map", about: "labels of the pod" },
      annotations: { kind: "text-map", about: "annotations of the pod" },
      secrets: { kind: "texts", about: "secrets whose keys become environment variables" },
      tmpfs: { kind: "amount", about: "memory-backed temporary folder, in MB" },
    },
    example: "@kubernetes({ cpu: 2, memory: 8000 })",
  },
  npm: {
    name: "npm",
    on: "step",
    about: "installs packages for this step, beside the flow's own",
    options: { packages: { kind: "text-map", required: true, about: "names and version ranges, as in package.json" } },
    example: '@npm({ packages: { sharp: "^0.34.0" } })',
  },
  secrets: {
    name: "secrets",
    on: "step",
    about: "puts secrets into the environment while the step runs",
    options: {
      sources: { kind: "list", required: true, about: 'where they come from: "env:NAME", "file:PATH", "aws:ID", or objects with more options' },
    },
    example: '@secrets({ sources: ["aws:database-login"] })',
    settle: settleSecrets,
  },
  local: {
    name: "local",
    on: "step",
    about: "keeps the step on the machine that runs the flow, also under --with batch",
    options: {},
    example: "@local",
  },
  card: {
    name: "card",
    on: "step",
    about: "makes a report of each task",
    repeats: cardName,
    options: {
      type: { kind: "text", default: "default", about: "kind of card" },
      id: { kind: "text", about: "name, when a step has several" },
      title: { kind: "text", about: "title" },
      refreshInterval: { kind: "duration", default: "5s", about: "least time between updates while the task runs" },
    },
    example: '@card({ id: "loss" })',
    settle: settleCard,
  },
  project: {
    name: "project",
    on: "class",
    about: "names the project that the flow belongs to",
    options: {
      name: { kind: "text", required: true, about: "project" },
      branch: { kind: "text", about: "branch of the project" },
      production: { kind: "flag", default: false, about: "this is the production branch" },
    },
    example: '@project({ name: "fraud" })',
    settle: settleProject,
  },
  schedule: {
    name: "schedule",
    on: "class",
    about: "starts a deployed flow at set times; daily when nothing is said",
    options: {
      cron: { kind: "text", about: "when, as five cron fields" },
      hourly: { kind: "flag", about: "every hour" },
      daily: { kind: "flag", about: "every day" },
      weekly: { kind: "flag", about: "every week" },
      timezone: { kind: "text", about: "IANA time zone, UTC when left out" },
    },
    example: '@schedule({ cron: "0 6 * * 1-5" })',
    settle: settleSchedule,
  },
  trigger: {
    name: "trigger",
    on: "class",
    about: "starts a deployed flow when an event arrives",
    shorthand: "event",
    options: {
      event: { kind: "json", about: "event's name, or { name, parameters }" },
      events: { kind: "list", about: "several events, all of which have to arrive" },
    },
    example: '@trigger({ event: "new-data" })',
    settle: (options) => settleOneOf(options, ["event", "events"]),
  },
  triggerOnFinish: {
    name: "triggerOnFinish",
    on: "class",
    about: "starts a deployed flow when another has finished",
    shorthand: "flow",
    options: {
      flow: { kind: "text", about: "flow's name" },
      flows: { kind: "texts", about: "several flows, all of which have to finish" },
    },
    example: '@triggerOnFinish({ flow: "Prepare" })',
    settle: (options) => settleOneOf(options, ["flow", "flows"]),
  },
} as const satisfies Record<string, DecoratorRule>;

export type DecoratorName = keyof typeof decoratorRules;

/** The rule of that name, if there is one; `on` asks for decorators of steps or of classes only. */
export function findRule(name: string, on: "step" | "class"): DecoratorRule | undefined {
  return listRules(on).find((rule) => rule.name === name);
}

export function listRules(on: "step" | "class"): readonly DecoratorRule[] {
  const rules: readonly DecoratorRule[] = Object.values(decoratorRules);
  return rules.filter((rule) => rule.on === on);
}

function settleTimeout(options: JsonObject): JsonObject | string {
  const units = Object.entries(TIMEOUT_UNITS).map(([name, ms]) => (typeof options[name] === "number" ? options[name] * ms : undefined));
  const given = units.filter((ms) => ms !== undefined);
  if (options["duration"] !== undefined && given.length > 0) return "a duration and hours, minutes or seconds exclude each other";
  const durationMs = options["durationMs"] ?? given.reduce((sum, ms) => sum + ms, 0);
  return durationMs === 0 ? "the time limit is missing or zero" : { ...options, durationMs };
}

/** Every source in full, so that those who read it need not know the short forms. */
function settleSecrets(options: JsonObject): JsonObject | string {
  const given = options["sources"];
  const sources = Array.isArray(given) ? given.map(parseSecretSource) : [];
  const problem = sources.find((source) => typeof source === "string");
  if (problem !== undefined) return problem;
  const names = sources.flatMap((source) => (typeof source !== "string" && source.type === "environment" ? source.names : []));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? { sources: JSON.parse(JSON.stringify(sources)) as JsonValue } : `it names the variable ${twice} twice`;
}

const CARD_TYPES = new Set(["default", "blank"]);

function settleCard(options: JsonObject): JsonObject | string {
  const { type, id } = options;
  if (typeof type === "string" && !CARD_TYPES.has(type)) {
    return `there is no type of card “${type}”: default shows the whole task, blank what the step appends`;
  }
  if (typeof id === "string" && !/^[\w-]{1,60}$/.test(id)) return `the id “${id}” is not made of letters, digits, _ and -, at most 60`;
  return options;
}

/** What a card is known by among those of its step. */
function cardName({ id, type }: JsonObject): string {
  const name = id ?? type;
  return typeof name === "string" ? name : "default";
}

function settleProject(options: JsonObject): JsonObject | string {
  for (const key of ["name", "branch"]) {
    const value = options[key];
    if (typeof value !== "string") continue;
    const problem = projectNameProblem(value);
    if (problem !== undefined) return `“${value}” cannot be its ${key}: ${problem}`;
  }
  return options;
}

function settleSchedule(options: JsonObject): JsonObject | string {
  const presets = ["hourly", "daily", "weekly"].filter((name) => options[name] === true);
  const cron = options["cron"];
  if (presets.length + (cron === undefined ? 0 : 1) > 1) return "cron, hourly, daily and weekly exclude each other";
  if (typeof cron === "string" && cron.trim().split(/\s+/).length !== 5) return `the cron expression “${cron}” does not have five fields`;
  return presets.length === 0 && cron === undefined ? { ...options, daily: true } : options;
}

function settleOneOf(options: JsonObject, names: readonly [string, string]): JsonObject | string {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length === 0) return `${names.join(" or ")} is missing`;
  return given.length > 1 ? `${names.join(" and ")} exclude each other` : options;
}
