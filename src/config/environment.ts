/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** This process's environment: the one place that reads it. Live: what is set later is seen. */
export function processEnvironment(): Environment {
  return process.env;
}

/** AWS's packages print a warning on Node 20, where they work: no affair of whoever runs a flow. To be called before they are loaded. */
export function silenceAwsWarning(): void {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
}

/** Variables that speak to millrace itself and are no settings of a run. */
export const DEBUG_VARIABLE = "MILLRACE_DEBUG";

/** The details of internal errors are wanted. */
export function isDebugging(environment: Environment): boolean {
  const value = environment[DEBUG_VARIABLE];
  return value !== undefined && value !== "" && value !== "0";
}
