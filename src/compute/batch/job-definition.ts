import { createHash } from "node:crypto";
import type { RegisterJobDefinitionCommandInput, ResourceRequirement } from "@aws-sdk/client-batch";
import { findDecorator, isNumber, isString, option } from "../../core/definition.js";
import { MillraceError } from "../../core/errors/millrace-error.js";
import type { GraphStep } from "../../core/graph.js";
import type { BatchDefaults } from "../../core/records.js";
import { stepResources } from "../remote/step-resources.js";
import { fargateSize, type ContainerSize } from "./fargate-sizes.js";

/** What a job gets when nothing is said. */
const DEFAULT_CPU = 1;
export const DEFAULT_MEMORY_MB = 4096;
/** Where a step's temporary folder in memory is. */
const TMPFS_PATH = "/millrace-tmp";
/** GB. Fargate gives 20 anyway, and no less than 21 when it is asked. */
const FARGATE_DISK_GB = { least: 21, most: 200 };

/** What the machines behind a queue are. */
export type QueueKind = "ec2" | "fargate";

export interface StepPlace {
  readonly step: GraphStep;
  readonly queue: string;
  readonly kind: QueueKind;
  readonly defaults: BatchDefaults;
}

/**
 * How AWS Batch is told what every job of a step is: image, machine, roles, and the start script. Its name is made of its
 * content, so that steps and runs share it.
 * @throws MillraceError for what the queue's machines cannot give
 */
export function jobDefinition(place: StepPlace, boot: string): RegisterJobDefinitionCommandInput & { readonly jobDefinitionName: string } {
  const { step, kind, defaults } = place;
  const use = findDecorator(step, "batch");
  const jobRole = option(use, "jobRole", isString) ?? defaults.jobRole;
  const executionRole = option(use, "executionRole", isString) ?? defaults.executionRole;
  const tmpfsMb = option(use, "tmpfs", isNumber);
  const { sharedMemoryMb, diskMb } = stepResources(step, "batch");
  if (kind === "fargate") checkFargate(place, { executionRole });
  const content = {
    type: "container",
    ...(kind === "fargate" && { platformCapabilities: ["FARGATE"] }),
    containerProperties: {
      image: option(use, "image", isString) ?? defaults.image ?? defaultImage(),
      command: ["node", "--input-type=module", "-e", boot],
      resourceRequirements: requirements(place),
      ...(jobRole !== undefined && { jobRoleArn: jobRole }),
      ...(executionRole !== undefined && { executionRoleArn: executionRole }),
      ...(tmpfsMb !== undefined && { environment: [{ name: "TMPDIR", value: TMPFS_PATH }] }),
      ...((sharedMemoryMb !== undefined || tmpfsMb !== undefined) && {
        linuxParameters: {
          ...(sharedMemoryMb !== undefined && { sharedMemorySize: Math.ceil(sharedMemoryMb) }),
          ...(tmpfsMb !== undefined && { tmpfs: [{ containerPath: TMPFS_PATH, size: Math.ceil(tmpfsMb) }] }),
        },
      }),
      ...(kind === "fargate" && {
        networkConfiguration: { assignPublicIp: "ENABLED" },
        ...(diskMb !== undefined && { ephemeralStorage: { sizeInGiB: diskGb(diskMb) } }),
      }),
    },
    // Attempts are millrace's own.
    retryStrategy: { attempts: 1 },
  } satisfies Omit<RegisterJobDefinitionCommandInput, "jobDefinitionName">;
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 20);
  return { ...content, jobDefinitionName: `millrace-${hash}` };
}

/** The official image of the Node line that runs here, from Amazon's own registry. */
function defaultImage(): string {
  const [major = "22"] = process.versions.node.split(".");
  return `public.ecr.aws/docker/library/node:${major}-slim`;
}

function requirements({ step, kind }: StepPlace): ResourceRequirement[] {
  const { cpu: asked = DEFAULT_CPU, memoryMb = DEFAULT_MEMORY_MB, gpu = 0 } = stepResources(step, "batch");
  const { cpu, memoryMb: memory } = sizeOf(step, kind, { cpu: asked, memoryMb });
  return [
    { type: "VCPU", value: String(cpu) },
    { type: "MEMORY", value: String(memory) },
    ...(gpu > 0 ? [{ type: "GPU" as const, value: String(gpu) }] : []),
  ];
}

/** EC2 counts whole processors; Fargate has sizes. */
function sizeOf(step: GraphStep, kind: QueueKind, asked: ContainerSize): ContainerSize {
  if (kind === "ec2") return { cpu: Math.max(1, Math.ceil(asked.cpu)), memoryMb: Math.ceil(asked.memoryMb) };
  const size = fargateSize(asked);
  if (size === undefined) throw new MillraceError("batch-too-large-for-fargate", { step: step.name, ...asked });
  return size;
}

function checkFargate({ step, queue }: StepPlace, { executionRole }: { readonly executionRole: string | undefined }): void {
  const { gpu = 0, sharedMemoryMb } = stepResources(step, "batch");
  const refuse = (what: string): never => {
    throw new MillraceError("batch-not-on-fargate", { step: step.name, option: what, queue });
  };
  if (gpu > 0) refuse("a GPU");
  if (sharedMemoryMb !== undefined) refuse("shared memory");
  if (option(findDecorator(step, "batch"), "tmpfs", isNumber) !== undefined) refuse("a tmpfs");
  if (executionRole === undefined) throw new MillraceError("batch-role-missing", { step: step.name, queue });
}

function diskGb(diskMb: number): number {
  return Math.min(FARGATE_DISK_GB.most, Math.max(FARGATE_DISK_GB.least, Math.ceil(diskMb / 1024)));
}
