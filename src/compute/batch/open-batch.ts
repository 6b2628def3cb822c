import type { EngineSettings } from "../open-engine.js";
import type { RemoteEngine } from "../remote/engine.js";

export async function openBatch(_settings: EngineSettings): Promise<RemoteEngine> {
  throw new Error("not yet");
}
