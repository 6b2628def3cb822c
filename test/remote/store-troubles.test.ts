import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { flowText } from "../rig/flow-text.js";
import { Project } from "../rig/project.js";
import { S3Proxy, type Fault, type FaultPlan, type SeenRequest } from "../rig/s3-proxy.js";
import { awsService, describeWith, slurmService } from "../rig/services.js";

const SAID = "is slow or fails";

const flow = flowText({
  imports: "slurm, type Inputs",
  head: "void [gate, here, note];",
  fields: "value!: number; sum!: number;",
  steps: `
  @step start() { this.next(this.body, { foreach: [1, 2, 3] }); }
  @step @slurm body(n: number) {
    console.log("out " + n);
    console.error("err " + n);
    this.value = n;
    this.next(this.join);
  }
  @step join(inputs: Inputs<this>) { this.sum = inputs.reduce((sum, input) => sum + input.value, 0); this.next(this.end); }
  @step end() { console.log("sum " + this.sum); }`,
});

/** What a job alone asks: its code, by the start script, and its task's record and log. */
function isOfStartScript({ headers, method }: IncomingMessage): boolean {
  return method === "GET" && headers["user-agent"]?.includes("aws-sdk") !== true;
}

function isOfTask({ url = "", method }: Pick<IncomingMessage, "url" | "method">): boolean {
  return method === "PUT" && /\/(tasks|logs)\/body\//.test(url);
}

/** Each request of that kind fails the first time that it is sent. */
function once(fault: Fault, isMeant: (request: IncomingMessage) => boolean): FaultPlan {
  const met = new Set<string>();
  return (request) => {
    const { url = "" } = request;
    if (!isMeant(request) || met.has(url)) return undefined;
    met.add(url);
    return fault;
  };
}

const aws = await awsService();

describeWith(await slurmService(), "jobs", (slurm) => {
  describeWith(aws, "whose datastore in S3 fails now and then", ({ endpoint, env: access, freshUrl }) => {
    interface Place extends AsyncDisposable {
      readonly project: Project;
      readonly proxy: S3Proxy;
      readonly env: Readonly<Record<string, string>>;
    }

    async function openPlace(plan?: FaultPlan): Promise<Place> {
      const proxy = await S3Proxy.start(endpoint, plan);
      const project = await Project.create({ "flow.ts": flow });
      const S3 = { MILLRACE_DATASTORE: freshUrl(), MILLRACE_CACHE: "off", MILLRACE_S3_PATIENCE: "3s", AWS_ENDPOINT_URL: proxy.endpoint };
      return {
        project,
        proxy,
        env: { ...slurm.env, ...access, ...S3 },
        async [Symbol.asyncDispose]() {
          await project[Symbol.asyncDispose]();
          await proxy[Symbol.asyncDispose]();
        },
      };
    }

    const writes = (seen: readonly SeenRequest[]): number => seen.filter(({ path, method }) => isOfTask({ url: path, method })).length;

    test.concurrent("say nothing when all is well, and ask for no more than a record and a log", async () => {
      await using place = await openPlace();
      const { project, proxy, env } = place;
      const { all } = await project.expectMillrace(0, ["run", "flow.ts"], { env });
      expect(all).not.toContain(SAID);
      expect(writes(proxy.seen)).toBe(3 * 2);
    });

    test.concurrent.each<readonly [string, Fault, (request: IncomingMessage) => boolean]>([
      ["their code", "503", isOfStartScript],
      ["their results", "500", isOfTask],
      ["what they are told", "cut-body", ({ url = "" }) => url.includes("/jobs/slurm/body/")],
    ])("are heard of, once, when S3 fails on %s; their logs have what they printed", async (_what, fault, isMeant) => {
      await using place = await openPlace(once(fault, isMeant));
      const { project, proxy, env } = place;
      const { all } = await project.expectMillrace(0, ["run", "flow.ts"], { env });
      expect(proxy.seen.some((seen) => seen.fault === fault)).toBe(true);
      expect(all.split(SAID), all).toHaveLength(2);
      expect(all).toContain("sum 6");
      const logs = await project.expectMillrace(0, ["logs", "Demo/latest/body/1"], { env });
      expect(logs.all.trim().split("\n").toSorted()).toEqual(["err 2", "out 2"]);
    });

    test.concurrent.each<readonly [string, (request: IncomingMessage) => boolean, RegExp]>([
      ["their code", isOfStartScript, /does not answer for .*(closed|reset|hang up)/i],
      ["their results", isOfTask, /cannot be reached|s3-unreachable/],
    ])("fail in words when S3 never comes back for %s", async (_what, isMeant, words) => {
      await using place = await openPlace((request) => (isMeant(request) ? "reset" : undefined));
      const { project, env } = place;
      const { all } = await project.expectMillrace(1, ["run", "flow.ts"], { env });
      expect(all).toMatch(words);
      expect(all).not.toMatch(/It said|Http|S3:|^\s+at .*millrace/m);
    });
  });
});
