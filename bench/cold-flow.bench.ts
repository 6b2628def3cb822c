import { type Figure, median, milliseconds } from "./figure.js";
import { BenchProject, node } from "./project.js";

const ROUNDS = 11;

/** A two-step flow, everything included (bundling, graph, run), in a project that never ran one; and again right after. */
export async function run(): Promise<readonly Figure[]> {
  const bare: number[] = [];
  const cold: number[] = [];
  const warm: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const project = new BenchProject("two-steps.ts");
    bare.push((await node(["-e", "0"])).ms);
    cold.push((await project.millrace("run")).ms);
    warm.push((await project.millrace("run")).ms);
  }
  const floor = milliseconds(median(bare));
  return [
    {
      name: "two-step flow, cold",
      value: median(cold) / median(bare),
      unit: "×",
      target: 6,
      detail: `${milliseconds(median(cold))}; node -e 0: ${floor}`,
    },
    { name: "two-step flow, again", value: median(warm) / median(bare), unit: "×", detail: milliseconds(median(warm)) },
  ];
}
