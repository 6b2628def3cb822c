import { describeWith, s3Service, slurmService } from "../../rig/services.js";
import { conformance } from "./conformance.js";
import { slurmPlace } from "./slurm-place.js";

const s3 = await s3Service();

describeWith(await slurmService(), "Slurm", (slurm) => {
  describeWith(s3, "with a datastore in S3", ({ env, freshUrl }) => {
    conformance(slurmPlace(slurm, { ...env, MILLRACE_DATASTORE: freshUrl() }), ["travels", "reads"]);
  });
});
