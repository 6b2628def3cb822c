import { describeWith, slurmService } from "../../rig/services.js";
import { conformance } from "./conformance.js";
import { slurmPlace } from "./slurm-place.js";

describeWith(await slurmService(), "Slurm", (slurm) => conformance(slurmPlace(slurm)));
