import { conformance } from "./conformance.js";
import { localPlace } from "./place.js";

conformance(localPlace);
