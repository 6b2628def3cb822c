import { beforeEach, describe, expect, test } from "vitest";
import { isInline } from "../../src/core/artifact-ref.js";
import { ArtifactReader } from "../../src/datastore/artifacts/artifact-reader.js";
import { ArtifactWriter } from "../../src/datastore/artifacts/artifact-writer.js";
import { FlowSpec } from "../../src/flow/flow-spec.js";
import { MemoryStore } from "../../src/store/memory-store.js";
import { storeArtifacts, storeRemains, type RecordedArtifacts } from "../../src/task/attempt-artifacts.js";
import { FlowInstance } from "../../src/task/flow-instance.js";
import type { StoredArtifact } from "../../src/datastore/handed-on.js";

class Score extends FlowSpec {
  [field: string]: unknown;
}

let store: MemoryStore;
let artifacts: Map<string, StoredArtifact>;

beforeEach(() => {
  store = new MemoryStore();
  artifacts = new Map();
});

/** A value that a task before has set; `run` stands for the run's own. */
function stored(name: string, value: unknown, by = "start/0"): void {
  const source = by === "run" ? undefined : by;
  artifacts.set(name, { ref: new ArtifactWriter(store).write(value, name), source });
}

function run(step: (flow: Score) => void, keep: typeof storeArtifacts = storeArtifacts): RecordedArtifacts {
  const reader = new ArtifactReader(store);
  const flow = new Score();
  const instance = new FlowInstance({
    flow,
    artifacts,
    load: (name, artifact) => reader.read(artifact.ref, name),
    step: { name: "here", kind: "end", next: [], takes: "nothing", splits: [], loops: false, decorators: [], lost: [] },
  });
  step(flow);
  return keep(instance, new ArtifactWriter(store), store);
}

const values = ({ artifacts: own }: RecordedArtifacts): Record<string, unknown> =>
  Object.fromEntries(Object.entries(own).map(([name, ref]) => [name, new ArtifactReader(store).read(ref, name)]));

const large = (): number[] => Array.from({ length: 5000 }, (_, index) => index);

describe("what a task records", () => {
  test("is what it set; the rest is handed on by the name of who set it", () => {
    stored("rows", [1, 2]);
    stored("name", "x", "earlier/3");
    const recorded = run((flow) => {
      flow["total"] = 3;
    });
    expect(values(recorded)).toEqual({ total: 3 });
    expect(recorded.inherited).toEqual({ "start/0": ["rows"], "earlier/3": ["name"] });
  });

  test("leaves out what is the run's own: every task starts with it", () => {
    stored("alpha", 0.5, "run");
    expect(run(() => {})).toEqual({ artifacts: {}, inherited: {} });
  });

  test("has the run's own when the task changed it", () => {
    stored("alpha", 0.5, "run");
    expect(
      values(
        run((flow) => {
          flow["alpha"] = 1;
        }),
      ),
    ).toEqual({ alpha: 1 });
  });

  test.each([
    ["small", (): number[] => [1, 2]],
    ["large", large],
  ])("is not what was only read, %s", (_size, make) => {
    stored("rows", make());
    const recorded = run((flow) => void (flow["rows"] as number[]).length);
    expect(recorded).toEqual({ artifacts: {}, inherited: { "start/0": ["rows"] } });
  });

  test.each([
    ["small", (): number[] => [1, 2]],
    ["large", large],
  ])("is what was changed in place, %s", (_size, make) => {
    stored("rows", make());
    const recorded = run((flow) => void (flow["rows"] as number[]).push(7));
    expect(values(recorded)).toEqual({ rows: [...make(), 7] });
    expect(recorded.inherited).toEqual({});
  });

  test("is not what was changed and changed back, or set to an equal value", () => {
    stored("rows", [1, 2]);
    stored("more", large());
    const recorded = run((flow) => {
      const rows = flow["rows"] as number[];
      rows.push(3);
      rows.pop();
      flow["more"] = large();
    });
    expect(recorded).toEqual({ artifacts: {}, inherited: { "start/0": ["rows", "more"] } });
  });

  test("of equal content is stored once", async () => {
    const recorded = run((flow) => {
      flow["a"] = large();
      flow["b"] = large();
    });
    const [a, b] = [recorded.artifacts["a"], recorded.artifacts["b"]];
    expect(a !== undefined && !isInline(a)).toBe(true);
    expect(b).toEqual(a);
    const blobs = [];
    for await (const { key } of store.list("blobs/")) blobs.push(key);
    expect(blobs).toHaveLength(1);
  });

  test("may be undefined, which hides what was there", () => {
    stored("rows", [1]);
    const recorded = run((flow) => {
      flow["rows"] = undefined;
    });
    expect(values(recorded)).toEqual({ rows: undefined });
    expect(recorded.inherited).toEqual({});
  });
});

describe("a value that cannot be stored", () => {
  const set = (flow: Score): void => {
    flow["fine"] = 1;
    flow["model"] = { layers: [{}, { fn: () => 1 }] };
  };

  test("is an error with its path", () => {
    expect(() => run(set)).toThrow(
      expect.objectContaining({ code: "value-not-storable", message: expect.stringContaining("this.model.layers[1].fn") }),
    );
  });

  test("is left out of what a failed attempt leaves behind", () => {
    stored("rows", [1]);
    const recorded = run(set, storeRemains);
    expect(values(recorded)).toEqual({ fine: 1 });
    expect(recorded.inherited).toEqual({ "start/0": ["rows"] });
  });
});
