import { awsService, describeWith } from "../../rig/services.js";
import { batchPlace } from "./batch-place.js";
import { conformance } from "./conformance.js";

describeWith(await awsService(), "AWS Batch", (aws) => conformance(batchPlace(aws)));
