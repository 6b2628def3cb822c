import { expect, test } from "vitest";
import { Patience } from "../../../src/compute/remote/patience.js";

/** A clock whose waits are over at once. */
const clock = {
  now: () => 0,
  after: (_ms: number, work: () => void) => {
    queueMicrotask(work);
    return () => {};
  },
};

test("what does not answer is told of once, and again when it answers; another thing that answers meanwhile is not mistaken for it", async () => {
  const told: string[] = [];
  const patience = new Patience({ clock, tell: (level, text) => told.push(`${level}: ${text}`) });
  const limits = { givesUp: () => false };
  let tries = 0;
  await patience.until(
    "Slurm",
    async () => {
      if (++tries < 6) {
        await patience.until("the datastore", async () => "here", limits);
        throw new Error("the controller is away");
      }
    },
    limits,
  );
  expect(told).toEqual([
    "warning: Slurm does not answer (the controller is away). What was started there goes on; this run waits until it answers.",
    "info: Slurm answers again.",
  ]);
});

test("a failure that soon passes is told to nobody", async () => {
  const told: string[] = [];
  const patience = new Patience({ clock, tell: (_level, text) => told.push(text) });
  let tries = 0;
  const work = async (): Promise<string> => {
    if (++tries % 2 === 1) throw new Error("busy");
    return "done";
  };
  for (let round = 0; round < 5; round++) await patience.until("Slurm", work, { givesUp: () => false });
  expect(told).toEqual([]);
});
