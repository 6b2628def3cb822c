import { expect, test } from "vitest";
import { findDecorator, isBoolean, isNumber, isString, option, type DecoratorUse } from "../../src/core/definition.js";

const use = (name: string, from: "code" | "with", options: DecoratorUse["options"] = {}): DecoratorUse => ({ name, from, options });

test("the code's decorator wins over that of --with, wherever it stands", () => {
  const decorators = [use("retry", "with", { times: 9 }), use("timeout", "code"), use("retry", "code", { times: 1 })];
  expect(findDecorator({ decorators }, "retry")?.options).toEqual({ times: 1 });
  expect(findDecorator({ decorators: decorators.slice(0, 2) }, "retry")?.options).toEqual({ times: 9 });
  expect(findDecorator({ decorators }, "batch")).toBeUndefined();
});

test("an option counts when it has the wanted kind", () => {
  const retry = use("retry", "code", { times: 2, delay: "5s", jitter: false });
  expect(option(retry, "times", isNumber)).toBe(2);
  expect(option(retry, "delay", isNumber)).toBeUndefined();
  expect(option(retry, "delay", isString)).toBe("5s");
  expect(option(retry, "jitter", isBoolean)).toBe(false);
  expect(option(retry, "absent", isNumber)).toBeUndefined();
  expect(option(undefined, "times", isNumber)).toBeUndefined();
});
