import { describe, expect, test } from "vitest";
import type { ArtifactRef } from "../../src/core/artifact-ref.js";
import { mergeArtifacts, type MergeOptions } from "../../src/task/merge.js";
import { ofTheRun, StoredRecords, valueOf } from "./stored-records.js";

function merge(stored: StoredRecords, inputs: readonly string[], rest: Partial<MergeOptions> = {}): Record<string, unknown> {
  const merged = mergeArtifacts({
    step: "join",
    inputs,
    include: [],
    exclude: [],
    records: stored.records,
    runArtifacts: new Map(),
    isSet: () => false,
    sameValue: () => false,
    ...rest,
  });
  return Object.fromEntries([...merged].map(([name, artifact]) => [name, valueOf(artifact)]));
}

function twoBranches(): StoredRecords {
  const stored = new StoredRecords();
  stored.add("start/0", { sets: { common: "from start" } });
  stored.add("left/0", { sets: { same: [1, 2], differs: "l", onlyLeft: 1 }, inherited: { "start/0": ["common"] } });
  stored.add("right/0", { sets: { same: [1, 2], differs: "r", onlyRight: 2 }, inherited: { "start/0": ["common"] } });
  return stored;
}

const branches = ["left/0", "right/0"];

describe("merging", () => {
  test("takes what is the same in all that have it", () => {
    expect(merge(twoBranches(), branches, { exclude: ["differs"] })).toEqual({ common: "from start", same: [1, 2], onlyLeft: 1, onlyRight: 2 });
  });

  test("a conflict is an error that lists all names in conflict", () => {
    const stored = twoBranches();
    stored.add("third/0", { sets: { same: [1] } });
    expect(() => merge(stored, [...branches, "third/0"])).toThrow(
      expect.objectContaining({
        code: "merge-conflict",
        message: expect.stringMatching(/same.*differs|differs.*same/),
        hint: expect.stringContaining("this.same, this.differs"),
      }),
    );
  });

  test("leaves alone what the join has set, in conflict or not", () => {
    const isSet = (name: string): boolean => name === "differs" || name === "common";
    expect(merge(twoBranches(), branches, { isSet })).toEqual({ same: [1, 2], onlyLeft: 1, onlyRight: 2 });
  });

  test("takes only what is included", () => {
    expect(merge(twoBranches(), branches, { include: ["same", "onlyLeft"] })).toEqual({ same: [1, 2], onlyLeft: 1 });
  });

  test("a name in include that no branch has is an error; one that the join has set or the run gave is not", () => {
    expect(() => merge(twoBranches(), branches, { include: ["same", "missing", "gone"] })).toThrow(
      expect.objectContaining({ code: "merge-name-missing", message: expect.stringContaining("missing, gone") }),
    );
    expect(merge(twoBranches(), branches, { include: ["mine"], isSet: (name) => name === "mine" })).toEqual({});
    expect(merge(twoBranches(), branches, { include: ["alpha"], runArtifacts: new Map([["alpha", ofTheRun(1)]]) })).toEqual({});
  });

  test("a name in exclude that nobody has does nothing", () => {
    expect(merge(twoBranches(), branches, { exclude: ["differs", "nobody"] })).toHaveProperty("same");
  });

  test("include and exclude exclude each other", () => {
    expect(() => merge(twoBranches(), branches, { include: ["same"], exclude: ["differs"] })).toThrow(
      expect.objectContaining({ code: "merge-include-exclude" }),
    );
  });

  test("without inputs there is nothing", () => {
    expect(merge(new StoredRecords(), [])).toEqual({});
  });
});

describe("parameters and field initialisers", () => {
  const runArtifacts = new Map([["alpha", ofTheRun(1)]]);

  test("that no branch has changed are the join's already", () => {
    const stored = new StoredRecords();
    stored.add("left/0");
    stored.add("right/0");
    expect(merge(stored, branches, { runArtifacts })).toEqual({});
  });

  test("changed in all branches alike are taken", () => {
    const stored = new StoredRecords();
    stored.add("left/0", { sets: { alpha: 2 } });
    stored.add("right/0", { sets: { alpha: 2 } });
    expect(merge(stored, branches, { runArtifacts })).toEqual({ alpha: 2 });
  });

  test("changed in one branch alone are in conflict: the others have the run's", () => {
    const stored = new StoredRecords();
    stored.add("left/0", { sets: { alpha: 2 } });
    stored.add("right/0");
    expect(() => merge(stored, branches, { runArtifacts })).toThrow(
      expect.objectContaining({ code: "merge-conflict", message: expect.stringContaining("alpha") }),
    );
  });
});

describe("sameness", () => {
  const blob = (hash: string): ArtifactRef => ({ codec: "v8", hash, size: 10, parts: [{ hash, size: 10 }] });

  test("is first a matter of source and hash: nothing is read", () => {
    const stored = new StoredRecords();
    stored.add("start/0", { artifacts: { model: blob("aa") } });
    stored.add("left/0", { artifacts: { rows: blob("bb") }, inherited: { "start/0": ["model"] } });
    stored.add("right/0", { artifacts: { rows: blob("bb") }, inherited: { "start/0": ["model"] } });
    expect(Object.keys(merge(stored, branches, { sameValue: () => expect.fail("it was read") }))).toEqual(["model", "rows"]);
  });

  test("of different bytes is a matter of the values", () => {
    const stored = new StoredRecords();
    stored.add("left/0", { artifacts: { rows: blob("aa") } });
    stored.add("right/0", { artifacts: { rows: blob("bb") } });
    expect(Object.keys(merge(stored, branches, { sameValue: () => true }))).toEqual(["rows"]);
    expect(() => merge(stored, branches, { sameValue: () => false })).toThrow(expect.objectContaining({ code: "merge-conflict" }));
  });

  test("a wide join agrees without reading the source's record for each input", () => {
    const stored = new StoredRecords();
    stored.add("start/0", { sets: { common: 1 } });
    const inputs = Array.from({ length: 500 }, (_, index) => `body/${index}`);
    for (const input of inputs) stored.add(input, { inherited: { "start/0": ["common"] } });
    expect(merge(stored, inputs)).toEqual({ common: 1 });
  });
});
