import { MemoryStore } from "../../src/store/memory-store.js";
import { testObjectStore } from "./conformance.js";

testObjectStore("memory", async () => {
  const store = new MemoryStore();
  return { store, other: store, async [Symbol.asyncDispose]() {} };
});
