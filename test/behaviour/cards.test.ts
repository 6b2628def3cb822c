import { existsSync } from "node:fs";
import { chmod, readFile, readdir, rm } from "node:fs/promises";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Task } from "../../src/client/index.js";
import { Project } from "../rig/project.js";
import { flowText } from "../rig/flow-text.js";

const cardsOf = (step: string, run = 1): string => `.millrace/flows/Demo/${run}/cards/${step}`;

describe("@card", () => {
  test("leaves a report of each task, also of one that failed, of each attempt, and of each id", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "card, current, retry, parameter, type Inputs",
        head: 'import { Markdown, Table, ValueBox } from "millrace/cards";',
        fields: "alpha = parameter({ default: 0.5 });\nrows!: object[];",
        steps: `
          @card @step start() { console.log("reading"); this.rows = [{ id: 1, name: "<Oslo>" }]; this.next(this.work, { foreach: ["a", "b"], label: (item) => "item " + item }); }
          @card({ title: "Work" }) @card({ id: "figures", type: "blank" }) @retry({ times: 1, delay: "0s" })
          @step work(item: string) {
            current.card.append(new Markdown("on **" + item + "**"), new Table(this.rows));
            current.card.get("figures").append(new ValueBox({ title: "Attempt", value: current.retryCount }));
            if (item === "b" && current.retryCount === 0) throw new RangeError("not b");
            this.next(this.join);
          }
          @step join(inputs: Inputs<this>) { this.next(this.end); }
          @step end() {}`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect((await readdir(project.path(cardsOf("work")))).toSorted()).toEqual([
      "0.0.default.html",
      "0.0.figures.html",
      "1.0.default.html",
      "1.0.figures.html",
      "1.1.default.html",
      "1.1.figures.html",
    ]);
    expect(await readdir(project.path(cardsOf("start")))).toEqual(["0.0.default.html"]);
    expect(existsSync(project.path(cardsOf("join")))).toBe(false);

    const start = await project.read(`${cardsOf("start")}/0.0.default.html`);
    for (const part of ["alpha", "0.5", "&lt;Oslo&gt;", "reading", "Graph"]) expect(start).toContain(part);
    const failed = await project.read(`${cardsOf("work")}/1.0.default.html`);
    for (const part of ["RangeError", "not b", "flow.ts:", "<strong>b</strong>", "<h1>Work</h1>", "item b"]) expect(failed).toContain(part);
    const done = await project.read(`${cardsOf("work")}/1.1.default.html`);
    expect(done).not.toContain("RangeError");
    expect(done).toContain('class="status done"');
    expect(await project.read(`${cardsOf("work")}/1.1.figures.html`)).toMatch(/Attempt[\s\S]*>\s*1\s*</);
  });

  test("that cannot be drawn says so in its place and in the task's log, and the step is done", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "card, current",
        head: 'import { Image, VegaChart } from "millrace/cards";',
        steps: `
          @card @step start() {
            current.card.append(new Image("no image"), new VegaChart({ mark: "bar", data: { get values(): never { throw new Error("no values"); } } }));
            current.card.get("nope").append(1);
            this.next(this.end);
          }
          @step end() { current.card.append("lost"); current.card.append("twice"); current.card.refresh(); }`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    const log = (await project.expectMillrace(0, ["logs", "Demo/1/start"])).stdout;
    expect(log).toContain("card default: Image could not be drawn: Image shows the bytes of");
    expect(log).toContain("card default: VegaChart could not be drawn: no values");
    expect(log).toContain("current.card: the step has no card “nope” (it has default), so what goes into it is not kept.");
    expect(await project.read(`${cardsOf("start")}/0.0.default.html`)).toContain("Image could not be drawn");
    const absent = (await project.expectMillrace(0, ["logs", "Demo/1/end"])).stdout;
    expect(absent.trim()).toBe("current.card: step end has no @card, so what goes into it is not kept.");
  });

  test("that cannot be stored is a line in the log, and the step is done", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({
        imports: "card, current",
        head: 'import { mkdirSync, writeFileSync } from "node:fs";',
        // A file stands where the folder of the cards should be.
        steps: `
          @card @step start() {
            mkdirSync(".millrace/flows/Demo/1", { recursive: true });
            writeFileSync(".millrace/flows/Demo/1/cards", "");
            this.next(this.end);
          }
          @step end() {}`,
      }),
    });
    await project.expectMillrace(0, ["run", "flow.ts"]);
    expect((await project.expectMillrace(0, ["logs", "Demo/1/start"])).stdout).toContain("card default is not stored: ");
  });

  test("is added by --with where a step has none", async () => {
    await using project = await Project.create({
      "flow.ts": flowText({ imports: "card", steps: '@card({ id: "own" }) @step start() { this.next(this.end); }\n@step end() {}' }),
    });
    await project.expectMillrace(0, ["run", "flow.ts", "--with", "card:title=Added"]);
    expect(await readdir(project.path(cardsOf("start")))).toEqual(["0.0.own.html"]);
    expect(await project.read(`${cardsOf("end")}/0.0.default.html`)).toContain("<h1>Added</h1>");
  });

  test.each([
    ['@card({ type: "fancy" })', "there is no type of card “fancy”"],
    ['@card({ id: "../x" })', "the id “../x” is not made of letters"],
    ["@card @card", "@card stands twice on start as “default”"],
  ])("%s is refused before anything runs", async (written, message) => {
    await using project = await Project.create({
      "flow.ts": flowText({ imports: "card", steps: `${written} @step start() { this.next(this.end); }\n@step end() {}` }),
    });
    for (const command of ["check", "run"]) expect((await project.expectMillrace(2, [command, "flow.ts"])).stderr).toContain(message);
    expect(existsSync(project.path(".millrace/flows"))).toBe(false);
  });
});

