import { findProjectRoot } from "../bundle/project-root.js";
import { processEnvironment } from "../config/environment.js";
import { readSettings, type GivenSettings, type Settings } from "../config/settings.js";
import type { StoreAddress } from "../core/store-address.js";
import { Datastore } from "../datastore/datastore.js";
import { homeNamespace, homeStore } from "../datastore/home-store.js";
import { LocalStore } from "../store/local-store.js";
import type { ObjectStore } from "../store/object-store.js";
import { S3Store } from "../store/s3-store.js";

/** Where to read. */
export interface ReadOptions {
  /**
   * The datastore: a folder's path (a relative one starts from the current folder), a `file:` URL, `s3://bucket/prefix` (or
   * `s3`, with the root configured), or an object store.
   * When it is not said: inside a step, where the step's own run is kept; else what `MILLRACE_DATASTORE` or the project
   * around the current folder says, as for the command line.
   */
  readonly datastore?: string | URL | ObjectStore;
}

/** @throws MillraceError `datastore-unsupported`, and those of a bad configuration file */
export function openDatastore({ datastore }: ReadOptions): Datastore {
  return new Datastore(storeOf(datastore));
}

function storeOf(datastore: ReadOptions["datastore"]): ObjectStore {
  if (datastore === undefined) return homeStore() ?? storeAt(configured().datastoreAddress);
  if (typeof datastore !== "string" && !(datastore instanceof URL)) return datastore;
  return storeAt(configured({ datastore: String(datastore) }).datastoreAddress);
}

/** As `openStore`, but at once: what names a flow does not wait. */
function storeAt(address: StoreAddress): ObjectStore {
  return address.kind === "local" ? new LocalStore(address.root) : new S3Store(address);
}

/**
 * The namespace of lists that say nothing of one: inside a step, what its run was started with; else what
 * `MILLRACE_NAMESPACE` or the project's configuration says. Undefined: all runs.
 */
export function defaultNamespace(): string | undefined {
  return homeStore() === undefined ? configured().namespace : homeNamespace();
}

function configured(given: GivenSettings = {}): Settings {
  const cwd = process.cwd();
  return readSettings({ root: findProjectRoot(cwd), cwd, environment: processEnvironment(), given });
}
