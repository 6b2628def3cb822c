import { MillraceError } from "../core/errors/millrace-error.js";
import { nearestName } from "../core/nearest-name.js";

/** The error that there is no artifact of that name; it knows a near one, or all there are. */
export function artifactUnknown(owner: string, name: string, names: readonly string[]): MillraceError<"artifact-unknown"> {
  const near = nearestName(name, names);
  return new MillraceError("artifact-unknown", { pathspec: `${owner}/${name}`, names: near === undefined ? names : [near] });
}