describe("a card is refreshed", () => {
  const growing = flowText({
    imports: "card, current",
    head: 'import { ProgressBar } from "millrace/cards";',
    steps: `
      @card({ refreshInterval: "1s" }) @step async start() {
        const bar = new ProgressBar({ max: 4, label: "Parts" });
        current.card.append(bar);
        console.log("so far");
        bar.update(1);
        current.card.refresh();
        await gate("half");
        bar.update(2);
        if (process.env["DIE"] === "1") process.kill(process.pid, "SIGKILL");
        this.next(this.end);
      }
      @step end() {}`,
  });

  test("while its task runs, and loads itself again until the task has ended", async () => {
    await using project = await Project.create({ "flow.ts": growing });
    const run = project.start(["run", "flow.ts"]);
    await project.gates.reached("half");
    const at = await project.expectMillrace(0, ["card", "view", "Demo/1/start"]);
    const path = at.stdout.trim();
    expect(path).toBe(project.path(cardsOf("start"), "0.0.default.html"));
    const growingPage = await readFile(path, "utf8");
    for (const part of ["1 of 4", "so far", 'class="status running"', '<meta http-equiv="refresh" content="1" />'])
      expect(growingPage).toContain(part);
    project.gates.open("half");
    expect((await run.result).code).toBe(0);
    const page = await readFile(path, "utf8");
    expect(page).toContain("2 of 4");
    expect(page).not.toContain('http-equiv="refresh"');
  });

  test("and keeps what it had when its process is killed: the reader is told how it ended", async () => {
    await using project = await Project.create({ "flow.ts": growing });
    const run = project.start(["run", "flow.ts"], { env: { DIE: "1" } });
    await project.gates.reached("half");
    project.gates.open("half");
    expect((await run.result).code).toBe(1);
    const { stdout } = await project.expectMillrace(0, ["card", "get", "Demo/1/start/0"]);
    for (const part of ["1 of 4", "ProcessKilled", "SIGKILL", 'class="status failed">failed<']) expect(stdout).toContain(part);
    expect(stdout).not.toContain('http-equiv="refresh"');
    const list: unknown = JSON.parse((await project.expectMillrace(0, ["card", "list", "Demo", "--json"])).stdout);
    expect(list).toMatchObject([{ pathspec: "Demo/1/start/0", state: "failed", attempt: 0 }]);
  });

  test("and says that its task stopped with the run, when it was interrupted", async () => {
    await using project = await Project.create({ "flow.ts": growing });
    const run = project.start(["run", "flow.ts"]);
    await project.gates.reached("half");
    run.signal("SIGINT");
    expect((await run.result).code).toBe(130);
    expect(JSON.parse((await project.expectMillrace(0, ["card", "list", "Demo", "--json"])).stdout)).toMatchObject([{ state: "stopped" }]);
    expect((await project.expectMillrace(0, ["card", "get", "Demo/1/start"])).stdout).toContain("The task ended with its run.");
  });

  test("is drawn from the record when its process was killed before it stored any", async () => {
    const steps = `
      @card @step start() { console.log("last words"); process.kill(process.pid, "SIGKILL"); for (;;); this.next(this.end); }
      @step end() {}`;
    await using project = await Project.create({ "flow.ts": flowText({ imports: "card", steps }) });
    await project.expectMillrace(1, ["run", "flow.ts"]);
    const { stdout } = await project.expectMillrace(0, ["card", "get", "Demo/1/start"]);
    for (const part of ["ProcessKilled", "last words", "Graph"]) expect(stdout).toContain(part);
  });
});

