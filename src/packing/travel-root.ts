import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { foldersUpward } from "../bundle/project-root.js";
import { fileFromRoot, pathFromRoot } from "../bundle/source-path.js";

/** The part of this machine's folders that is rebuilt elsewhere. */
export interface TravelRoot {
  /** The folder that stands for the unpacked one, absolute, links followed. */
  readonly folder: string;
  /** The project's folder in it: `.` or `packages/flows`. */
  readonly project: string;
  /** The folder that steps work in. */
  readonly cwd: string;
}

/**
 * The innermost folder that holds the project and all other code of the flow: of the workspace's packages, and files beside the
 * project. Steps work in the same place of it as at home, and in the project's folder if that is outside.
 * @param modules As in a package's manifest.
 */
export function findTravelRoot(projectRoot: string, modules: readonly string[], cwd: string): TravelRoot {
  const project = realpathSync(projectRoot);
  const workspace = findWorkspace(project);
  const work = realpathSync(cwd);
  const folders = modules.filter((path) => path.startsWith("../")).map((path) => dirname(fileFromRoot(project, path)));
  if (isWithin(workspace, work)) folders.push(work);
  let folder = project;
  while (folders.some((other) => !isWithin(folder, other))) folder = dirname(folder);
  const place = (path: string): string => pathFromRoot(folder, path) || ".";
  return { folder, project: place(project), cwd: place(isWithin(folder, work) ? work : project) };
}

/** The folder of the workspace that a project belongs to; its own when there is none. */
export function findWorkspace(project: string): string {
  for (const folder of foldersUpward(project)) {
    if (existsSync(join(folder, "pnpm-workspace.yaml")) || hasWorkspaces(join(folder, "package.json"))) return folder;
  }
  return project;
}

function hasWorkspaces(file: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof manifest === "object" && manifest !== null && "workspaces" in manifest;
  } catch {
    // Absent, or not ours to judge.
    return false;
  }
}

/** Whether a path is a folder or below it. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !/^[A-Za-z]:/.test(way));
}
