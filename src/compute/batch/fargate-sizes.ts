/** What a container is given. */
export interface ContainerSize {
  readonly cpu: number;
  readonly memoryMb: number;
}

/** The sizes that Fargate has: for each number of CPUs, the memory from, to, and in steps of, in MB. */
const SIZES: readonly { readonly cpu: number; readonly from: number; readonly to: number; readonly step: number }[] = [
  { cpu: 0.25, from: 512, to: 2048, step: 512 },
  { cpu: 0.5, from: 1024, to: 4096, step: 1024 },
  { cpu: 1, from: 2048, to: 8192, step: 1024 },
  { cpu: 2, from: 4096, to: 16384, step: 1024 },
  { cpu: 4, from: 8192, to: 30720, step: 1024 },
  { cpu: 8, from: 16384, to: 61440, step: 4096 },
  { cpu: 16, from: 32768, to: 122880, step: 8192 },
];

/** The smallest size on Fargate that has what is asked for; undefined when none has. */
export function fargateSize({ cpu, memoryMb }: ContainerSize): ContainerSize | undefined {
  const fitting = SIZES.find((size) => size.cpu >= cpu && size.to >= memoryMb);
  if (fitting === undefined) return undefined;
  // A quarter CPU has 512, 1024 and 2048 MB, but not 1536.
  const rounded = fitting.from + Math.ceil(Math.max(0, memoryMb - fitting.from) / fitting.step) * fitting.step;
  return { cpu: fitting.cpu, memoryMb: fitting.cpu === 0.25 && rounded === 1536 ? 2048 : rounded };
}
