import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { optionExpectation } from "../../src/flow/decorator-options.js";
import { decoratorRules, listRules, type DecoratorRule } from "../../src/flow/decorator-rules.js";

const page = readFileSync(new URL("../../docs/flow-language.md", import.meta.url), "utf8").split("\n");

/** The rows of the table of decorators that a rule should have in the documentation. */
function rowsOf(rule: DecoratorRule): readonly string[] {
  const shared = Object.entries(rule.options).filter(([name]) => rule.name !== "resources" && name in decoratorRules.resources.options);
  const own = Object.entries(rule.options).filter((entry) => !shared.some(([name]) => name === entry[0]));
  const cells = own.map(([name, option]) => {
    const fallback = option.required ? "has to be given" : option.default === undefined ? "" : JSON.stringify(option.default);
    return ` \`${name}\` | ${optionExpectation(option.kind)}: ${option.about} | ${fallback}`.trimEnd();
  });
  const rows = shared.length > 0 ? [" those of `@resources` | |", ...cells] : cells.length > 0 ? cells : [" | |"];
  const heading = `\`@${rule.name}\` ${rule.about}${rule.name === "timeout" ? '; `@timeout("5m")`' : ""}`;
  return rows.map((row, index) => (index === 0 ? `| ${heading} |${row} |` : `| |${row} |`));
}

describe.each(["step", "class"] as const)("the page on the flow language has, with options and defaults, decorators of a %s:", (on) => {
  test.each(listRules(on).map((rule) => [rule.name, rule] as const))("@%s", (_, rule) => {
    const rows = rowsOf(rule);
    const at = page.indexOf(rows[0] ?? "");
    expect(page.slice(at, at + rows.length)).toEqual(rows);
  });
});
