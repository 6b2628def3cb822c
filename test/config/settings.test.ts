import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSettings, type SettingFlags, type Settings } from "../../src/config/settings.js";
import { settingDefinitions, settingNames } from "../../src/config/setting-definitions.js";
import { MillraceError } from "../../src/core/errors/millrace-error.js";
import { TemporaryFolder } from "./temporary-folder.js";

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: SettingFlags;
}

function read({ files = {}, environment = {}, flags = {} }: Given, check: (settings: Settings, root: string) => void): void {
  using folder = new TemporaryFolder(files);
  check(readSettings({ root: folder.path, cwd: join(folder.path, "sub"), environment, flags }), folder.path);
}

function refusal(given: Given): MillraceError {
  try {
    read(given, () => undefined);
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  return expect.fail("nothing was refused");
}

describe("settings", () => {
  test("have defaults when nothing is said", () => {
    read({}, (settings, root) => {
      expect(settings).toMatchObject({
        maxWorkers: 16,
        maxNumSplits: 100,
        maxLogSize: 10,
        maxLogBytes: 10 * 1024 * 1024,
        tags: [],
        keepGoing: false,
      });
      expect(settings.datastoreAddress).toEqual({ kind: "local", root: join(root, ".millrace") });
      expect(settings.sources.maxWorkers.kind).toBe("default");
      expect(settings.userName).not.toBe("");
      expect(settings.warnings).toEqual([]);
    });
  });

  test("come from the command line first, then the environment, then the file", () => {
    const file = { "millrace.config.json": '{ "maxWorkers": 2, "maxNumSplits": 20, "namespace": "file" }' };
    const environment = { MILLRACE_MAX_WORKERS: "3", MILLRACE_MAX_NUM_SPLITS: "30" };
    read({ files: file, environment, flags: { maxWorkers: ["4"] } }, (settings) => {
      expect(settings).toMatchObject({ maxWorkers: 4, maxNumSplits: 30, namespace: "file" });
      expect(settings.sources).toMatchObject({
        maxWorkers: { kind: "command-line", name: "--max-workers" },
        maxNumSplits: { kind: "environment", name: "MILLRACE_MAX_NUM_SPLITS" },
        namespace: { kind: "file", name: "namespace in millrace.config.json" },
      });
    });
  });

  test("false on the command line wins over true elsewhere", () => {
    read({ environment: { MILLRACE_KEEP_GOING: "yes" }, flags: { keepGoing: ["false"] } }, (settings) => expect(settings.keepGoing).toBe(false));
  });

  test("are read from package.json where there is no file of their own", () => {
    read({ files: { "package.json": '{ "name": "x", "millrace": { "maxWorkers": 5 } }' } }, (settings) => {
      expect(settings.maxWorkers).toBe(5);
      expect(settings.sources.maxWorkers.name).toBe("maxWorkers in package.json");
    });
    const both = { "package.json": '{ "millrace": { "maxWorkers": 5 } }', "millrace.config.json": '{ "maxWorkers": 6 }' };
    read({ files: both }, (settings) => expect(settings.maxWorkers).toBe(6));
  });

  test("an empty variable says nothing", () => {
    read({ environment: { MILLRACE_MAX_WORKERS: "" } }, (settings) => expect(settings.maxWorkers).toBe(16));
  });

  test("lists are told apart in each place", () => {
    read({ flags: { tags: ["a", "b,c"] } }, (settings) => expect(settings.tags).toEqual(["a", "b", "c"]));
    read({ environment: { MILLRACE_TAGS: "a, b," } }, (settings) => expect(settings.tags).toEqual(["a", "b"]));
    read({ files: { "millrace.config.json": '{ "tags": ["a,b", "c"] }' } }, (settings) => expect(settings.tags).toEqual(["a,b", "c"]));
    read({ environment: { MILLRACE_WITH: "retry:times=2,delay=1s; timeout:5m" } }, (settings) => {
      expect(settings.with).toEqual(["retry:times=2,delay=1s", "timeout:5m"]);
    });
  });

  test("a relative datastore starts from where it was said", () => {
    read({ flags: { datastore: ["runs"] } }, (settings, root) =>
      expect(settings.datastoreAddress).toEqual({ kind: "local", root: join(root, "sub", "runs") }),
    );
    read({ files: { "millrace.config.json": '{ "datastore": "runs" }' } }, (settings, root) =>
      expect(settings.datastoreAddress).toEqual({ kind: "local", root: join(root, "runs") }),
    );
    read({ flags: { datastore: ["file:///data/runs"] } }, (settings) =>
      expect(settings.datastoreAddress).toEqual({ kind: "local", root: "/data/runs" }),
    );
  });

  test("a datastore in S3 is named by its URL, or by s3 where its root is configured", () => {
    const place = { kind: "s3", url: "s3://bucket/a/prefix" };
    read({ flags: { datastore: ["s3://bucket/a/prefix/"] } }, (settings) => expect(settings.datastoreAddress).toMatchObject(place));
    const environment = { MILLRACE_S3_ROOT: "s3://bucket/a/prefix" };
    read({ flags: { datastore: ["s3"] }, environment }, (settings) => expect(settings.datastoreAddress).toMatchObject(place));
    const files = { "millrace.config.json": '{ "datastore": "s3", "s3Root": "s3://bucket/a/prefix" }' };
    read({ files }, (settings) => expect(settings.datastoreAddress).toMatchObject(place));
  });

  test("what AWS's own variables say of the place travels with it; our settings come first", () => {
    const flags = { datastore: ["s3://bucket"] };
    const environment = { AWS_ENDPOINT_URL: "http://localhost:9000", AWS_REGION: "eu-west-1" };
    const asThere = { endpoint: "http://localhost:9000", region: "eu-west-1", pathStyle: true };
    read({ flags, environment }, (settings) => expect(settings.datastoreAddress).toMatchObject(asThere));
    const own = { ...environment, MILLRACE_S3_ENDPOINT: "http://minio:9000", MILLRACE_S3_REGION: "here", MILLRACE_S3_PATH_STYLE: "false" };
    read({ flags, environment: own }, (settings) => {
      expect(settings.datastoreAddress).toMatchObject({ endpoint: "http://minio:9000", region: "here" });
      expect(settings.datastoreAddress).not.toHaveProperty("pathStyle");
    });
    const aws = { AWS_ENDPOINT_URL_S3: "https://s3.eu-west-1.amazonaws.com", AWS_ENDPOINT_URL: "http://localhost:9000" };
    read({ flags, environment: aws }, (settings) => {
      expect(settings.datastoreAddress).toMatchObject({ endpoint: "https://s3.eu-west-1.amazonaws.com" });
      expect(settings.datastoreAddress).not.toHaveProperty("pathStyle");
    });
    read({ flags, environment: { ...environment, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" } }, (settings) =>
      expect(settings.datastoreAddress).not.toHaveProperty("endpoint"),
    );
  });

  test("blobs of S3 are kept on this machine, where it is said, unless it is off", () => {
    const flags = { datastore: ["s3://bucket"] };
    read({ flags, environment: { MILLRACE_CACHE: "kept", MILLRACE_CACHE_SIZE: "2" } }, (settings, root) =>
      expect(settings.datastoreAddress).toMatchObject({ cache: { folder: join(root, "sub", "kept"), maxBytes: 2 * 1024 * 1024 } }),
    );
    read({ flags, environment: { MILLRACE_CACHE: "off" } }, (settings) => expect(settings.datastoreAddress).not.toHaveProperty("cache"));
    read({ flags, environment: { HOME: "/home/ada" } }, (settings) =>
      expect(settings.datastoreAddress).toMatchObject({ cache: { folder: expect.stringMatching(/millrace/) } }),
    );
  });

  test.each([
    ["s3", "s3-root-missing"],
    ["s3:/bucket/x", "s3-url-malformed"],
    ["s3://", "s3-url-malformed"],
    ["s3://bucket/../x", "s3-url-malformed"],
    ["https://example.org/x", "datastore-unsupported"],
  ])("the datastore %s is refused: %s", (datastore, code) => {
    expect(refusal({ flags: { datastore: [datastore] } })).toMatchObject({ code, exitCode: 2 });
  });

  test.each([
    [{ flags: { maxWorkers: ["0"] } }, "--max-workers should be a whole number from 1, but is “0”."],
    [{ flags: { maxWorkers: ["many"] } }, "--max-workers should be a whole number from 1, but is “many”."],
    [{ flags: { maxWorkers: ["1.5"] } }, "--max-workers should be a whole number from 1, but is “1.5”."],
    [{ environment: { MILLRACE_MAX_NUM_SPLITS: "-3" } }, "MILLRACE_MAX_NUM_SPLITS should be a whole number from 1, but is “-3”."],
    [{ environment: { MILLRACE_KEEP_GOING: "perhaps" } }, "MILLRACE_KEEP_GOING should be true or false, but is “perhaps”."],
    [{ files: { "millrace.config.json": '{ "maxLogSize": 0 }' } }, "maxLogSize in millrace.config.json should be a number above 0, but is 0."],
    [{ files: { "millrace.config.json": '{ "quiet": "yes" }' } }, 'quiet in millrace.config.json should be true or false, but is "yes".'],
    [{ files: { "millrace.config.json": '{ "tags": [1] }' } }, "tags in millrace.config.json should be a list of texts (a,b), but is [1]."],
    [{ flags: { color: ["sometimes"] } }, "--color should be auto, always or never, but is “sometimes”."],
  ] satisfies [Given, string][])("%j is refused", (given, message) => {
    expect(refusal(given)).toMatchObject({ code: "bad-option-value", message, exitCode: 2 });
  });

  test("a key that is no setting is refused, with the nearest name", () => {
    const error = refusal({ files: { "millrace.config.json": '{ "maxWorker": 2 }' } });
    expect(error).toMatchObject({ code: "config-key-unknown", exitCode: 2 });
    expect(error.hint).toContain("Did you mean maxWorkers?");
  });

  test.each([
    ['{\n  "maxWorkers": 2,\n}', 3, 1],
    ["{ maxWorkers: 2 }", 1, 3],
    ['{ "a": 1 } x', 1, 12],
    ["", 1, 1],
    ['{ "tags": ["a\n"] }', 1, 12],
  ])("malformed JSON is refused with its place: %j", (text, line, column) => {
    expect(refusal({ files: { "millrace.config.json": text } })).toMatchObject({
      code: "config-malformed",
      exitCode: 2,
      position: { file: "millrace.config.json", line, column },
    });
  });

  test("a file that holds something else than an object is refused", () => {
    expect(refusal({ files: { "millrace.config.json": "[]" } }).code).toBe("config-malformed");
    expect(refusal({ files: { "package.json": '{ "millrace": 4 }' } }).code).toBe("config-malformed");
    expect(refusal({ files: { "millrace.config.json": '{ "parameters": { "ScoreFlow": 1 } }' } }).code).toBe("config-malformed");
  });

  test("a folder in the file's place is refused", () => {
    expect(refusal({ files: { "millrace.config.json/x": "" } })).toMatchObject({ code: "config-unreadable", exitCode: 2 });
  });

  test("a variable that nearly is one of ours is warned of", () => {
    const environment = { MILLRACE_MAX_WORKER: "4", MILLRACE_DEBUG: "1", MILLRACE_RUN_ALPHA: "2", MILLRACE_SOMETHING_ELSE: "x" };
    read({ environment }, (settings) => {
      expect(settings.warnings).toEqual(["The environment sets MILLRACE_MAX_WORKER, which is no setting; did you mean MILLRACE_MAX_WORKERS?"]);
    });
  });

  test("every setting has a variable named after its key", () => {
    for (const name of settingNames) {
      expect(settingDefinitions[name].variable).toBe(`MILLRACE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`);
    }
  });
});
