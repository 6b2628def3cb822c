import { isMillraceError } from "../../core/errors/millrace-error.js";
import type { ArtifactReader } from "../../datastore/artifacts/artifact-reader.js";
import type { JsonValue } from "../../core/json.js";
import { hintLine } from "../../terminal/failure-text.js";
import type { Screen } from "../screen.js";
import { formatFields, isLarge, largeText, shortValue, wholeValue } from "./artifact-text.js";
import type { RunTask } from "../../datastore/run-tasks.js";
import { jsonOf } from "../../codec/stored-json.js";
import type { TaskArtifact } from "../../datastore/task-artifacts.js";

export interface ArtifactPrinterOptions {
  readonly screen: Screen;
  readonly reader: ArtifactReader;
  readonly json: boolean;
  /** One artifact was asked for: show all of it. */
  readonly whole: boolean;
  readonly columns: number;
  readonly isTerminal: boolean;
}

/** Prints the artifacts of one task after another. One that cannot be read is told of, and the rest is shown all the same. */
export class ArtifactPrinter {
  readonly #options: ArtifactPrinterOptions;
  #first = true;
  #failed = false;

  constructor(options: ArtifactPrinterOptions) {
    this.#options = options;
  }

  /** Something could not be read. */
  get failed(): boolean {
    return this.#failed;
  }

  begin(): void {
    if (this.#options.json) this.#options.screen.out.write("{");
  }

  end(): void {
    if (this.#options.json) this.#options.screen.out.write(this.#first ? "}\n" : "\n}\n");
  }

  print(task: RunTask, artifacts: readonly TaskArtifact[]): void {
    const { json, whole } = this.#options;
    if (json) this.#printJson(task, artifacts);
    else if (whole) for (const artifact of artifacts) this.#printWhole(task, artifact);
    else this.#printShort(task, artifacts);
    this.#first = false;
  }

  #printJson(task: RunTask, artifacts: readonly TaskArtifact[]): void {
    const values: Record<string, JsonValue> = {};
    for (const artifact of artifacts) {
      const read = this.#read(task, artifact);
      if (read !== undefined) values[artifact.name] = jsonOf(read.value);
    }
    this.#options.screen.out.write(`${this.#first ? "" : ","}\n  ${JSON.stringify(task.pathspec)}: ${JSON.stringify(values)}`);
  }

  #printWhole(task: RunTask, artifact: TaskArtifact): void {
    const { screen, columns, isTerminal } = this.#options;
    const read = this.#read(task, artifact);
    if (read === undefined) return;
    if (read.value instanceof Uint8Array && !isTerminal) screen.out.writeBytes(read.value);
    else screen.out.write(wholeValue(read.value, columns, screen.colors));
  }

  #printShort(task: RunTask, artifacts: readonly TaskArtifact[]): void {
    const { screen } = this.#options;
    const { colors } = screen;
    const about =
      task.status === "failed"
        ? colors.red(` failed (attempt ${task.attempt + 1})`)
        : task.reused
          ? colors.blue(` reused from ${task.ranIn.pathspec}`)
          : "";
    const label = task.label === undefined ? "" : ` (${task.label})`;
    const sorted = artifacts.toSorted((a, b) => Number(b.own) - Number(a.own));
    screen.out.write(`${this.#first ? "" : "\n"}${colors.bold(task.pathspec)}${label}${about}\n`);
    if (sorted.length === 0) screen.out.write(`  ${colors.gray("no artifacts")}\n`);
    screen.out.write(formatFields(sorted.map((artifact) => this.#field(task, artifact))));
  }

  #field(task: RunTask, artifact: TaskArtifact): [string, string] {
    const { screen, columns } = this.#options;
    const { colors } = screen;
    const { name, own } = artifact;
    const shown = this.#attempt(() => {
      if (isLarge(artifact.ref)) return largeText(artifact.ref, `${task.pathspec}/${name}`, colors);
      return shortValue(this.#value(task, artifact), columns - 24, colors);
    });
    return [own ? name : colors.gray(name), shown?.value ?? colors.red("cannot be read")];
  }

  #read(task: RunTask, artifact: TaskArtifact): { readonly value: unknown } | undefined {
    return this.#attempt(() => this.#value(task, artifact));
  }

  #value(task: RunTask, artifact: TaskArtifact): unknown {
    return this.#options.reader.read(artifact.ref, `${task.pathspec}/${artifact.name}`);
  }

  /** Undefined when it cannot be read, which is said on the error output. */
  #attempt<T>(read: () => T): { readonly value: T } | undefined {
    const { screen } = this.#options;
    try {
      return { value: read() };
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      this.#failed = true;
      const { errorColors: colors } = screen;
      screen.err.write(`${colors.red(colors.bold("error"))} ${error.message} ${colors.gray(error.code)}\n  ${hintLine(error.hint, colors)}\n`);
      return undefined;
    }
  }
}
