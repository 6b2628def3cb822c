import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Settings } from "../../config/settings.js";
import { isMillraceError, messageOf } from "../../core/errors/millrace-error.js";
import { formatBytes, plural } from "../../core/quantity-text.js";
import { formatAddress, type StoreAddress } from "../../core/store-address.js";
import { Datastore } from "../../datastore/datastore.js";
import { openStore } from "../../store/open-store.js";
import type { Finding } from "./findings.js";

/** Less free space than this deserves a word. */
const LITTLE_SPACE = 1024 ** 3;

/** Whether the datastore, or the folder it will be made in, can be written, and how much room there is. Makes nothing. */
export async function checkDatastore({ datastoreAddress: address }: Pick<Settings, "datastoreAddress">): Promise<Finding> {
  return address.kind === "local" ? checkFolder(address.root) : checkBucket(address);
}

/** Asks for what every command asks for first. */
async function checkBucket(address: StoreAddress): Promise<Finding> {
  const found = formatAddress(address);
  try {
    const flows = await new Datastore(await openStore(address)).flows();
    return { level: "ok", what: "datastore", found: `${found}${flows.length === 0 ? " (no runs yet)" : `, ${plural(flows.length, "flow")}`}` };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return { level: "fail", what: "datastore", found: error.message, advice: error.hint };
  }
}

function checkFolder(datastoreLocation: string): Finding {
  const present = nearestFolder(datastoreLocation);
  if (!statSync(present).isDirectory()) {
    return { level: "fail", what: "datastore", found: `${present} is a file, not a folder`, advice: "Name a folder with --datastore." };
  }
  const isNew = present !== datastoreLocation;
  try {
    accessSync(present, constants.R_OK | constants.W_OK);
  } catch (error) {
    return {
      level: "fail",
      what: "datastore",
      found: `${datastoreLocation} cannot be written: ${messageOf(error)}`,
      advice: `Give this user the right to write ${present}, or name another folder with --datastore.`,
    };
  }
  const free = freeSpace(present);
  const found = `${datastoreLocation}${isNew ? " (made by the first run)" : ""}${free === undefined ? "" : `, ${formatBytes(free)} free`}`;
  if (free !== undefined && free < LITTLE_SPACE) {
    return { level: "warn", what: "datastore", found, advice: "Make room, or name a folder on another disk with --datastore." };
  }
  return { level: "ok", what: "datastore", found };
}

function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function freeSpace(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Not every file system tells.
    return undefined;
  }
}
