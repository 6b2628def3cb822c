import { isInline, type ArtifactRef } from "../../core/artifact-ref.js";
import { messageOf } from "../../core/errors/millrace-error.js";
import { formatPathspec } from "../../core/pathspec.js";
import { formatBytes } from "../../core/quantity-text.js";
import type { CardSubject } from "../card-subject.js";
import { markup, join, nothing, type SafeHtml } from "../html.js";
import { limits } from "../limits.js";
import { leafText } from "../values/tree-view.js";
import { valueView } from "../values/value-view.js";

/** The values that the run was given. */
export function parametersSection({ run, artifacts }: CardSubject): SafeHtml | undefined {
  const given = Object.entries(run.parameters);
  if (given.length === 0) return undefined;
  const help = new Map(run.parameterDefinitions.map((definition) => [definition.name, definition.help]));
  const rows = given.map(([name, ref]) => {
    const about = help.get(name);
    const value = smallValue(ref, `parameter ${name}`, artifacts.read);
    return markup`<tr>
      <th scope="row">${name}${about !== undefined && markup`<span class="about">${about}</span>`}</th>
      <td>${value}</td>
    </tr>`;
  });
  return pairsTable(rows);
}

function pairsTable(rows: readonly SafeHtml[]): SafeHtml {
  return markup`<div class="scroll" tabindex="0">
    <table class="pairs">
      <tbody>
        ${join(rows, "\n")}
      </tbody>
    </table>
  </div>`;
}

/** What the task set, each in the form that shows most of it. */
export function artifactsSection({ run, record, artifacts }: CardSubject): SafeHtml | undefined {
  const own = Object.entries(record.artifacts);
  if (own.length === 0) return undefined;
  const budget = { left: limits.allArtifactsBytes };
  const task = formatPathspec(run.flow, run.run, record.step, record.task);
  // Plain values first and side by side: they are read at a glance.
  const seen = own.map(([name, ref]) => ({ name, view: artifactView(ref, `${task}/${name}`, name, artifacts.read, budget) }));
  const plain = seen.filter(({ view }) => "leaf" in view);
  const large = seen.filter(({ view }) => !("leaf" in view));
  const rows = plain.map(
    ({ name, view }) =>
      markup`<tr>
        <th scope="row">${name}</th>
        <td>${"leaf" in view && view.leaf}</td>
      </tr>`,
  );
  const table = rows.length === 0 ? nothing : pairsTable(rows);
  return markup`${table}${large.map(
    ({ name, view }) =>
      markup`<section class="artifact">
        <h3>${name}</h3>
        ${"block" in view && view.block}
      </section>`,
  )}`;
}

type ArtifactView = { readonly leaf: SafeHtml } | { readonly block: SafeHtml };

function artifactView(
  ref: ArtifactRef,
  pathspec: string,
  name: string,
  read: CardSubject["artifacts"]["read"],
  budget: { left: number },
): ArtifactView {
  const size = isInline(ref) ? 0 : ref.size;
  if (size > limits.artifactBytes || size > budget.left) return { leaf: sizeText(size, pathspec) };
  budget.left -= size;
  try {
    const value = read(ref, pathspec);
    const isShort =
      typeof value === "string" ? !value.includes("\n") && value.length <= limits.cellCharacters : typeof value !== "object" || value === null;
    return isShort || value instanceof Date ? { leaf: leafText(value) } : { block: valueView(value, { name }) };
  } catch (error) {
    return { leaf: markup`<span class="v-error">cannot be shown: ${messageOf(error)}</span>` };
  }
}

/** What the task had from those before it: small values, and the size of the others, which are not read for this. */
export function inheritedSection({ run, record, artifacts }: CardSubject): SafeHtml | undefined {
  const rows: SafeHtml[] = [];
  for (const [name, ref] of artifacts.inherited()) {
    if (Object.hasOwn(record.artifacts, name)) continue;
    const pathspec = `${formatPathspec(run.flow, run.run, record.step, record.task)}/${name}`;
    rows.push(
      markup`<tr>
        <th scope="row">${name}</th>
        <td>${smallValue(ref, pathspec, artifacts.read)}</td>
      </tr>`,
    );
  }
  if (rows.length === 0) return undefined;
  return pairsTable(rows);
}

function smallValue(ref: ArtifactRef, name: string, read: CardSubject["artifacts"]["read"]): SafeHtml {
  const size = isInline(ref) ? 0 : ref.size;
  if (size > limits.inheritedBytes) return markup`<span class="muted">${formatBytes(size)}</span>`;
  try {
    const value = read(ref, name);
    return typeof value === "object" && value !== null ? valueView(value) : leafText(value);
  } catch (error) {
    return markup`<span class="v-error">cannot be shown: ${messageOf(error)}</span>`;
  }
}

function sizeText(size: number, pathspec: string): SafeHtml {
  return markup`<span class="muted">${formatBytes(size)}, too large for a card: <code>millrace dump ${pathspec}</code></span>`;
}
