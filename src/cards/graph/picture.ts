import type { Graph, GraphStep } from "../../core/graph.js";
import { markup, join, type SafeHtml } from "../html.js";
import { layOut, type GraphLayout, type LaidOutEdge, type Place } from "./layout.js";

/** Graphs of more steps are told in words: their picture would be too large to read. */
const MOST_STEPS = 150;
/** Pixels beside all steps for edges that lead back. */
const ASIDE = 30;
/** Flows of more layers run down the page instead of across it. */
const LAYERS_ACROSS = 7;

const NODE_HEIGHT = 34;
const CHARACTER = 7.4;
const MARGIN = 14;

/** Where things are on the picture, in pixels. */
interface Frame {
  readonly across: boolean;
  readonly nodeWidth: number;
  readonly layerGap: number;
  readonly slotGap: number;
  readonly originX: number;
  readonly originY: number;
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The flow's graph with one step marked. */
export function graphPicture(graph: Graph, marked: string): SafeHtml {
  const { steps } = graph;
  if (steps.length > MOST_STEPS) {
    return markup`<p class="muted">The flow has ${steps.length} steps, too many to draw here; this is ${marked}.</p>`;
  }
  const layout = layOut(graph);
  const frame = frameOf(layout, steps);
  const stepsByName = new Map(steps.map((step) => [step.name, step]));
  const places = [...layout.places].map(([name, place]) => [stepsByName.get(name), pointAt(frame, place)] as const);
  const names = steps.map(({ name, next }) => (next.length === 0 ? name : `${name} to ${next.join(" and ")}`)).join(", ");
  return markup`<div class="scroll graph" tabindex="0" role="region" aria-label="Graph">
    <svg
      width="${frame.width}"
      height="${frame.height}"
      viewBox="0 0 ${frame.width} ${frame.height}"
      role="img"
      aria-label="Graph of ${graph.flow}: ${names}. This is ${marked}."
    >
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path class="head" d="M0 0.5L8 4L0 7.5Z" />
        </marker>
      </defs>
      ${join(layout.edges.map((edge) => edgePicture(edge, layout, frame, stepsByName.get(edge.from))))}
      ${join(places.map(([step, point]) => step !== undefined && nodePicture(step, point, frame, step.name === marked, isEach(step, steps))))}
    </svg>
  </div>`;
}

/** The step runs once an item of a fan-out that leads to it. */
function isEach({ name }: GraphStep, steps: readonly GraphStep[]): boolean {
  return steps.some(({ kind, next }) => kind === "foreach" && next.includes(name));
}

function frameOf(layout: GraphLayout, steps: readonly GraphStep[]): Frame {
  const {
    layers,
    slots: [least, greatest],
  } = layout;
  const across = layers <= LAYERS_ACROSS;
  const longest = Math.max(...steps.map(({ name }) => labelOf(name).length));
  const nodeWidth = Math.round(longest * CHARACTER + 28);
  const layerGap = across ? nodeWidth + 46 : NODE_HEIGHT + 34;
  const slotGap = across ? NODE_HEIGHT + 22 : nodeWidth + 24;
  // Edges that lead back run beside all steps, on the side where fewer stand in their way.
  const room = (before: boolean): number => (layout.edges.some((edge) => edge.back && leadsBefore(edge, layout) === before) ? ASIDE : 0);
  const aside = room(true) + room(false);
  const along = (layers - 1) * layerGap;
  const beside = (greatest - least) * slotGap;
  return {
    across,
    nodeWidth,
    layerGap,
    slotGap,
    originX: MARGIN + nodeWidth / 2 + (across ? 0 : room(true) - least * slotGap),
    originY: MARGIN + NODE_HEIGHT / 2 + (across ? room(true) - least * slotGap : 0),
    width: Math.ceil((across ? along : beside + aside) + nodeWidth + 2 * MARGIN),
    height: Math.ceil((across ? beside + aside : along) + NODE_HEIGHT + 2 * MARGIN),
  };
}

/** Whether an edge that leads back has its way free before the steps of its layers, and not behind them. */
function leadsBefore({ from, to }: LaidOutEdge, { places }: GraphLayout): boolean {
  const ends = [places.get(from), places.get(to)].filter((place) => place !== undefined);
  const isFree = (isBeyond: (other: Place, end: Place) => boolean): boolean =>
    !ends.some((end) => [...places.values()].some((other) => other.layer === end.layer && isBeyond(other, end)));
  return isFree((other, end) => other.slot < end.slot) && !isFree((other, end) => other.slot > end.slot);
}

function pointAt({ across, layerGap, slotGap, originX, originY }: Frame, { layer, slot }: Place): Point {
  const along = layer * layerGap;
  const beside = slot * slotGap;
  return across ? { x: originX + along, y: originY + beside } : { x: originX + beside, y: originY + along };
}

const LONGEST_LABEL = 22;

function labelOf(name: string): string {
  return name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
}

function nodePicture({ name, doc }: GraphStep, { x, y }: Point, { nodeWidth }: Frame, marked: boolean, each: boolean): SafeHtml {
  const left = round(x - nodeWidth / 2);
  const top = round(y - NODE_HEIGHT / 2);
  const shape = (offset: number): SafeHtml =>
    markup`<rect${offset > 0 && markup` class="behind"`} x="${left + offset}" y="${top - offset}" width="${nodeWidth}" height="${NODE_HEIGHT}" rx="7" />`;
  return markup`<g class="node${marked && " marked"}">
    <title>${name}${each && ", once an item"}${doc !== undefined && `: ${doc}`}</title>
    ${each && shape(4)}${shape(0)}
    <text x="${round(x)}" y="${round(y + 4.5)}" text-anchor="middle">${labelOf(name)}</text>
  </g>`;
}

function edgePicture(edge: LaidOutEdge, layout: GraphLayout, frame: Frame, from: GraphStep | undefined): SafeHtml {
  const start = layout.places.get(edge.from);
  const end = layout.places.get(edge.to);
  if (start === undefined || end === undefined) return markup``;
  const path = edge.back
    ? backPath(pointAt(frame, start), pointAt(frame, end), leadsBefore(edge, layout), frame)
    : forwardPath([start, ...edge.via, end], frame);
  return markup`<path class="edge${from?.kind === "switch" && " choice"}" d="${path}" marker-end="url(#arrow)" />`;
}

/** Bends from layer to layer. */
function forwardPath(places: readonly Place[], frame: Frame): string {
  const { across, nodeWidth } = frame;
  const half = across ? nodeWidth / 2 : NODE_HEIGHT / 2;
  const points = places.map((place) => pointAt(frame, place));
  const last = points.length - 1;
  let path = "";
  for (const [index, point] of points.entries()) {
    // Steps are left at their far side and reached at their near one.
    const shift = index === 0 ? half : index === last ? -half - 2 : 0;
    const here = across ? { x: point.x + shift, y: point.y } : { x: point.x, y: point.y + shift };
    if (index === 0) {
      path = `M${round(here.x)} ${round(here.y)}`;
      continue;
    }
    const before = points[index - 1] ?? point;
    const beforeShift = index === 1 ? half : 0;
    const there = across ? { x: before.x + beforeShift, y: before.y } : { x: before.x, y: before.y + beforeShift };
    const bend = across ? (here.x - there.x) / 2 : (here.y - there.y) / 2;
    const controls = across ? [there.x + bend, there.y, here.x - bend, here.y] : [there.x, there.y + bend, here.x, here.y - bend];
    path += `C${controls.map(round).join(" ")} ${round(here.x)} ${round(here.y)}`;
  }
  return path;
}

/** Leaves at the side and comes back there, beyond all steps. */
function backPath(from: Point, to: Point, before: boolean, { across, width, height, nodeWidth }: Frame): string {
  const sign = before ? -1 : 1;
  if (across) {
    const y = before ? 8 : height - 8;
    const half = (NODE_HEIGHT / 2) * sign;
    const apart = from.x === to.x ? 14 : 0;
    const [startX, endX] = [round(from.x + apart), round(to.x - apart)];
    return `M${startX} ${round(from.y + half)}C${startX} ${y} ${endX} ${y} ${endX} ${round(to.y + half + 2 * sign)}`;
  }
  const x = before ? 8 : width - 8;
  const half = (nodeWidth / 2) * sign;
  const apart = from.y === to.y ? 8 : 0;
  const [startY, endY] = [round(from.y + apart), round(to.y - apart)];
  return `M${round(from.x + half)} ${startY}C${x} ${startY} ${x} ${endY} ${round(to.x + half + 2 * sign)} ${endY}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
