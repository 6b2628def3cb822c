import { FlowSpec, parameter, resources, step, type Inputs } from "millrace";
import { accuracy, train, type Model, type Settings } from "./classifier.js";
import { readPenguins, split, type Sample } from "./penguins.js";

/** Learns to tell penguins apart: trains one model a setting, in parallel, and keeps the best. */
export default class TrainModelFlow extends FlowSpec {
  learningRates = parameter({ type: "number", list: true, default: [0.01, 0.1, 1], help: "Tried with each penalty" });
  penalties = parameter({ type: "number", list: true, default: [0, 0.01, 0.1], help: "Tried with each learning rate" });
  rounds = parameter({ type: "int", default: 100, help: "Rounds of training" });
  seed = parameter({ type: "int", default: 1, help: "Decides which penguins are kept for validation and test" });

  training!: Sample[];
  validation!: Sample[];
  testing!: Sample[];
  candidate!: Model;
  score!: number;
  /** Every setting that was tried, best first. */
  scores!: (Settings & { readonly score: number })[];
  best!: Model;
  testScore!: number;

  @step async start() {
    const penguins = await readPenguins();
    const { train: known, test } = split(penguins, 0.8, this.seed);
    const { train: training, test: validation } = split(known, 0.75, this.seed);
    this.training = training;
    this.validation = validation;
    this.testing = test;
    const settings = this.learningRates.flatMap((learningRate) =>
      this.penalties.map((penalty): Settings => ({ learningRate, penalty, rounds: this.rounds })),
    );
    console.log(`${training.length} penguins to learn from, ${settings.length} settings to try`);
    this.next(this.trainOne, {
      foreach: settings,
      label: ({ learningRate, penalty }) => `rate ${learningRate}, penalty ${penalty}`,
    });
  }

  /** What one model needs: on this machine `cpu` bounds how many run at once, and `gpu` is kept for machines that have one. */
  @resources({ cpu: 1, memory: 2000, gpu: 1 })
  @step
  trainOne(settings: Settings) {
    this.candidate = train(this.training, settings);
    this.score = accuracy(this.candidate, this.validation);
    console.log(`rate ${settings.learningRate}, penalty ${settings.penalty}: ${percent(this.score)}`);
    this.next(this.chooseBest);
  }

  @step chooseBest(inputs: Inputs<this>) {
    const ranked = inputs.map(({ candidate, score }) => ({ candidate, score })).toSorted((a, b) => b.score - a.score);
    const first = ranked[0];
    if (first === undefined) throw new Error("No setting was tried");
    this.best = first.candidate;
    this.scores = ranked.map(({ candidate, score }) => ({ ...candidate.settings, score }));
    this.mergeArtifacts(inputs, { include: ["testing"] });
    this.next(this.evaluate);
  }

  /** On penguins that no choice was made with. */
  @step evaluate() {
    this.testScore = accuracy(this.best, this.testing);
    this.next(this.end);
  }

  @step end() {
    const { learningRate, penalty } = this.best.settings;
    console.log(`best: rate ${learningRate}, penalty ${penalty}; right on ${percent(this.testScore)} of unseen penguins`);
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
