import type { StoreAddress } from "../core/store-address.js";
import { LocalStore } from "./local-store.js";
import type { ObjectStore } from "./object-store.js";

/**
 * Opens the object store at an address. Nothing is asked of it yet; what a store of that kind needs is loaded now.
 * @param options.patient Somebody has reached it before: when it does not answer, that is an outage, to be waited out.
 */
export async function openStore(address: StoreAddress, options: { readonly patient?: boolean } = {}): Promise<ObjectStore> {
  if (address.kind === "local") return new LocalStore(address.root);
  const { S3Store } = await import("./s3-store.js");
  return new S3Store(address, options);
}

/**
 * The address as other machines are told it: with the region that this one's configuration says, which they may not have, and
 * without what is of this machine alone.
 * @param store The one at the address.
 */
export async function travellingAddress(address: StoreAddress, store: ObjectStore): Promise<StoreAddress> {
  if (address.kind === "local") return address;
  const { cache: _ours, ...rest } = address;
  const region = rest.region ?? (await store.region?.());
  return { ...rest, ...(region !== undefined && { region }) };
}

/** Takes away what a process that has written leaves beside its objects. */
export function tidy(store: ObjectStore): void {
  if (store instanceof LocalStore) store.tidy();
}
