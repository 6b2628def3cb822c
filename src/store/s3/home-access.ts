import type { S3Address } from "../../core/store-address.js";

/** How S3 is reached, wherever in it. */
export type S3Access = Pick<S3Address, "region" | "endpoint" | "pathStyle" | "patienceMs">;

/** How the bucket of a datastore is reached. */
export function accessOf({ region, endpoint, pathStyle, patienceMs }: S3Address): S3Access {
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(pathStyle !== undefined && { pathStyle }),
    ...(patienceMs !== undefined && { patienceMs }),
  };
}

let home: S3Access | undefined;

/** Says how the datastore of the run is reached that this process works for: what its steps do in S3 themselves, they do so. */
export function setHomeAccess(access: S3Access | undefined): void {
  home = access;
}

/** Undefined in a process that is no task's, or whose run is not kept in S3. */
export function homeAccess(): S3Access | undefined {
  return home;
}
