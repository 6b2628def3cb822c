import { entry } from "./entry.js";

/** What can go wrong with `@secrets`. Their values are never told. */
export const secretErrors = {
  "secret-missing": entry<{ step: string; source: string; reason: string }>({
    when: "A source of @secrets has no such secret.",
    message: ({ step, source, reason }) => `Step ${step} gets no secrets from ${source}: ${reason}.`,
    hint: () => "Check the name, and that it is there on the machine that runs the step.",
  }),
  "secret-denied": entry<{ step: string; source: string; reason: string }>({
    when: "The AWS credentials of the machine that runs the step do not allow reading a secret.",
    message: ({ step, source, reason }) => `Step ${step} may not read ${source}: ${reason}.`,
    hint: () => "Allow secretsmanager:GetSecretValue on it (and kms:Decrypt on its key, if it has one of its own) to the role that runs the step.",
  }),
  "secret-unreachable": entry<{ step: string; source: string; reason: string }>({
    when: "A secret could not be fetched.",
    message: ({ step, source, reason }) => `Step ${step} could not read ${source}: ${reason}.`,
    hint: () => "Check AWS_REGION, the credentials and the network of the machine that runs the step; @retry tries again.",
  }),
  "secret-malformed": entry<{ step: string; source: string; problem: string }>({
    when: "What a source of @secrets holds cannot become environment variables.",
    message: ({ step, source, problem }) => `Step ${step} cannot use the secrets from ${source}: ${problem}.`,
    hint: () => "A secret is an object in JSON, or one text that gets a variable's name with the option name.",
  }),
  "secret-overlap": entry<{ step: string; variable: string; sources: readonly string[] }>({
    when: "Two sources of @secrets, or @secrets and @environment, set the same variable.",
    message: ({ step, variable, sources }) => `Step ${step} is given ${variable} twice: by ${sources.join(" and by ")}.`,
    hint: () => "Tell them apart with the option prefix, or take only what is needed with keys.",
  }),
  "secret-in-artifact": entry<{ path: string; variable: string }>({
    when: "A step stores a value that holds one of its secrets.",
    message: ({ path, variable }) => `${path} holds the secret ${variable}, which must not be stored.`,
    hint: () => 'Keep it in a local variable. What is no secret need not be fetched as one: keys: ["password"] takes only what is needed.',
  }),
  "secret-elsewhere": entry<{ step: string; engine: string; source: string }>({
    when: "A step that runs on another machine asks for secrets that only this one has.",
    message: ({ step, engine, source }) => `Step ${step} runs with @${engine} on another machine, and asks for secrets from ${source} of this one.`,
    hint: () => "Put them where that machine can read them, such as AWS Secrets Manager (aws:NAME), or keep the step here with @local.",
    usage: true,
  }),
};
