import { awsService, describeWith, slurmService } from "../../rig/services.js";
import { conformance } from "./conformance.js";
import { slurmPlace } from "./slurm-place.js";

const aws = await awsService();

describeWith(await slurmService(), "Slurm", (slurm) => {
  describeWith(aws, "with a datastore in S3", ({ env, freshUrl }) => {
    conformance(slurmPlace(slurm, { ...env, MILLRACE_DATASTORE: freshUrl() }), ["travels", "reads"]);
  });
});
