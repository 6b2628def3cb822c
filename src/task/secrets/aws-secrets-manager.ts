import { MillraceError, messageOf } from "../../core/errors/millrace-error.js";
import { sourceName, type AwsSecrets } from "../../core/secret-source.js";
import { setVariables } from "../step-environment.js";

const PACKAGE = "@aws-sdk/client-secrets-manager";

/**
 * A secret's text. Credentials, region and endpoint are what AWS's SDK finds.
 * @throws MillraceError `secret-missing`, `secret-denied`, `secret-unreachable`, `secret-malformed`, `package-not-installed`
 */
export async function fetchAwsSecret(source: AwsSecrets, step: string): Promise<string> {
  const { SecretsManagerClient, GetSecretValueCommand } = await loadSdk();
  const client = quietly(() => new SecretsManagerClient({ ...(source.region !== undefined && { region: source.region }) }));
  try {
    const command = new GetSecretValueCommand({ SecretId: source.id, ...(source.stage !== undefined && { VersionStage: source.stage }) });
    const { SecretString, SecretBinary } = await client.send(command);
    return SecretString ?? Buffer.from(SecretBinary ?? []).toString();
  } catch (error) {
    throw secretError(error, source, step);
  } finally {
    client.destroy();
  }
}

/** The SDK warns of the age of Node 20 when it makes a client, among what the step prints. */
function quietly<T>(make: () => T): T {
  const restore = setVariables({ AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" });
  try {
    return make();
  } finally {
    restore();
  }
}

async function loadSdk(): Promise<typeof import("@aws-sdk/client-secrets-manager")> {
  try {
    return await import("@aws-sdk/client-secrets-manager");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
    throw new MillraceError("package-not-installed", { packages: [PACKAGE], wantedFor: "A secret of AWS Secrets Manager" }, { cause: error });
  }
}

const REFUSED = new Set(["AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"]);

function secretError(error: unknown, source: AwsSecrets, step: string): MillraceError {
  const name = error instanceof Error ? error.name : "";
  const parameters = { step, source: sourceName(source), reason: messageOf(error).replace(/\.$/, "") };
  if (name === "ResourceNotFoundException") return new MillraceError("secret-missing", { ...parameters, reason: "there is no such secret" });
  return new MillraceError(REFUSED.has(name) ? "secret-denied" : "secret-unreachable", parameters);
}
