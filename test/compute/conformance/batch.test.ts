import { awsService, describeWith } from "../../rig/services.js";
import { batchPlace } from "./batch-place.js";
import { conformance } from "./conformance.js";

// The AWS API here shows a container's output when it has ended: test/client/cloud-output.test.ts reads along in its place.
describeWith(await awsService(), "AWS Batch", (aws) => conformance(batchPlace(aws), ["travels", "endings", "cancel", "resume"]));
