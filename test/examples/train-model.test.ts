import { describe, expect, it } from "vitest";
import { accuracy, predict, train, type Settings } from "../../examples/train-model/classifier.js";
import { readPenguins, split } from "../../examples/train-model/penguins.js";
import { ExampleProject } from "./example-project.js";

describe("examples/train-model", () => {
  it("tries every setting and keeps the best model", async () => {
    await using example = await ExampleProject.open("train-model");
    await example.run();
    const { scores, testScore, best } = await example.atEnd("TrainModelFlow/1");
    const tried = scores as (Settings & { readonly score: number })[];
    expect(tried).toHaveLength(9);
    expect(tried.map(({ score }) => score)).toEqual(tried.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(best).toMatchObject({ settings: { learningRate: tried[0]?.learningRate, penalty: tried[0]?.penalty } });
    expect(testScore).toBeGreaterThan(0.95);
  });

  it("tries the settings it is given", async () => {
    await using example = await ExampleProject.open("train-model");
    await example.run(["--learning-rates", "0.1", "--penalties", "0,1", "--rounds", "10"]);
    expect((await example.atEnd("TrainModelFlow/1"))["scores"]).toHaveLength(2);
  });
});

describe("the classifier", () => {
  it("learns what can be learnt", async () => {
    const { train: known, test } = split(await readPenguins(), 0.8, 7);
    const untrained = train(known, { learningRate: 0, penalty: 0, rounds: 1 });
    const model = train(known, { learningRate: 1, penalty: 0, rounds: 100 });
    expect(accuracy(untrained, test)).toBeLessThan(0.6);
    expect(accuracy(model, test)).toBeGreaterThan(0.95);
    expect(model.species).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
    expect(predict(model, [50, 15, 220, 5500])).toBe("Gentoo");
  });

  it("splits the samples into parts that share none, the same way for one seed", async () => {
    const penguins = await readPenguins();
    const { train: known, test } = split(penguins, 0.8, 7);
    expect(known.length + test.length).toBe(penguins.length);
    expect(new Set([...known, ...test]).size).toBe(penguins.length);
    expect(split(penguins, 0.8, 7)).toEqual({ train: known, test });
    expect(split(penguins, 0.8, 8)).not.toEqual({ train: known, test });
  });
});
