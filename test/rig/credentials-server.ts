import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Gives credentials that last a few seconds, as a container's own service does; each time they have expired it gives others. */
export class CredentialsServer implements AsyncDisposable {
  /** All access keys that it has given, the last one at the end. */
  readonly given: string[] = [];
  readonly #server: Server;

  private constructor(lifeMs: number, expire: (accessKey: string) => void) {
    let until = 0;
    this.#server = createServer((_request, response) => {
      if (Date.now() >= until) {
        until = Date.now() + lifeMs;
        const accessKey = `key${this.given.push("")}`;
        this.given[this.given.length - 1] = accessKey;
        setTimeout(() => expire(accessKey), lifeMs).unref();
      }
      const credentials = { AccessKeyId: this.given.at(-1), SecretAccessKey: "secret", Token: "token", Expiration: new Date(until).toISOString() };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(credentials));
    });
  }

  /** @param expire Hears of each access key when its time is over. */
  static async start(lifeMs: number, expire: (accessKey: string) => void): Promise<CredentialsServer> {
    const server = new CredentialsServer(lifeMs, expire);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** The environment of a process that is to use it. */
  get env(): Readonly<Record<string, string | undefined>> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/credentials`,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
