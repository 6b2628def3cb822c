import { millrace } from "millrace/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({ plugins: [millrace()] });
