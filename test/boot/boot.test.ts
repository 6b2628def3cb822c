import { describe, expect, test } from "vitest";
import { BOOT_EXIT_CODE, JOB_VARIABLE } from "../../src/core/remote-job.js";
import { bootSource } from "../../src/runner/installation.js";
import { boot, codeOfJob, CodeFolder, jobIn, type BootEnd } from "./boot-job.js";

test("the text is short: a job's command has little room", () => {
  const bytes = Buffer.byteLength(bootSource());
  console.log(`the start script has ${bytes} bytes`);
  expect(bytes).toBeLessThan(5 * 1024);
  // Nothing in it means anything to a shell within double quotes, but the quotes.
  expect(bootSource()).not.toMatch(/[$`\\!']/);
});

describe("a job's start", () => {
  test("unpacks the code and hands over, in the folder to work in, and leaves nothing behind", async () => {
    using folder = new CodeFolder();
    const { code, stdout, stderr, left } = await bootJob(folder.root);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({ greeting: "good morning", flow: "Demo", cwd: "/work/here" });
    expect(left).toEqual([]);
  });

  test("says in one line what is wrong, with an exit code of its own", async () => {
    using folder = new CodeFolder();
    using damaged = new CodeFolder();
    const [key = ""] = codeOfJob.keys();
    damaged.write(key, Buffer.from("not an archive"));
    const ends = await Promise.all([
      boot({}),
      boot({ [JOB_VARIABLE]: "{}" }),
      bootJob(damaged.root),
      bootJob("/nowhere/at/all"),
      bootJob(folder.root, ["--import", `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"18.20.4"})`]),
      boot({ [JOB_VARIABLE]: JSON.stringify(jobIn({ kind: "local", root: folder.root })), TMPDIR: "/nowhere/to/write" }),
    ]);
    expect(ends.map(({ code }) => code)).toEqual(ends.map(() => BOOT_EXIT_CODE));
    expect(ends.map(({ stderr }) => stderr.replace(/^millrace: /, "").trim())).toEqual([
      `${JOB_VARIABLE} is not set: this script starts jobs that millrace submitted.`,
      `${JOB_VARIABLE} holds no job of this version: {}`,
      expect.stringMatching(/^blobs\/.* is damaged in the datastore \(14 bytes/),
      expect.stringMatching(
        /^\/nowhere\/at\/all\/blobs\/.* cannot be read on this machine .*Is the datastore's folder shared with it, at the same path\?$/,
      ),
      expect.stringMatching(/^Node 18\.20\.4 at .* is too old: a job needs 20\.19 or newer\./),
      expect.stringMatching(/^There is no place for the code in \/nowhere\/to\/write .*: set TMPDIR/),
    ]);
    for (const { stderr } of ends) expect(stderr).toMatch(/^millrace: [^\n]*\n$/);
    expect(ends.flatMap(({ left }) => left)).toEqual([]);
  });
});

function bootJob(root: string, nodeOptions: readonly string[] = []): Promise<BootEnd> {
  return boot({ [JOB_VARIABLE]: JSON.stringify(jobIn({ kind: "local", root })) }, nodeOptions);
}
