import { type Figure, median, milliseconds } from "./figure.js";
import { command, node } from "./project.js";

const ROUNDS = 21;

/** `millrace --version` beside `node -e 0`. */
export async function run(): Promise<readonly Figure[]> {
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push((await node(["-e", "0"])).ms);
    ours.push((await node([command, "--version"])).ms);
  }
  return [
    {
      name: "millrace --version",
      value: median(ours) / median(bare),
      unit: "×",
      target: 1.5,
      detail: `${milliseconds(median(ours))}; node -e 0: ${milliseconds(median(bare))}`,
    },
  ];
}
