// @ts-check
// A vitest reporter that ends with what was left out and why, then one plain line alone, `N passed, N failed`: what people and CI
// look for. On CI (CI=true) nothing may be left out, so a skipped test counts as failed there.
export default class ClosingLineReporter {
  /** Tests were asked for by name: the others are not left out. */
  #byName = false;

  /** @param {import("vitest/node").Vitest} vitest */
  onInit(vitest) {
    this.#byName = vitest.config.testNamePattern !== undefined;
  }

  /**
   * @param {readonly import("vitest/node").TestModule[]} testModules
   * @param {readonly import("vitest").SerializedError[]} unhandledErrors
   */
  onTestRunEnd(testModules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length };
    /** @type {string[]} */
    const leftOut = [];
    for (const module of testModules) {
      // A file that could not be loaded, or whose hooks failed, is a failure even when no test of it is.
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed" || result.state === "failed") counts[result.state]++;
        else {
          const reason = "note" in result ? result.note : undefined;
          if (reason === undefined && this.#byName) continue;
          leftOut.push(`${module.relativeModuleId}: ${test.fullName} (${reason ?? "no reason given"})`);
        }
      }
    }
    if (process.env["CI"] && leftOut.length > 0) {
      counts.failed += leftOut.length;
      process.exitCode = 1;
    }
    // The default reporter writes its own summary in the same event; these lines stand after it.
    process.once("exit", () => {
      for (const test of leftOut) process.stdout.write(`left out: ${test}\n`);
      process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
    });
  }
}
