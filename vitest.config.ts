import { defineConfig } from "vitest/config";
import manifest from "./package.json" with { type: "json" };

export default defineConfig({
  define: { MILLRACE_VERSION: JSON.stringify(manifest.version) },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["./scripts/build-before-tests.mjs", "./scripts/services-after-tests.mjs"],
    // Most tests wait for processes that they start; two files at once keep a small machine busy without starving them.
    maxWorkers: 2,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
  },
});
