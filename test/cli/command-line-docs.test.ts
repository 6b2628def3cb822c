import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandNames } from "../../src/cli/command-summaries.js";
import { commandTable } from "../../src/cli/command-table.js";
import { settingDefinitions, settingNames } from "../../src/config/setting-definitions.js";
import { REPOSITORY } from "../rig/command.js";

const page = readFileSync(join(REPOSITORY, "docs/command-line.md"), "utf8");

/** The part of the page under a heading. */
function section(title: string): string {
  const [, text = ""] = page.split(new RegExp(`^## ${title}$`, "m"));
  return text.split(/^## /m)[0] ?? "";
}

test("the table of settings is that of the source", () => {
  const rows = section("Settings")
    .split("\n")
    .filter((line) => /^\|.*`MILLRACE_/.test(line));
  expect(rows).toHaveLength(settingNames.length);
  for (const name of settingNames) {
    const { option, variable, fallback } = settingDefinitions[name];
    const row = rows.find((line) => line.includes(`\`${variable}\``));
    expect(row, variable).toContain(`| \`${name}\` |`);
    if (option !== undefined) expect(row).toContain(`\`--${option}\``);
    if (typeof fallback === "number" || typeof fallback === "boolean") expect(row).toMatch(new RegExp(`\\| ${fallback} \\|$`));
    if (typeof fallback === "string") expect(row).toContain(`\`"${fallback}"\``);
  }
});

test.each(commandNames.filter((name) => name !== "help" && name !== "version"))("%s is described with all its options", async (name) => {
  const command = await commandTable[name]();
  const text = name === "resume" ? section("resume") + section("run") : section(name);
  expect(text).toContain(`millrace ${name}`);
  for (const option of command.options) {
    if (option.name !== "help" && option.name !== "color") expect(text).toContain(`--${option.name}`);
  }
});
