import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { listCards, type ListedCard } from "../../cards/task-card-list.js";
import { messageOf, MillraceError } from "../../core/errors/millrace-error.js";
import { nearestName } from "../../core/nearest-name.js";
import { formatBytes, formatRelativeTime } from "../../core/quantity-text.js";
import { readRunTasks } from "../../datastore/run-tasks.js";
import { requireTask } from "../../datastore/task-selection.js";
import { LocalStore } from "../../store/local-store.js";
import { formatTable } from "../../terminal/text-table.js";
import { wholeNumberOption } from "../arguments.js";
import { browserCommand, openInBrowser } from "../browser.js";
import { exitCodes } from "../command.js";
import { readingOptions } from "../option.js";
import { findCard, type NamedCard } from "../reading/named-card.js";
import { openNamedRun, type NamedRun } from "../reading/named-run.js";
import { printJson, simpleCommand, type CommandCall } from "../simple-command.js";

/** What millrace card can do. */
export const cardActions = ["view", "get", "list"] as const;

export const cardCommand = simpleCommand({
  name: "card",
  usage: "view|get|list PATHSPEC [FILE] [options]",
  description: [
    "Shows the reports of tasks whose step has @card: view opens one in the browser, get writes it to FILE or prints it,",
    "list tells which there are. A card of a task at work loads itself again as the step refreshes it.",
  ].join("\n"),
  options: [
    { name: "id", placeholder: "ID", help: "the card of that id, where a task has several" },
    { name: "attempt", placeholder: "N", help: "of that attempt of the task, from 0", fallback: "the latest" },
    ...readingOptions,
  ],
  examples: [
    { command: "millrace card view ScoreFlow/latest/train", does: "in the browser, or the page's path where there is none" },
    { command: "millrace card get ScoreFlow/12/train/0 report.html --id loss", does: "a file to send on" },
    { command: "millrace card list ScoreFlow/12 --json", does: "of every task of a run" },
  ],
  words: { least: 2, most: 3, what: "what to do, and a pathspec" },

  async work(call) {
    const [word = "", text = "", file] = call.words;
    const action = cardActions.find((known) => known === word);
    if (action === undefined) throw new MillraceError("card-action-unknown", { action: word, nearest: nearestName(word, cardActions) });
    if (file !== undefined && action !== "get") {
      throw new MillraceError("argument-unexpected", { command: `card ${action}`, argument: file, usage: `millrace card ${action} PATHSPEC` });
    }
    const named = await openNamedRun(call.settings, text);
    const { run, pathspec } = named;
    if (pathspec.artifact !== undefined) {
      const example = `millrace card ${action} ${run.pathspec}/${pathspec.step}/${pathspec.task}`;
      throw new MillraceError("pathspec-too-long", { pathspec: text, wanted: "task", example });
    }
    if (action === "list") await list(call, named);
    else {
      const card = await choose(call, named, text);
      if (action === "view") await view(call, card);
      else await get(call, card, file);
    }
    return exitCodes.done;
  },
});

async function choose({ arguments: given, settings, screen }: CommandCall, { run, pathspec }: NamedRun, text: string): Promise<NamedCard> {
  const attempt = wholeNumberOption(given, "attempt");
  const id = given.options.get("id")?.values.at(-1);
  const card = await findCard({ run, pathspec, text, tasks: await readRunTasks(run, Date.now()), id, attempt });
  if (card.others.length > 0 && !settings.json) {
    screen.err.write(`This is ${card.name}; the task has ${card.others.map((name) => `--id ${name}`).join(" and ")} too.\n`);
  }
  return card;
}

async function view({ screen, host }: CommandCall, card: NamedCard): Promise<void> {
  const path = pathOf(card) ?? (await copyOf(card));
  const command = browserCommand(process.platform, host.environment);
  const opened = command !== undefined && (await openInBrowser(path, command));
  screen.out.write(`${path}\n`);
  if (command !== undefined && !opened) screen.err.write(`${command[0]} could not be started: open the file yourself.\n`);
  if (card.state === "running") screen.err.write("The task is at work: the page loads itself again as the step refreshes it.\n");
}

/** Where the card's page is, when a browser can read it there. */
function pathOf({ isStored, listed }: NamedCard): string | undefined {
  const store = listed?.ranIn.store;
  return isStored && listed !== undefined && store instanceof LocalStore ? store.pathOf(listed.stored.key) : undefined;
}

async function copyOf({ pathspec, name, attempt, html }: NamedCard): Promise<string> {
  const file = join(tmpdir(), "millrace-cards", `${pathspec.replaceAll("/", "-")}.${attempt}.${name}.html`);
  await write(file, html, true);
  return file;
}

async function get({ screen, host }: CommandCall, { html }: NamedCard, file: string | undefined): Promise<void> {
  if (file === undefined || file === "-") screen.out.write(html);
  else await write(resolve(host.cwd, file), html, false);
}

async function write(file: string, html: string, withFolder: boolean): Promise<void> {
  try {
    if (withFolder) await mkdir(dirname(file), { recursive: true });
    await writeFile(file, html);
  } catch (error) {
    throw new MillraceError("cannot-write", { file, reason: messageOf(error) });
  }
}

async function list({ settings, screen, arguments: given }: CommandCall, { run, pathspec }: NamedRun): Promise<void> {
  const tasks = await readRunTasks(run, Date.now());
  const attempt = wholeNumberOption(given, "attempt");
  const id = given.options.get("id")?.values.at(-1);
  const all = await listCards(run, tasks, pathspec);
  if (all.length === 0) requireTask(run, tasks.tasks, pathspec);
  const cards = all.filter(({ stored }) => (attempt === undefined || stored.attempt === attempt) && (id === undefined || stored.card === id));
  if (settings.json) printJson(screen, cards.map(cardJson));
  else if (cards.length === 0) screen.out.write(`There are no cards of ${run.pathspec} here. Put @card on a step, or run with --with card.\n`);
  else screen.out.write(`${formatTable(columns, cards.map(cardRow), screen.colors.gray).join("\n")}\n`);
}

const columns = [
  { title: "TASK" },
  { title: "CARD" },
  { title: "ATTEMPT", align: "right" },
  { title: "STATE" },
  { title: "SIZE", align: "right" },
  { title: "STORED" },
] as const;

function cardRow({ pathspec, stored, state }: ListedCard): readonly string[] {
  const { card, attempt, bytes, storedAt } = stored;
  return [pathspec, card, String(attempt), state, formatBytes(bytes), formatRelativeTime(storedAt, Date.now())];
}

function cardJson({ pathspec, stored, state, ranIn, definition }: ListedCard): object {
  const { card, attempt, bytes, storedAt, key } = stored;
  return {
    pathspec,
    card,
    id: definition?.id ?? null,
    type: definition?.type ?? null,
    title: definition?.title ?? null,
    attempt,
    state,
    bytes,
    storedAt: new Date(storedAt).toISOString(),
    ranIn: ranIn.pathspec,
    key,
  };
}
