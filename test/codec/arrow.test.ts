import * as arrow from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setArrow } from "../../src/codec/arrow.js";
import { encodeValue } from "../../src/codec/value-codec.js";
import { roundTrip } from "./round-trip.js";

const table = arrow.tableFromArrays({
  id: Int32Array.from({ length: 1000 }, (_, i) => i),
  score: Float64Array.from({ length: 1000 }, (_, i) => i / 3),
  name: Array.from({ length: 1000 }, (_, i) => (i % 7 === 0 ? null : `name ${i}`)),
});

const rowsOf = (value: arrow.Table): unknown[] => value.toArray().map((row: arrow.StructRowProxy) => row.toJSON());

describe("Arrow tables", () => {
  beforeEach(() => setArrow(arrow));
  afterEach(() => setArrow(undefined));

  it("come back equal", () => {
    const back = roundTrip(table);
    expect(back).toBeInstanceOf(arrow.Table);
    expect(back.schema.toString()).toBe(table.schema.toString());
    expect(rowsOf(back)).toEqual(rowsOf(table));
  });

  it("are stored as Arrow's own stream, which other tools read", () => {
    expect(encodeValue(table, "this.table")).toMatchObject({ codec: "arrow" });
  });

  it("come back equal inside other values, the same table once", () => {
    const back = roundTrip({ tables: new Map([["train", table]]), again: table });
    expect(rowsOf(back.again)).toEqual(rowsOf(table));
    expect(back.tables.get("train")).toBe(back.again);
  });

  it("keep batches and slices", () => {
    const sliced = table.slice(10, 20).concat(table.slice(500, 502));
    expect(rowsOf(roundTrip(sliced))).toEqual(rowsOf(sliced));
  });

  it("without the package are an error that says so", () => {
    setArrow(undefined);
    expect(() => encodeValue({ data: [table] }, "this.value")).toThrow(
      "this.value.data[0] is an Arrow table, and there is no apache-arrow package to store it with.",
    );
    expect(() => encodeValue(table, "this.table")).toThrow("this.table is an Arrow table");
  });

  it("without the package cannot be read", async () => {
    const { stored } = await import("./round-trip.js");
    const { decodeValue } = await import("../../src/codec/value-codec.js");
    const kept = stored(encodeValue(table, "this.table"));
    setArrow(undefined);
    expect(() => decodeValue(kept, "F/1/a/0/table")).toThrow(
      "F/1/a/0/table is an Arrow table, and there is no apache-arrow package to read it with.",
    );
  });
});
