/**
 * The module `rig.ts` that every test project gets at its root: what a step uses to talk with the test.
 *
 * - `note(text)` appends a line to the project's ledger, in one write.
 * - `await gate(name)` reports to the test and waits until the test opens the gate; returns the word given there.
 * - `here()` is the task at hand, `score/3`.
 */
export const STEP_SIDE = `import { appendFileSync } from "node:fs";
import { connect } from "node:net";
import { current } from "millrace";

export function note(text: string): void {
  appendFileSync(process.env.RIG_LEDGER!, text + "\\n");
}

export function here(): string {
  return current.stepName + "/" + current.taskId;
}

export function gate(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(process.env.RIG_GATES), "127.0.0.1");
    socket.setEncoding("utf8");
    socket.on("connect", () => socket.write(name + "\\t" + process.pid + "\\n"));
    socket.on("data", (chunk) => { answer += chunk; });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer.trim()));
  });
}
`;
