import { duration, flag, oneOf, positiveInteger, positiveNumber, text, textList, type SettingType } from "./setting-type.js";

/** What every setting holds. */
export interface SettingValues {
  /** `local`, `s3`, a path or a URL, as it was given. */
  readonly datastore: string;
  /** What `s3` stands for: `s3://bucket/prefix`. */
  readonly s3Root: string | undefined;
  /** Undefined: what AWS's own configuration says. */
  readonly s3Region: string | undefined;
  /** Of a service that is not AWS's own. */
  readonly s3Endpoint: string | undefined;
  /** Undefined: with an endpoint that is not AWS's own. */
  readonly s3PathStyle: boolean | undefined;
  /** Milliseconds; undefined: 5 minutes. */
  readonly s3Patience: number | undefined;
  /** `off`, or the folder where blobs of remote datastores are kept. Undefined: the system's folder for such. */
  readonly cache: string | undefined;
  /** Megabytes (of 1,048,576 bytes) that the cache may take. */
  readonly cacheSize: number;
  readonly maxWorkers: number;
  readonly maxNumSplits: number;
  /** Megabytes (of 1,048,576 bytes) of output kept a task. */
  readonly maxLogSize: number;
  readonly tags: readonly string[];
  /** Decorators for every step that lacks them: `retry:times=2`. */
  readonly with: readonly string[];
  readonly keepGoing: boolean;
  readonly packageSuffixes: readonly string[];
  /** Names of packages that travel to other machines as files, not in the flow's bundle. */
  readonly external: readonly string[];
  /** What jobs on other machines run on. */
  readonly platform: PlatformName;
  readonly namespace: string | undefined;
  /** A branch of the flow's project. */
  readonly branch: string | undefined;
  /** The run is one of the project's production branch. Undefined: what `@project` says. */
  readonly production: boolean | undefined;
  readonly runIdFile: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly color: "auto" | "always" | "never";
  /** Undefined: the operating system's name for the user. */
  readonly user: string | undefined;
  /** AWS Batch: job queue, container image and roles of jobs, where a decorator does not name them. */
  readonly batchQueue: string | undefined;
  readonly batchImage: string | undefined;
  readonly batchJobRole: string | undefined;
  readonly batchExecutionRole: string | undefined;
  /** Slurm: where jobs go and how they find Node, where a decorator does not say. */
  readonly slurmPartition: string | undefined;
  readonly slurmAccount: string | undefined;
  readonly slurmSetup: readonly string[];
  readonly slurmNode: string | undefined;
  /** A folder that the nodes share, for what jobs print when the datastore is in S3. */
  readonly slurmLogs: string | undefined;
}

/** Platforms that packages can be packed for; without `-musl` their C library is glibc's. */
export const platformNames = ["linux-x64", "linux-arm64", "linux-x64-musl", "linux-arm64-musl"] as const;

export type PlatformName = (typeof platformNames)[number];

export type SettingName = keyof SettingValues;

/** One setting: what it is called in each place, and what it takes. */
export interface SettingDefinition<T> {
  /** The option without dashes; absent when the command line has none. */
  readonly option?: string;
  /** The value's name in help: `--max-workers N`. Absent for options that take none. */
  readonly placeholder?: string;
  readonly variable: string;
  readonly help: string;
  readonly type: SettingType<Exclude<T, undefined>>;
  readonly fallback: T;
}

