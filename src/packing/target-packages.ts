import type { PackageLayout } from "./package-layout.js";
import { requireFitting } from "./package-files.js";
import type { Platform } from "./platform.js";

export async function fitToPlatform(layout: PackageLayout, target: Platform, _cacheDir: string): Promise<PackageLayout> {
  requireFitting(layout, target);
  return layout;
}
