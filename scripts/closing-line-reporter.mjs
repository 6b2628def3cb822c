// A vitest reporter that ends with one plain line, `N passed, N failed`, alone: what people and CI look for.
export default class ClosingLineReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of testModules) {
      // A file that could not be collected, or whose hooks failed, is a failure even when no test of it is.
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else if (state === "failed") failed++;
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    // The default reporter writes its own summary in the same event; this line stands after it.
    process.once("exit", () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }
}
