import { FlowSpec, parameter, retry, slurm, step, type Inputs } from "millrace";
import { crossings } from "./percolation.js";

/** How much of a rock has to be hollow for water to find a way through? Many rocks are tried at each of several shares. */
export default class PercolationFlow extends FlowSpec {
  size = parameter({ type: "int", default: 120, help: "Cells along one side of a rock" });
  rocks = parameter({ type: "int", default: 200, help: "Rocks at each share" });

  share!: number;
  /** The part of the rocks at this share that water came through. */
  wet!: number;
  threshold!: number;

  // On the machine that runs the flow: a login node.
  @step start() {
    const shares = [0.5, 0.55, 0.58, 0.6, 0.65, 0.7];
    this.next(this.pour, { foreach: shares, label: (share) => `${share * 100} % hollow` });
  }

  // On the cluster: one array of jobs, a task each.
  @step
  @slurm({ cpu: 1, time: "10m" })
  @retry({ times: 2, delay: "5s" })
  pour(share: number) {
    this.share = share;
    this.wet = crossings({ share, size: this.size, rocks: this.rocks, seed: this.index ?? 0 }) / this.rocks;
    console.log(`water comes through ${Math.round(this.wet * 100)} % of the rocks`);
    this.next(this.compare);
  }

  @step compare(inputs: Inputs<this>) {
    const mostlyDry = inputs.filter(({ wet }) => wet < 0.5).map(({ share }) => share);
    const mostlyWet = inputs.filter(({ wet }) => wet >= 0.5).map(({ share }) => share);
    this.threshold = (Math.max(...mostlyDry) + Math.min(...mostlyWet)) / 2;
    this.next(this.end);
  }

  @step end() {
    console.log(`rocks let water through from about ${(this.threshold * 100).toFixed(0)} % on`);
  }
}
