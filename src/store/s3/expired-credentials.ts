import { findIn } from "./error-facts.js";

/** What all clients of AWS's SDK have of this. */
interface AwsClient {
  readonly config: { credentials(options?: Record<string, unknown>): Promise<object> };
  readonly middlewareStack: {
    add(middleware: Middleware, options: { step: "initialize"; name: string }): void;
  };
}

type Middleware = <I, O>(next: (given: I) => Promise<O>, context: { readonly commandName?: string }) => (given: I) => Promise<O>;

const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]);

/** The credentials have been good for a time, and are not any more. */
export function isExpired(error: unknown): boolean {
  return findIn(error).names.some((name) => EXPIRED.has(name));
}

const MISSING = new Set(["CredentialsProviderError", "TokenProviderError"]);

/** There are no credentials: where there have been some, whoever renews them may be writing their file at this moment. */
export function areCredentialsMissing(error: unknown): boolean {
  return findIn(error).names.some((name) => MISSING.has(name));
}

/** Credentials have expired that stand in the environment: nobody can renew them for this process. */
export class ExpiredForGood extends Error {
  override readonly name = "ExpiredForGood";

  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

/**
 * Lets a client look for credentials anew when AWS says that its own have expired: the SDK does so by itself only when it was told how
 * long they last, which files do not tell. A request that was refused is sent once more.
 */
export function renewExpired(client: AwsClient): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        try {
          return await next(given);
        } catch (error) {
          // A HEAD's answer has no words.
          const mayBe = commandName === "HeadObjectCommand" && findIn(error).status === 400;
          if (!(error instanceof Error) || (!isExpired(error) && !mayBe)) throw error;
          const found = await client.config.credentials({ forceRefresh: true });
          if (isExpired(error) && isFromEnvironment(found)) throw new ExpiredForGood(error);
          return await next(given);
        }
      },
    { step: "initialize", name: "millraceRenewExpired" },
  );
}

function isFromEnvironment(credentials: object): boolean {
  return "$source" in credentials && typeof credentials.$source === "object" && "CREDENTIALS_ENV_VARS" in (credentials.$source ?? {});
}