describe("millrace card", () => {
  const flow = flowText({
    imports: "card, current, type Inputs",
    steps: `
      @card @card({ id: "loss", title: "Loss" }) @step start() { this.next(this.each, { foreach: [1, 2] }); }
      @card @step each(n: number) { if (n === 2 && process.env["OK"] !== "1") throw new Error("not yet"); this.next(this.join); }
      @step join(inputs: Inputs<this>) { this.next(this.end); }
      @step end() {}`,
  });

  test("finds cards by pathspec, id and attempt, of reused tasks too, and says what is wrong", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(1, ["run", "flow.ts", "--keep-going"]);
    const refused = async (code: number, ...args: readonly string[]): Promise<string> =>
      (await project.expectMillrace(code, ["card", ...args])).stderr;

    expect((await project.expectMillrace(0, ["card", "get", "Demo/1/start"])).stdout).toContain("<h1>start</h1>");
    expect((await project.expectMillrace(0, ["card", "get", "Demo/1/start"])).stderr).toContain("This is default; the task has --id loss too.");
    expect((await project.expectMillrace(0, ["card", "get", "Demo/latest/start/0", "--id", "loss"])).stdout).toContain("<h1>Loss</h1>");
    await project.expectMillrace(0, ["card", "get", "Demo/1/each/1", "out.html"]);
    expect(await project.read("out.html")).toContain("not yet");

    expect(await refused(1, "get", "Demo/1/each")).toMatch(/Demo\/1\/each has 2 cards\..*Name one: Demo\/1\/each\/0; Demo\/1\/each\/1/s);
    expect(await refused(1, "get", "Demo/1/start", "--id", "los")).toContain("It has default, loss.");
    expect(await refused(1, "view", "Demo/1/join")).toContain("no @card stands there");
    expect(await refused(1, "get", "Demo/1/each/7")).toContain("task-unknown");
    expect(await refused(1, "get", "Demo/1/each/0", "--attempt", "3")).toContain("has no card");
    expect(await refused(2, "get", "Demo/1/each/0/x")).toContain("pathspec-too-long");
    expect(await refused(2, "lst", "Demo/1")).toContain("Did you mean list?");
    expect(await refused(2, "view", "Demo/1", "file")).toContain("argument-unexpected");
    expect(await refused(1, "get", "Demo/1/each/0", "no/such/folder/x.html")).toContain("cannot-write");

    await project.expectMillrace(0, ["resume", "flow.ts"], { env: { OK: "1" } });
    const cards: unknown = JSON.parse((await project.expectMillrace(0, ["card", "list", "Demo/2", "--json"])).stdout);
    expect(cards).toMatchObject([
      { pathspec: "Demo/2/start/0", card: "default", id: null, type: "default", ranIn: "Demo/1", state: "done" },
      { pathspec: "Demo/2/start/0", card: "loss", id: "loss", title: "Loss", ranIn: "Demo/1" },
      { pathspec: "Demo/2/each/0", ranIn: "Demo/1" },
      { pathspec: "Demo/2/each/1", ranIn: "Demo/2", state: "done" },
    ]);
    expect((await project.expectMillrace(0, ["card", "get", "Demo/2/start/0"])).stdout).toContain("<h1>start</h1>");
    const table = (await project.expectMillrace(0, ["card", "list", "Demo/2/each"])).stdout.split("\n");
    expect(table[0]).toMatch(/^TASK +CARD +ATTEMPT +STATE +SIZE +STORED$/);
    expect(table[2]).toMatch(/^Demo\/2\/each\/1 +default +0 +done +[\d.]+ KB +just now$/);
    expect((await project.expectMillrace(0, ["card", "list", "Demo/2/join"])).stdout).toContain("There are no cards");
  });

  test("has what the client reads, of each attempt", async () => {
    await using project = await Project.create({ "flow.ts": flow });
    await project.expectMillrace(1, ["run", "flow.ts", "--keep-going"]);
    const options = { datastore: project.path(".millrace") };
    const cards = await (await Task("Demo/1/start", options)).cards();
    expect(cards.map(({ id, type, title }) => [id, type, title])).toEqual([
      [undefined, "default", undefined],
      ["loss", "default", "Loss"],
    ]);
    expect(await cards[1]?.html()).toContain("<h1>Loss</h1>");
    expect(inspect(cards[1]).replaceAll(/\s+/g, " ")).toMatch(
      /^Card of Demo\/1\/start\/0 \{ id: 'loss', type: 'default', title: 'Loss', size: \d+, storedAt: /,
    );
    expect(await (await (await Task("Demo/1/each/1", options)).cards())[0]?.html()).toContain("not yet");
    await rm(project.path(cardsOf("start")), { recursive: true });
    await expect(cards[0]?.html()).rejects.toThrow("has no card");
  });

  test.skipIf(process.platform === "win32")("view opens the page in the browser, and prints where it is", async () => {
    await using project = await Project.create({ "flow.ts": flow, browser: '#!/bin/sh\necho "$1" > opened\n' });
    await chmod(project.path("browser"), 0o755);
    await project.expectMillrace(0, ["run", "flow.ts"], { env: { OK: "1" } });
    const page = project.path(cardsOf("start"), "0.0.loss.html");
    const { stdout } = await project.expectMillrace(0, ["card", "view", "Demo/1/start", "--id", "loss"], {
      env: { BROWSER: project.path("browser") },
    });
    expect(stdout.trim()).toBe(page);
    await expect.poll(() => existsSync(project.path("opened")) && readFile(project.path("opened"), "utf8"), { timeout: 10_000 }).toBe(`${page}\n`);
    await rm(project.path("opened"));
    for (const BROWSER of ["none", "/no/such/browser"]) {
      expect((await project.expectMillrace(0, ["card", "view", "Demo/1/start"], { env: { BROWSER } })).stdout).toContain("0.0.default.html");
    }
    expect(existsSync(project.path("opened"))).toBe(false);
  });
});
