import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { BOOT_EXIT_CODE, JOB_VARIABLE } from "../../src/core/remote-job.js";
import type { S3Address } from "../../src/core/store-address.js";
import { sdkSignature } from "./sdk-signature.js";
import { boot, codeOfJob, jobIn, type BootEnd } from "./boot-job.js";

const KEYS = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

/** Answers a request, or does something else with it; false: the next one is to see to it. */
type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server that has the job's code in the bucket `data`, below `some where/`. */
class CodeServer implements AsyncDisposable {
  readonly requests: IncomingMessage[] = [];
  readonly #server = createServer((request, response) => {
    this.requests.push(request);
    if (this.#first(request, response)) return;
    const bytes = codeOfJob.get(decodeURIComponent(request.url ?? "").replace("/data/some where/", ""));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes ?? "<Error><Code>NoSuchKey</Code><Message>Gone.</Message></Error>");
  });
  readonly #first: Answer;

  private constructor(first: Answer) {
    this.#first = first;
  }

  static async listen(first: Answer = () => false): Promise<CodeServer> {
    const server = new CodeServer(first);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  address(more: Partial<S3Address> = {}): S3Address {
    return { kind: "s3", url: "s3://data/some where", region: "eu-central-1", endpoint: this.url, ...more };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function bootFrom(address: S3Address, env: Readonly<Record<string, string>> = KEYS): Promise<BootEnd> {
  return boot({ [JOB_VARIABLE]: JSON.stringify(jobIn(address)), ...env });
}

describe("code in S3", () => {
  test("is fetched with one request an archive, signed as the SDK signs", async () => {
    await using server = await CodeServer.listen();
    const end = await bootFrom(server.address(), { ...KEYS, AWS_SESSION_TOKEN: "a token" });
    expect(end).toMatchObject({ code: 0, stderr: "" });
    expect(server.requests).toHaveLength(codeOfJob.size);
    const credentials = { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY, sessionToken: "a token" };
    for (const request of server.requests) {
      expect(request.headers.authorization).toBe(await sdkSignature(request, credentials, "eu-central-1"));
      expect(request.headers["x-amz-security-token"]).toBe("a token");
    }
  });

  test("comes in spite of errors, resets and cut answers", async () => {
    const seen = new Map<string, number>();
    await using server = await CodeServer.listen((request, response) => {
      const path = request.url ?? "";
      const count = seen.get(path) ?? 0;
      seen.set(path, count + 1);
      if (count === 0) response.writeHead(503).end("<Error><Code>SlowDown</Code></Error>");
      else if (count === 1) request.socket.destroy();
      else if (count === 2) {
        response.writeHead(200, { "content-length": 1000 });
        response.write("half of it", () => request.socket.destroy());
      } else return false;
      return true;
    });
    expect(await bootFrom(server.address())).toMatchObject({ code: 0, stderr: "" });
    expect([...seen.values()]).toEqual([4, 4, 4]);
  });

  test("is asked for in the bucket's own region", async () => {
    await using server = await CodeServer.listen(({ headers }, response) => {
      if (headers.authorization?.includes("/ap-south-1/") === true) return false;
      response.writeHead(301, { "x-amz-bucket-region": "ap-south-1" }).end();
      return true;
    });
    expect(await bootFrom(server.address())).toMatchObject({ code: 0 });
  });

  test("needs credentials: of the container, with its token", async () => {
    await using credentials = await CodeServer.listen(({ headers }, response) => {
      const isRight = headers.authorization === "the token";
      response.writeHead(isRight ? 200 : 401).end(JSON.stringify({ AccessKeyId: "ASIAROLE", SecretAccessKey: "s", Token: "session" }));
      return true;
    });
    await using server = await CodeServer.listen();
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${credentials.url}/role`, AWS_CONTAINER_AUTHORIZATION_TOKEN: "the token" };
    expect(await bootFrom(server.address(), env)).toMatchObject({ code: 0 });
    expect(server.requests[0]?.headers["x-amz-security-token"]).toBe("session");
    expect(credentials.requests).toHaveLength(1);
  });

  test("is fetched with other credentials when those of the container have expired meanwhile", async () => {
    let asked = 0;
    await using credentials = await CodeServer.listen((_, response) => {
      response.writeHead(200).end(JSON.stringify({ AccessKeyId: `ASIA${++asked}`, SecretAccessKey: "s", Token: "session" }));
      return true;
    });
    await using server = await CodeServer.listen(({ headers }, response) => {
      if (headers.authorization?.includes("Credential=ASIA1/") !== true) return false;
      response.writeHead(400).end("<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>");
      return true;
    });
    expect(await bootFrom(server.address(), { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${credentials.url}/role` })).toMatchObject({ code: 0 });
  });

  test("that is not there or not allowed is told in one line, at once", async () => {
    await using denying = await CodeServer.listen((_, response) => {
      response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
      return true;
    });
    await using server = await CodeServer.listen();
    const denied = await bootFrom(denying.address());
    expect(denied.code).toBe(BOOT_EXIT_CODE);
    expect(denied.stderr).toMatch(
      /^millrace: S3 answered 403 AccessDenied for s3:\/\/data\/some where\/blobs\/\S+: Access Denied The job's role \(or its keys\) must allow s3:GetObject on the datastore\.\n$/,
    );
    const gone = await bootFrom(server.address({ url: "s3://data/elsewhere" }));
    expect(gone).toMatchObject({
      code: BOOT_EXIT_CODE,
      stderr: expect.stringMatching(/^millrace: S3 answered 404 NoSuchKey .* The run's code is gone: was it cleaned up\?\n$/),
    });
    expect(denying.requests.length).toBeLessThanOrEqual(codeOfJob.size);
  });
});