/** Every setting; the key in the configuration file is the property's name. */
export const settingDefinitions: { readonly [K in SettingName]: SettingDefinition<SettingValues[K]> } = {
  datastore: {
    option: "datastore",
    placeholder: "local|s3|PATH|URL",
    variable: "MILLRACE_DATASTORE",
    help: "where runs are kept; local: .millrace at the project's root, s3: MILLRACE_S3_ROOT",
    type: text,
    fallback: "local",
  },
  s3Root: {
    variable: "MILLRACE_S3_ROOT",
    help: "what --datastore s3 stands for: s3://BUCKET/PREFIX",
    type: text,
    fallback: undefined,
  },
  s3Region: {
    variable: "MILLRACE_S3_REGION",
    help: "the bucket's region; by default what AWS's own configuration says",
    type: text,
    fallback: undefined,
  },
  s3Endpoint: {
    variable: "MILLRACE_S3_ENDPOINT",
    help: "the URL of a service that is not AWS's own; by default what AWS_ENDPOINT_URL says",
    type: text,
    fallback: undefined,
  },
  s3PathStyle: {
    variable: "MILLRACE_S3_PATH_STYLE",
    help: "the bucket stands in the path, not in the host's name; by default so with an endpoint that is not AWS's own",
    type: flag,
    fallback: undefined,
  },
  s3Patience: {
    variable: "MILLRACE_S3_PATIENCE",
    help: "how long S3 may fail to answer, once it has answered, before a run gives up; 5m",
    type: duration,
    fallback: undefined,
  },
  cache: {
    variable: "MILLRACE_CACHE",
    help: "the folder where blobs of remote datastores are kept, or off; by default the system's folder for such",
    type: text,
    fallback: undefined,
  },
  cacheSize: {
    variable: "MILLRACE_CACHE_SIZE",
    help: "megabytes that this folder may take",
    type: positiveNumber,
    fallback: 10 * 1024,
  },
  maxWorkers: {
    option: "max-workers",
    placeholder: "N",
    variable: "MILLRACE_MAX_WORKERS",
    help: "tasks that run at once",
    type: positiveInteger,
    fallback: 16,
  },
  maxNumSplits: {
    option: "max-num-splits",
    placeholder: "N",
    variable: "MILLRACE_MAX_NUM_SPLITS",
    help: "tasks that one foreach may fan out to",
    type: positiveInteger,
    fallback: 100,
  },
  tags: {
    option: "tag",
    placeholder: "TAG",
    variable: "MILLRACE_TAGS",
    help: "tags the run (repeatable)",
    type: textList(","),
    fallback: [],
  },
  with: {
    option: "with",
    placeholder: "DECORATOR",
    variable: "MILLRACE_WITH",
    help: "adds a decorator to every step that lacks it, such as retry:times=2 (repeatable)",
    type: textList(";"),
    fallback: [],
  },
  keepGoing: {
    option: "keep-going",
    variable: "MILLRACE_KEEP_GOING",
    help: "after a failure, finish all that can finish",
    type: flag,
    fallback: false,
  },
  maxLogSize: {
    option: "max-log-size",
    placeholder: "MB",
    variable: "MILLRACE_MAX_LOG_SIZE",
    help: "megabytes of output kept a task",
    type: positiveNumber,
    fallback: 10,
  },
  packageSuffixes: {
    option: "package-suffixes",
    placeholder: ".txt,.csv",
    variable: "MILLRACE_PACKAGE_SUFFIXES",
    help: "files that go to other machines with the code, by suffix",
    type: textList(","),
    fallback: [],
  },
  external: {
    variable: "MILLRACE_EXTERNAL",
    help: "packages that go to other machines as files, not in the flow's bundle",
    type: textList(","),
    fallback: [],
  },
  platform: {
    variable: "MILLRACE_PLATFORM",
    help: "what jobs on other machines run on: linux-x64, linux-arm64, or either with -musl",
    type: oneOf(platformNames),
    fallback: "linux-x64",
  },
  namespace: {
    option: "namespace",
    placeholder: "NAME",
    variable: "MILLRACE_NAMESPACE",
    help: "look only at runs with this tag, such as user:ada",
    type: text,
    fallback: undefined,
  },
  branch: {
    option: "branch",
    placeholder: "NAME",
    variable: "MILLRACE_BRANCH",
    help: "for flows with @project: the branch, test.NAME (with --production prod.NAME) instead of your own",
    type: text,
    fallback: undefined,
  },
  production: {
    option: "production",
    variable: "MILLRACE_PRODUCTION",
    help: "for flows with @project: the production branch",
    type: flag,
    fallback: undefined,
  },
  runIdFile: {
    option: "run-id-file",
    placeholder: "FILE",
    variable: "MILLRACE_RUN_ID_FILE",
    help: "writes the run's id to a file as soon as it is known",
    type: text,
    fallback: undefined,
  },
  quiet: {
    option: "quiet",
    variable: "MILLRACE_QUIET",
    help: "print failures and the last line only",
    type: flag,
    fallback: false,
  },
  json: {
    option: "json",
    variable: "MILLRACE_JSON",
    help: "print JSON",
    type: flag,
    fallback: false,
  },
  color: {
    option: "color",
    variable: "MILLRACE_COLOR",
    help: "colours (--no-color: none)",
    type: oneOf(["auto", "always", "never"]),
    fallback: "auto",
  },
  user: {
    variable: "MILLRACE_USER",
    help: "who runs; by default the operating system's name for the user",
    type: text,
    fallback: undefined,
  },
  batchQueue: {
    variable: "MILLRACE_BATCH_QUEUE",
    help: "AWS Batch: the job queue of steps that name none",
    type: text,
    fallback: undefined,
  },
  batchImage: {
    variable: "MILLRACE_BATCH_IMAGE",
    help: "AWS Batch: the container image of steps that name none; any with Node 20.19 or newer",
    type: text,
    fallback: undefined,
  },
  batchJobRole: {
    variable: "MILLRACE_BATCH_JOB_ROLE",
    help: "AWS Batch: the IAM role of jobs' code",
    type: text,
    fallback: undefined,
  },
  batchExecutionRole: {
    variable: "MILLRACE_BATCH_EXECUTION_ROLE",
    help: "AWS Batch: the IAM role that starts jobs' containers",
    type: text,
    fallback: undefined,
  },
  slurmPartition: {
    variable: "MILLRACE_SLURM_PARTITION",
    help: "Slurm: the partition of steps that name none",
    type: text,
    fallback: undefined,
  },
  slurmAccount: {
    variable: "MILLRACE_SLURM_ACCOUNT",
    help: "Slurm: the account that pays for steps that name none",
    type: text,
    fallback: undefined,
  },
  slurmSetup: {
    variable: "MILLRACE_SLURM_SETUP",
    help: "Slurm: shell lines that jobs begin with, such as module load nodejs",
    type: textList(";"),
    fallback: [],
  },
  slurmNode: {
    variable: "MILLRACE_SLURM_NODE",
    help: "Slurm: Node's program on the nodes; by default the first in PATH",
    type: text,
    fallback: undefined,
  },
  slurmLogs: {
    variable: "MILLRACE_SLURM_LOGS",
    help: "Slurm with a datastore in S3: a folder that the nodes share, for what jobs print; by default ~/.millrace/slurm",
    type: text,
    fallback: undefined,
  },
};

/** Names of all settings, in the order of help. */
export const settingNames = Object.keys(settingDefinitions) as readonly SettingName[];
