import { batch, step } from "millrace";
import TrainModelFlow from "./flow.js";

type Settings = Parameters<TrainModelFlow["trainOne"]>[0];

/** The same flow; its models are trained on AWS Batch, each on a machine with a GPU. */
export default class TrainOnBatchFlow extends TrainModelFlow {
  @batch({ cpu: 1, memory: 2000, gpu: 1 })
  @step
  override trainOne(settings: Settings) {
    super.trainOne(settings);
  }
}
