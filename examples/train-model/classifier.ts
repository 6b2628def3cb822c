import type { Sample } from "./penguins.js";

/** How to learn. */
export interface Settings {
  readonly learningRate: number;
  /** Weight of the penalty on large weights; 0 for none. */
  readonly penalty: number;
  readonly rounds: number;
}

/** A trained softmax classifier: plain data, so it is an artifact like any other. */
export interface Model {
  readonly settings: Settings;
  readonly species: readonly string[];
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  /** A row of weights a species: one for each measure, the last for the constant. */
  readonly weights: readonly Float64Array[];
}

/** Trains by gradient descent over all samples at once. */
export function train(samples: readonly Sample[], settings: Settings): Model {
  const species = [...new Set(samples.map((sample) => sample.species))].toSorted();
  const { means, deviations } = spread(samples);
  const width = means.length + 1;
  const weights = species.map(() => new Float64Array(width));
  const model = { settings, species, means, deviations, weights };
  const inputs = samples.map((sample) => scaled(model, sample.measures));

  for (let round = 0; round < settings.rounds; round++) {
    const gradients = species.map(() => new Float64Array(width));
    for (const [index, input] of inputs.entries()) {
      for (const [kind, probability] of probabilities(weights, input).entries()) {
        const error = probability - (samples[index]?.species === species[kind] ? 1 : 0);
        const gradient = gradients[kind];
        if (gradient !== undefined) for (let i = 0; i < width; i++) gradient[i] = at(gradient, i) + error * at(input, i);
      }
    }
    for (const [kind, row] of weights.entries()) {
      for (let i = 0; i < width; i++) {
        const slope = at(gradients[kind], i) / samples.length + settings.penalty * at(row, i);
        row[i] = at(row, i) - settings.learningRate * slope;
      }
    }
  }
  return model;
}

/** The species that the model takes these measures for. */
export function predict(model: Model, measures: readonly number[]): string | undefined {
  const chances = probabilities(model.weights, scaled(model, measures));
  return model.species[chances.indexOf(Math.max(...chances))];
}

/** The share of samples that the model names rightly, 0 to 1. */
export function accuracy(model: Model, samples: readonly Sample[]): number {
  return samples.filter((sample) => predict(model, sample.measures) === sample.species).length / samples.length;
}

function probabilities(weights: readonly Float64Array[], input: Float64Array): number[] {
  const scores = weights.map((row) => row.reduce((sum, weight, i) => sum + weight * at(input, i), 0));
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Measures brought to mean 0 and deviation 1, with a constant 1 at the end. */
function scaled(model: Pick<Model, "means" | "deviations">, measures: readonly number[]): Float64Array {
  return Float64Array.from([...measures.map((value, i) => (value - at(model.means, i)) / at(model.deviations, i)), 1]);
}

function spread(samples: readonly Sample[]): { readonly means: Float64Array; readonly deviations: Float64Array } {
  const width = samples[0]?.measures.length ?? 0;
  const means = new Float64Array(width).map((_, i) => average(samples.map((sample) => at(sample.measures, i))));
  const deviations = means.map((mean, i) => Math.sqrt(average(samples.map((sample) => (at(sample.measures, i) - mean) ** 2))));
  return { means, deviations };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function at(values: ArrayLike<number> | undefined, index: number): number {
  return values?.[index] ?? 0;
}
