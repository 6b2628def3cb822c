import { fileURLToPath } from "node:url";
import { findProjectRoot } from "../bundle/project-root.js";
import { locateDatastore } from "../config/datastore-location.js";
import { processEnvironment } from "../config/environment.js";
import { readSettings, type Settings } from "../config/settings.js";
import { Datastore } from "../datastore/datastore.js";
import { homeNamespace, homeStore } from "../datastore/home-store.js";
import { LocalStore } from "../store/local-store.js";
import type { ObjectStore } from "../store/object-store.js";

/** Where to read. */
export interface ReadOptions {
  /**
   * The datastore: a folder's path (a relative one starts from the current folder), a `file:` URL, or an object store.
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
  if (datastore === undefined) return homeStore() ?? new LocalStore(configuredLocation());
  if (datastore instanceof URL) return new LocalStore(fileURLToPath(datastore));
  if (typeof datastore !== "string") return datastore;
  const cwd = process.cwd();
  return new LocalStore(locateDatastore(datastore, { kind: "command-line", name: "{ datastore }" }, { root: findProjectRoot(cwd), cwd }));
}

/**
 * The namespace of lists that say nothing of one: inside a step, what its run was started with; else what
 * `MILLRACE_NAMESPACE` or the project's configuration says. Undefined: all runs.
 */
export function defaultNamespace(): string | undefined {
  return homeStore() === undefined ? configured().namespace : homeNamespace();
}

function configuredLocation(): string {
  return configured().datastoreLocation;
}

function configured(): Settings {
  const cwd = process.cwd();
  return readSettings({ root: findProjectRoot(cwd), cwd, environment: processEnvironment(), flags: {} });
}
