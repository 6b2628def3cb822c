// Runs in a plain Node process, as a task does: loads a flow, calls its start step if asked to, and prints what came of it.
import process from "node:process";
import { failureFromError } from "../../src/bundle/error-failure.js";
import { loadFlow } from "../../src/bundle/flow-loading.js";
import { createLocator } from "../../src/bundle/locator.js";
import { isMillraceError } from "../../src/core/errors/millrace-error.js";

interface Startable {
  start(): unknown;
}

const [bundlePath = "", exportName = ""] = process.argv.slice(2);
process.setSourceMapsEnabled(true);
const locator = createLocator(bundlePath);

/** As a flow class is told from others here: its base is called FlowSpec. */
function isFlowClass(value: unknown): value is new () => Startable {
  return typeof value === "function" && value.prototype !== undefined && basesOf(value).includes("FlowSpec");
}

function basesOf(value: object): string[] {
  const base: unknown = Object.getPrototypeOf(value);
  return typeof base === "function" && base.name !== "" ? [base.name, ...basesOf(base)] : [];
}

async function load(): Promise<object> {
  try {
    const flow = await loadFlow(bundlePath, { isFlowClass, locator, ...(exportName !== "" && { exportName }) });
    return { loaded: { name: flow.flowClass.name, exportName: flow.exportName }, ...(await start(flow.flowClass)) };
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    const { code, message, hint, position, parameters } = error;
    return { error: { code, message, hint, position, parameters }, failure: failureFromError(error, { locator }) };
  }
}

async function start(flowClass: new () => Startable): Promise<object> {
  try {
    await new flowClass().start();
    return {};
  } catch (error) {
    return { failure: failureFromError(error, { locator }) };
  }
}

console.log(JSON.stringify(await load()));
