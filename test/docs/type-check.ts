import { join } from "node:path";
import { root, type TemporaryProject } from "./temporary-project.js";

/** Checks the types of a document's files as a careful user would: strictly, against the declarations of the build. */
export async function checkTypes(project: TemporaryProject, files: readonly string[], document: string): Promise<void> {
  if (files.length === 0) return;
  const { compilerOptions } = await import("../../tsconfig.json", { with: { type: "json" } }).then((module) => module.default);
  const settings = {
    compilerOptions: { ...compilerOptions, noUnusedLocals: false, noUnusedParameters: false, paths: { millrace: [join(root, "dist/types/index.d.ts")] } },
    files,
  };
  await project.write("tsconfig.json", JSON.stringify(settings));
  const { code, output } = await project.run("node node_modules/typescript/bin/tsc -p .");
  if (code !== 0) throw new Error(`${document}: the types of its files are wrong:\n${output}`);
}
