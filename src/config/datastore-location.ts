import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../core/errors/millrace-error.js";
import { formatS3Url, isAws, parseS3Url, type BlobCacheAddress, type S3Address, type StoreAddress } from "../core/store-address.js";
import type { Environment } from "./environment.js";
import type { SettingValues } from "./setting-definitions.js";
import type { SettingInputs, SettingSource } from "./settings.js";

/** The folder of the default datastore, at the project's root. */
export const DATASTORE_FOLDER = ".millrace";

const SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;
const MEGABYTE = 1024 * 1024;

/** What the settings say of a datastore's place. */
export type DatastoreSettings = Pick<
  SettingValues,
  "datastore" | "s3Root" | "s3Region" | "s3Endpoint" | "s3PathStyle" | "s3Patience" | "cache" | "cacheSize"
>;

/**
 * Where a datastore is. Relative paths start from the folder of the command, or of the configuration file that names them.
 * @throws MillraceError `datastore-unsupported` for what is neither a folder nor in S3, `s3-root-missing`, `s3-url-malformed`
 */
export function locateDatastore(
  settings: DatastoreSettings,
  sources: Readonly<Record<"datastore" | "s3Root" | "cache", SettingSource>>,
  inputs: Pick<SettingInputs, "root" | "cwd" | "environment">,
): StoreAddress {
  const { datastore } = settings;
  const base = sources.datastore.kind === "file" ? inputs.root : inputs.cwd;
  if (datastore === "local") return { kind: "local", root: join(inputs.root, DATASTORE_FOLDER) };
  if (/^file:\/\//i.test(datastore)) return { kind: "local", root: fileURLToPath(datastore) };
  if (datastore === "s3") {
    if (settings.s3Root === undefined) throw new MillraceError("s3-root-missing", { source: sources.datastore.name });
    return inS3(settings.s3Root, sources.s3Root, settings, sources.cache, inputs);
  }
  // With one slash or none it is meant so too; a folder of such a name is `./s3:name`.
  if (/^s3:/i.test(datastore)) return inS3(datastore, sources.datastore, settings, sources.cache, inputs);
  if (SCHEME.test(datastore)) throw new MillraceError("datastore-unsupported", { datastore, source: sources.datastore.name });
  return { kind: "local", root: resolve(base, datastore) };
}

function inS3(
  url: string,
  source: SettingSource,
  settings: DatastoreSettings,
  cacheSource: SettingSource,
  inputs: Pick<SettingInputs, "root" | "cwd" | "environment">,
): S3Address {
  const place = parseS3Url(url);
  if (place === undefined) throw new MillraceError("s3-url-malformed", { url, source: source.name });
  const { environment } = inputs;
  // AWS's own variables are looked at so that what runs elsewhere is told of them: other machines have an environment of their own.
  const endpoint = settings.s3Endpoint ?? configuredEndpoint(environment);
  const region = settings.s3Region ?? filled(environment["AWS_REGION"]) ?? filled(environment["AWS_DEFAULT_REGION"]);
  const pathStyle = settings.s3PathStyle ?? !isAws({ endpoint });
  const cache = locateCache(settings, cacheSource, inputs);
  return {
    kind: "s3",
    url: formatS3Url(place),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(pathStyle && { pathStyle }),
    ...(settings.s3Patience !== undefined && { patienceMs: settings.s3Patience }),
    ...(cache !== undefined && { cache }),
  };
}

function configuredEndpoint(environment: Environment): string | undefined {
  if (environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.toLowerCase() === "true") return undefined;
  return filled(environment["AWS_ENDPOINT_URL_S3"]) ?? filled(environment["AWS_ENDPOINT_URL"]);
}

/** Where blobs of remote datastores are kept on this machine; undefined: nowhere. */
function locateCache(
  { cache, cacheSize }: DatastoreSettings,
  source: SettingSource,
  { root, cwd, environment }: Pick<SettingInputs, "root" | "cwd" | "environment">,
): BlobCacheAddress | undefined {
  if (cache === "off") return undefined;
  const folder = cache === undefined ? systemCacheFolder(environment) : resolve(source.kind === "file" ? root : cwd, cache);
  return folder === undefined ? undefined : { folder, maxBytes: Math.round(cacheSize * MEGABYTE) };
}

/** The platform's folder for what can be had again. */
function systemCacheFolder(environment: Environment): string | undefined {
  const home = filled(environment["HOME"]) ?? filled(environment["USERPROFILE"]) ?? homeFolder();
  switch (process.platform) {
    case "win32": {
      const data = filled(environment["LOCALAPPDATA"]) ?? (home === undefined ? undefined : join(home, "AppData", "Local"));
      return data === undefined ? undefined : join(data, "millrace", "Cache", "blobs");
    }
    case "darwin":
      return home === undefined ? undefined : join(home, "Library", "Caches", "millrace", "blobs");
    default: {
      const data = filled(environment["XDG_CACHE_HOME"]) ?? (home === undefined ? undefined : join(home, ".cache"));
      return data === undefined ? undefined : join(data, "millrace", "blobs");
    }
  }
}

function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    // A container may run under a number that no user has.
    return undefined;
  }
}

const filled = (text: string | undefined): string | undefined => (text === "" ? undefined : text);
