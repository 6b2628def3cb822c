import type { Graph } from "../../core/graph.js";

/** A place in layers: `layer` along the flow's direction, `slot` across it, both in units of one step. */
export interface Place {
  readonly layer: number;
  readonly slot: number;
}

export interface LaidOutEdge {
  readonly from: string;
  readonly to: string;
  /** Where it passes the layers in between. */
  readonly via: readonly Place[];
  /** It leads back, as a loop does. */
  readonly back: boolean;
}

export interface GraphLayout {
  readonly places: ReadonlyMap<string, Place>;
  readonly edges: readonly LaidOutEdge[];
  readonly layers: number;
  /** Across, the least and the greatest slot. */
  readonly slots: readonly [number, number];
}

/** A step, or the place where an edge passes a layer. */
interface Node {
  readonly name: string;
  readonly layer: number;
  slot: number;
  readonly before: Node[];
  readonly after: Node[];
}

/** Rounds of moving nodes towards their neighbours. */
const SWEEPS = 8;

/** Puts a graph's steps into layers, so that edges lead forward and cross little; edges of loops lead back. */
export function layOut(graph: Graph): GraphLayout {
  const forward = forwardEdges(graph);
  const layerOf = longestPaths(graph, forward);
  const nodes = new Map<string, Node>();
  const layers: Node[][] = [];
  const add = (name: string, layer: number): Node => {
    const node: Node = { name, layer, slot: 0, before: [], after: [] };
    (layers[layer] ??= []).push(node);
    return node;
  };
  for (const [name, layer] of layerOf) nodes.set(name, add(name, layer));
  const passages = new Map<string, readonly Node[]>();
  for (const [from, targets] of forward) {
    for (const to of targets) {
      const start = nodes.get(from);
      const end = nodes.get(to);
      if (start === undefined || end === undefined) continue;
      const via: Node[] = [];
      for (let layer = start.layer + 1; layer < end.layer; layer++) via.push(add("", layer));
      const chain = [start, ...via, end];
      for (const [index, node] of chain.slice(0, -1).entries()) {
        const next = chain[index + 1];
        if (next === undefined) continue;
        node.after.push(next);
        next.before.push(node);
      }
      passages.set(`${from} ${to}`, via);
    }
  }
  settle(layers);
  const edges = graph.steps.flatMap(({ name, next }) =>
    next.map((to): LaidOutEdge => {
      const via = passages.get(`${name} ${to}`);
      return { from: name, to, via: via ?? [], back: via === undefined };
    }),
  );
  const slots = layers.flat().map(({ slot }) => slot);
  return { places: nodes, edges, layers: layers.length, slots: [Math.min(...slots), Math.max(...slots)] };
}

/** The edges that do not close a circle on the way from start. */
function forwardEdges(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const nextOf = new Map(graph.steps.map(({ name, next }) => [name, next]));
  const forward = new Map<string, string[]>(graph.steps.map(({ name }) => [name, []]));
  const state = new Map<string, "open" | "done">();
  for (const root of ["start", ...nextOf.keys()]) {
    if (state.has(root) || !nextOf.has(root)) continue;
    // With a stack of its own: graphs may have thousands of steps in a row.
    const path = [{ name: root, index: 0 }];
    state.set(root, "open");
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const target = nextOf.get(visit.name)?.[visit.index++];
      if (target === undefined) {
        state.set(visit.name, "done");
        path.pop();
        continue;
      }
      if (state.get(target) === "open") continue;
      forward.get(visit.name)?.push(target);
      if (!state.has(target) && nextOf.has(target)) {
        state.set(target, "open");
        path.push({ name: target, index: 0 });
      }
    }
  }
  return forward;
}

/** Each step one layer behind the last of those before it. */
function longestPaths(graph: Graph, forward: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const waiting = new Map(graph.steps.map(({ name }) => [name, 0]));
  for (const targets of forward.values()) for (const target of targets) waiting.set(target, (waiting.get(target) ?? 0) + 1);
  const layerOf = new Map<string, number>();
  const ready = graph.steps.map(({ name }) => name).filter((name) => waiting.get(name) === 0);
  for (const name of ready) {
    const layer = layerOf.get(name) ?? 0;
    layerOf.set(name, layer);
    for (const target of forward.get(name) ?? []) {
      layerOf.set(target, Math.max(layerOf.get(target) ?? 0, layer + 1));
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  return layerOf;
}

/** Gives the nodes of each layer their order and places: near to what they are joined with, a slot apart. */
function settle(layers: readonly Node[][]): void {
  for (const layer of layers)
    spread(
      layer,
      layer.map((_, index) => index - (layer.length - 1) / 2),
    );
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) {
      const wanted = new Map(layer.map((node) => [node, mean((down ? node.before : node.after).map(({ slot }) => slot)) ?? node.slot]));
      layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      spread(
        layer,
        layer.map((node) => wanted.get(node) ?? 0),
      );
    }
  }
}

/** As near to the wanted places as a slot between neighbours allows, the layer as a whole around their middle. */
function spread(layer: readonly Node[], wanted: readonly number[]): void {
  let previous = Number.NEGATIVE_INFINITY;
  const slots = wanted.map((slot) => (previous = Math.max(slot, previous + 1)));
  const shift = (mean(slots) ?? 0) - (mean(wanted) ?? 0);
  for (const [index, node] of layer.entries()) node.slot = (slots[index] ?? 0) - shift;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
