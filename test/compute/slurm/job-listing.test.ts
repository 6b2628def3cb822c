import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIndexes, parseIndexes } from "../../../src/compute/slurm/array-indexes.js";
import { parseExit, signalName } from "../../../src/compute/slurm/exit-code.js";
import { parseAccounting } from "../../../src/compute/slurm/accounting.js";
import { parseLimits } from "../../../src/compute/slurm/cluster-limits.js";
import { parseListing } from "../../../src/compute/slurm/job-listing.js";
import { phaseOf } from "../../../src/compute/slurm/job-state.js";

test("indexes of arrays are read as they are written", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(3000), { minLength: 1 }), (numbers) => {
      const indexes = numbers.toSorted((a, b) => a - b);
      expect(parseIndexes(formatIndexes(indexes))).toEqual(indexes);
    }),
  );
});

test("neighbouring indexes are written as ranges", () => {
  expect(formatIndexes([0, 1, 2, 3, 7, 9, 10])).toBe("0-3,7,9-10");
});

test("what squeue prints for arrays that wait is read, with steps and limits", () => {
  expect(parseIndexes("0,2-4,10-20:5%1")).toEqual([0, 2, 3, 4, 10, 15, 20]);
  expect(parseIndexes("0-3,...")).toBeUndefined();
});

test.each([
  ["3:0", { code: 3, signal: 0 }],
  ["0:9", { code: 0, signal: 9 }],
  ["768", { code: 3, signal: 0 }],
  ["9", { code: 0, signal: 9 }],
  ["0", { code: 0, signal: 0 }],
  // NO_VAL
  ["4294967294", undefined],
  ["N/A", undefined],
])("the exit code %s", (text, exit) => {
  expect(parseExit(text)).toEqual(exit);
});

test("signals have names, where the system knows them", () => {
  expect([signalName(9), signalName(15), signalName(99)]).toEqual(["SIGKILL", "SIGTERM", "signal 99"]);
});

test("a listing is read line by line, whatever stands in names and comments", () => {
  const listing = [
    "1_0|COMPLETED|None|0|vm|main|2026-11-22T21:26:53|Score-12|(null)|",
    "1_[2-3,5%4]|PENDING|Resources|0|n/a|main|2026-11-22T21:26:53|Score-12|a|b|",
    "7|FAILED|NonZeroExitCode|768|node7|long|2026-11-22T21:26:53|x y||",
    "CLUSTER: other",
    "",
  ].join("\n");
  const jobs = parseListing(listing);
  expect(jobs.map(({ id }) => id)).toEqual(["1_0", "1_2", "1_3", "1_5", "7"]);
  expect(jobs[1]).toMatchObject({ phase: "waiting", reason: "Resources", node: "", comment: "a|b" });
  expect(jobs[4]).toMatchObject({ phase: "ended", exit: { code: 3, signal: 0 }, node: "node7", partition: "long", name: "x y", comment: "" });
});

test("states are told apart, also those that sacct adds words to and those of later versions", () => {
  const phases = ["PENDING", "REQUEUE_HOLD", "COMPLETING", "SUSPENDED", "CANCELLED by 1000", "CANCELLED+", "OUT_OF_MEMORY", "TELEPORTED"].map(
    phaseOf,
  );
  expect(phases).toEqual(["waiting", "waiting", "running", "running", "ended", "ended", "ended", "running"]);
});

test("of a job's several starts in the accounts the last one counts", () => {
  const jobs = parseAccounting(
    "12|NODE_FAIL|0:0|node1|None\n12|CANCELLED by 7|0:15|node2|None\n13_4|COMPLETED|0:0|None assigned|None\n13_4.batch|FAILED|1:0|x|\n",
  );
  expect([...jobs.keys()]).toEqual(["12", "13_4"]);
  expect(jobs.get("12")).toMatchObject({ state: "CANCELLED by 7", node: "node2", exit: { code: 0, signal: 15 } });
});

test.each([
  ["MaxArraySize            = 1001\nAccountingStorageType   = accounting_storage/none\n", { largestArray: 1001, hasAccounting: false }],
  [
    "MaxArraySize = 4000001\nSchedulerParameters = bf_window=60,max_array_tasks=1000\nAccountingStorageType = accounting_storage/slurmdbd\n",
    { largestArray: 1000, hasAccounting: true },
  ],
  // 0 turns arrays off.
  ["MaxArraySize = 0\n", { largestArray: 1, hasAccounting: false }],
])("limits of a cluster", (config, limits) => {
  expect(parseLimits(config)).toEqual(limits);
});
