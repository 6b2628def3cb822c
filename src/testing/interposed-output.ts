import type { LogStream } from "../datastore/task-log.js";
import { currentSlot } from "./task-slot.js";

const STREAMS: readonly LogStream[] = ["stdout", "stderr"];

let users = 0;
let restore = (): void => {};

/**
 * While attempts are at work, what their code prints through `console` or the process's streams is noted with them, and
 * printed as ever. What others print is theirs. The answer takes it back; the last one puts everything as it was.
 */
export function interposeOutput(): () => void {
  if (users++ === 0) restore = install();
  return () => {
    if (--users === 0) restore();
  };
}

function install(): () => void {
  const undo = [interposeConsole(), ...STREAMS.map(interposeStream)];
  return () => {
    for (const one of undo) one();
  };
}

/** Test runners have a console of their own, which does not write to the process's streams. */
function interposeConsole(): () => void {
  const original = globalThis.console;
  const noted = new Proxy(original, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      const output = currentSlot()?.output;
      const noting: unknown = output === undefined ? undefined : Reflect.get(output.console, name);
      if (output === undefined || typeof method !== "function" || typeof noting !== "function") return method;
      return (...args: readonly unknown[]): unknown => {
        Reflect.apply(noting, output.console, args);
        output.printing = true;
        try {
          return Reflect.apply(method, target, args);
        } finally {
          output.printing = false;
        }
      };
    },
  });
  globalThis.console = noted;
  return () => {
    // Somebody else may have put theirs there since.
    if (globalThis.console === noted) globalThis.console = original;
  };
}

function interposeStream(stream: LogStream): () => void {
  const target = process[stream];
  const original = Object.getOwnPropertyDescriptor(target, "write");
  const write = target.write;
  const noted = (...args: Parameters<typeof write>): boolean => {
    const output = currentSlot()?.output;
    if (output !== undefined && !output.printing) output.add(stream, args[0]);
    return Reflect.apply(write, target, args);
  };
  // The overloads of `write` differ in what is optional; passing all on serves each.
  target.write = noted as typeof write;
  return () => {
    if (target.write !== noted) return;
    if (original === undefined) Reflect.deleteProperty(target, "write");
    else Object.defineProperty(target, "write", original);
  };
}
