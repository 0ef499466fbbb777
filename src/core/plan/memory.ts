/**
 * Where everything lies in RAM and how weights are cut into tiles, from shapes alone, so that it is known before
 * training. One arena holds the activations and, while a layer runs, that layer's scratch and decode buffer: late
 * layers with many weights and small activations decode into room that early layers need for large ones.
 *
 * Placing buffers of given lifetimes optimally is NP-hard (dynamic storage allocation); networks have so few buffers
 * that first-fit in a number of orders finds the optimum or nearly so, and the tests compare it with the lower bound.
 */
import type { Graph } from '../graph/graph';
import type { WeightedLayer } from '../ops/graph-ops';
import { isWeighted, weightOrder } from '../graph/graph';
import { emitOp } from '../ops/emit-ops';
import { UserError } from '../util/errors';
import { createRandom } from '../util/random';
import type { MemoryPlan, RamParts, RamUsage } from '../firmware/memory-plan';
import type { Buffer } from '../firmware/lifetimes';
import { findBuffers, scratchBytes, STEP_COUNTER } from '../firmware/lifetimes';
import { stepOf, type StreamStep } from '../graph/stream';

/** Tensors, scratch and decode buffers start at multiples of it: word accesses do not straddle. */
const ALIGNMENT = 4;
/**
 * Without a RAM budget no layer is decoded in pieces larger than this, unless the room is there anyway. Smaller pieces
 * cost a table entry each and the matches across their ends, at 8 KiB well below 1 % of the blob.
 */
export const DEFAULT_DECODE_BYTES = 8192;
/** Random orders tried beside the sensible ones. */
const RANDOM_ORDERS = 64;
/** The runtime keeps dimensions as uint16. */
const MAX_DIMENSION = 0xffff;

/**
 * Plans for a RAM budget in bytes (activations, scratch and decode buffer together); without one, for the least RAM
 * that decodes tiles of DEFAULT_DECODE_BYTES. As few tiles as fit, all but a layer's last of the same size.
 * Throws UserError where not even one output channel at a time fits, naming the smallest budget and the layer.
 */
export function planMemory(graph: Graph, ramBudget?: number): MemoryPlan {
  const plan = nearestPlan(graph, ramBudget);
  requireRam(plan, ramBudget);
  return plan;
}

/** As planMemory, but where the budget cannot be met the plan is for the least RAM there is one for. */
export function nearestPlan(graph: Graph, ramBudget?: number): MemoryPlan {
  return planStep(graph, ramBudget === undefined ? { decode: DEFAULT_DECODE_BYTES } : ramBudget);
}

/** For the least RAM that decodes tiles of `decode` bytes, or of one output channel where that is more. */
export function planForTiles(graph: Graph, decode: number): MemoryPlan {
  return planStep(graph, { decode });
}

/** Bytes of RAM that there are, or of the largest tile. */
type RamLimit = number | { readonly decode: number };

function planStep(graph: Graph, limit: RamLimit): MemoryPlan {
  const step = stepOf(graph);
  if (step === undefined) return planWindow(graph, limit);
  const plan = planWindow(step.graph, limit);
  // The tiles are the step's: both read the same blob.
  const decode = Object.fromEntries(
    Object.entries(plan.tileWeights).map(([name, counts]) => [name, Math.max(...counts)]),
  );
  return streamPlan(step, plan, compactWindow(graph, plan, decode));
}

function streamPlan(step: StreamStep, plan: MemoryPlan, window: MemoryPlan): MemoryPlan {
  return { ...plan, stream: { step, counter: plan.offsets[STEP_COUNTER]!, window } };
}

function planWindow(graph: Graph, limit: RamLimit): MemoryPlan {
  const { plans } = prepare(graph);
  const key = typeof limit === 'number' ? `${limit}` : `tiles of ${limit.decode}`;
  let plan = plans.get(key);
  if (plan === undefined) {
    if (plans.size >= REMEMBERED_PLANS) plans.clear();
    plan = findPlan(graph, limit);
    plans.set(key, plan);
  }
  return plan;
}

/** RAM of the network with its weights raw: nothing is decoded, so no tile needs a buffer. */
export function withoutBuffers(graph: Graph, plan: MemoryPlan): MemoryPlan['ram'] {
  return compactPlan(graph, plan, {}).ram;
}

/**
 * The plan again once it is known which layers decode anything: the same tiles, in the smallest arena that holds the
 * activations and the decode buffers that are really used.
 *
 * @param buffers bytes that the largest decoded tile of a layer takes, by its name; 0 where no tile needs a buffer
 */
export function compactPlan(
  graph: Graph,
  plan: MemoryPlan,
  buffers: Readonly<Record<string, number>>,
): MemoryPlan {
  if (plan.stream === undefined) return compactWindow(graph, plan, buffers);
  const { step, window } = plan.stream;
  return streamPlan(
    step,
    compactWindow(step.graph, plan, buffers),
    compactWindow(graph, window, buffers),
  );
}

function compactWindow(
  graph: Graph,
  plan: MemoryPlan,
  buffers: Readonly<Record<string, number>>,
): MemoryPlan {
  const prepared = prepare(graph);
  const { buffers: tensors, steps, placements } = prepared;
  const decode = steps.map(({ layer }) => buffers[layer] ?? 0);
  const tileParts = steps.map(({ layer, partBytes }) =>
    partBytes === 0 ? 0 : Math.max(...plan.tileWeights[layer]!) / partBytes,
  );
  const arenas = placements.map((at) =>
    Math.max(...steps.map((step, t) => demand(at, t, step, decode[t]!))),
  );
  const arena = Math.min(...arenas);
  const smallest = placements.filter((_, i) => arenas[i] === arena);
  // The plan's own placement is among those tried, so the arena never grows; where it is as good, nothing moves.
  const own = smallest.find(({ at }) =>
    tensors.every((buffer, i) => buffer.tensors.every((name) => plan.offsets[name] === at[i])),
  );
  return describe(graph, prepared, { at: own ?? smallest[0]!, arena, tileParts, decode });
}

/** Throws UserError where the plan is not within the budget, naming the smallest one and the layer that needs it. */
export function requireRam({ least }: MemoryPlan, ramBudget: number | undefined): void {
  if (ramBudget === undefined || least.bytes <= ramBudget) return;
  throw new UserError(
    `budget.ram of ${ramBudget} bytes cannot be met: layer '${least.layer}' needs ${least.bytes} bytes for ` +
      `its activations and the smallest part of its weights. Raise budget.ram to at least ${least.bytes}, or make the ` +
      'input, width or strides smaller.',
  );
}

function findPlan(graph: Graph, ram: RamLimit): MemoryPlan {
  const prepared = prepare(graph);
  const { placements, least } = prepared;
  const limit =
    typeof ram === 'number'
      ? Math.max(ram, least.bytes)
      : Math.min(...placements.map((at) => smallestArena(prepared.steps, at, ram.decode)));
  let best: Filled | undefined;
  for (const at of placements) {
    const candidate = fillArena(prepared, at, limit);
    if (candidate !== undefined && (best === undefined || better(candidate, best)))
      best = candidate;
  }
  if (best === undefined) throw new Error('No placement fits, though one did before.');
  return describe(graph, prepared, best);
}

function findLeast(steps: readonly Step[], placements: readonly Placement[]): MemoryPlan['least'] {
  const needs = placements.map((at) => smallestArena(steps, at, 1));
  const bytes = Math.min(...needs);
  const at = placements[needs.indexOf(bytes)]!;
  const peak = peakOf(steps.map((step, t) => demandWithin(at, t, step, 1)));
  return { bytes, layer: steps[peak]?.layer ?? '' };
}

/** What does not depend on the budget; an editor asks about the same graph with many. */
interface Prepared {
  readonly buffers: readonly Buffer[];
  readonly steps: readonly Step[];
  readonly placements: readonly Placement[];
  readonly least: MemoryPlan['least'];
  /** By limit. */
  readonly plans: Map<string, MemoryPlan>;
}

const REMEMBERED_PLANS = 64;

/** Where each buffer lies, and by layer the bytes occupied while it runs, ascending. */
interface Placement {
  readonly at: readonly number[];
  readonly taken: readonly (readonly Interval[])[];
}

const known = new WeakMap<Graph, Prepared>();

function prepare(graph: Graph): Prepared {
  let prepared = known.get(graph);
  if (prepared === undefined) {
    checkDimensions(graph);
    const buffers = findBuffers(graph);
    const live = liveBuffers(buffers, graph.layers.length);
    const neighbours = overlaps(buffers, live);
    const steps = graph.layers.map((layer): Step => {
      const step = { layer: layer.name, scratch: scratchBytes(layer) };
      if (!isWeighted(layer)) return { ...step, parts: 0, partBytes: 0 };
      const { channels, perChannel, together } = weightOrder(layer);
      return { ...step, parts: channels / together, partBytes: together * perChannel };
    });
    const placements = distinct(
      orders(buffers).map((order) => place(buffers, neighbours, order)),
    ).map((at) => ({ at, taken: live.map((indices) => intervals(buffers, at, indices)) }));
    const least = findLeast(steps, placements);
    prepared = { buffers, steps, placements, least, plans: new Map() };
    known.set(graph, prepared);
  }
  return prepared;
}

interface Step {
  readonly layer: string;
  readonly scratch: number;
  /** What the layer's weights may be cut into: output channels, or all of them where their weights alternate. */
  readonly parts: number;
  /** Bytes of the weights of one part as they are decoded. */
  readonly partBytes: number;
}

interface Candidate {
  readonly at: Placement;
  readonly arena: number;
  /** Parts of each tile but the last, by step; 0 without weights. */
  readonly tileParts: readonly number[];
  /** Bytes of each step's decode buffer. */
  readonly decode: readonly number[];
}

type Filled = Candidate & { readonly tiles: number };

function better(a: Filled, b: Filled): boolean {
  return a.tiles !== b.tiles ? a.tiles < b.tiles : a.arena < b.arena;
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function checkDimensions(graph: Graph): void {
  for (const layer of graph.layers) {
    const largest = Math.max(...emitOp(layer).dimensions(layer));
    if (largest > MAX_DIMENSION) {
      throw new UserError(
        `Layer '${layer.name}' has a dimension of ${largest}; the firmware handles at most ${MAX_DIMENSION}.`,
      );
    }
  }
}

/** By layer, the buffers in use while it runs. */
function liveBuffers(buffers: readonly Buffer[], layers: number): number[][] {
  const live = Array.from({ length: layers }, (): number[] => []);
  buffers.forEach((buffer, i) => {
    for (let t = buffer.first; t <= Math.min(buffer.last, layers - 1); t++) live[t]!.push(i);
  });
  return live;
}

/** For each buffer, those that are ever in use at the same time. */
function overlaps(buffers: readonly Buffer[], live: readonly (readonly number[])[]): number[][] {
  return buffers.map((buffer, i) => {
    const found = new Set<number>();
    for (let t = buffer.first; t <= Math.min(buffer.last, live.length - 1); t++) {
      for (const j of live[t]!) if (j !== i) found.add(j);
    }
    return [...found];
  });
}

type Interval = readonly [start: number, end: number];

/** Occupied bytes of the buffers named, ascending. */
function intervals(
  buffers: readonly Buffer[],
  at: readonly number[],
  indices: readonly number[],
): Interval[] {
  return indices
    .map((i): Interval => [at[i]!, at[i]! + align(buffers[i]!.bytes)])
    .sort((a, b) => a[0] - b[0]);
}

/** Lowest start of `bytes` free bytes; `taken` is ascending. */
function lowestGap(taken: readonly Interval[], bytes: number): number {
  let start = 0;
  for (const [from, to] of taken) {
    if (from - start >= bytes) return start;
    start = Math.max(start, to);
  }
  return start;
}

/** Largest run of free bytes below `limit`. */
function largestGap(taken: readonly Interval[], limit: number): number {
  let start = 0;
  let largest = 0;
  for (const [from, to] of taken) {
    largest = Math.max(largest, from - start);
    start = Math.max(start, to);
  }
  return Math.max(largest, limit - start);
}

/** Orders in which first-fit is tried: largest, longest-lived, first and busiest first, then seeded random ones. */
function orders(buffers: readonly Buffer[]): number[][] {
  const indices = buffers.map((_, i) => i);
  const duration = (b: Buffer): number => b.last - b.first + 1;
  const by = (key: (b: Buffer) => number): number[] =>
    [...indices].sort((i, j) => key(buffers[j]!) - key(buffers[i]!) || i - j);
  const all = [
    by((b) => b.bytes),
    by((b) => b.bytes * duration(b)),
    by(duration),
    by((b) => -b.first),
    by((b) => b.last),
  ];
  const random = createRandom(1);
  for (let n = 0; n < RANDOM_ORDERS; n++) {
    // Mostly by size, with noise: large buffers placed late are rarely part of a good placement.
    const noise = new Map(buffers.map((b) => [b, b.bytes * (0.25 + random.next())]));
    all.push(by((b) => noise.get(b)!));
  }
  return all;
}

/** First-fit: each buffer, in the order given, as low as those placed before allow. Offsets by buffer. */
function place(
  buffers: readonly Buffer[],
  neighbours: readonly (readonly number[])[],
  order: readonly number[],
): number[] {
  const at = new Array<number>(buffers.length).fill(-1);
  for (const i of order) {
    const placed = neighbours[i]!.filter((j) => at[j]! >= 0);
    at[i] = lowestGap(intervals(buffers, at, placed), align(buffers[i]!.bytes));
  }
  return at;
}

function distinct(placements: readonly number[][]): number[][] {
  return [...new Map(placements.map((at) => [at.join(), at])).values()];
}

/** Parts of the largest tile of at most `bytes`, at least one; even where possible, for the kernels take pairs. */
function partsWithin(step: Step, bytes: number): number {
  if (step.parts === 0) return 0;
  const most = Math.max(1, Math.min(step.parts, Math.floor(bytes / step.partBytes)));
  return most > 1 && most < step.parts ? most - (most % 2) : most;
}

/** Parts of each tile but the last: as few tiles as `room` bytes allow, as equal as pairs of channels allow. */
function evenParts(step: Step, room: number): number {
  const most = partsWithin(step, room);
  const count = most === 0 ? 0 : Math.ceil(step.parts / most);
  const even = count === 0 ? 0 : Math.ceil(step.parts / count);
  return count > 1 && even % 2 === 1 && even < most ? even + 1 : even;
}

/** Bytes below which everything lies while step `t` runs, when its tiles are at most `most` bytes (or one channel). */
function demandWithin(at: Placement, t: number, step: Step, most: number): number {
  return demand(at, t, step, partsWithin(step, most) * step.partBytes);
}

/** Bytes below which everything lies while step `t` runs with a decode buffer of `decode` bytes. */
function demand({ taken }: Placement, t: number, { scratch }: Step, decode: number): number {
  const occupied = taken[t]!;
  const starts = placeTemporaries(occupied, scratch, decode);
  const ends = occupied.map(([, to]) => to);
  if (scratch > 0) ends.push(starts.scratch + align(scratch));
  if (decode > 0) ends.push(starts.decode + align(decode));
  return Math.max(0, ...ends);
}

/** First the larger, then the other, each as low as there is room: in one gap, or apart where that needs less. */
function placeTemporaries(
  occupied: readonly Interval[],
  scratch: number,
  decode: number,
): { scratch: number; decode: number } {
  const [large, small] = scratch > decode ? [scratch, decode] : [decode, scratch];
  const first = lowestGap(occupied, align(large));
  const both = [...occupied, [first, first + align(large)] as const].sort((a, b) => a[0] - b[0]);
  const second = lowestGap(both, align(small));
  return scratch > decode ? { scratch: first, decode: second } : { scratch: second, decode: first };
}

function smallestArena(steps: readonly Step[], at: Placement, decode: number): number {
  return steps.reduce((most, step, t) => Math.max(most, demandWithin(at, t, step, decode)), 0);
}

/** The fewest tiles that fit below `limit` with the activations placed at `at`; undefined when they do not fit. */
function fillArena(prepared: Prepared, at: Placement, limit: number): Filled | undefined {
  if (smallestArena(prepared.steps, at, 1) > limit) return undefined;
  let tiles = 0;
  let arena = 0;
  const tileParts = prepared.steps.map((step, t) => {
    const gap = largestGap(at.taken[t]!, limit);
    const within = (room: number): number => evenParts(step, room - (room % ALIGNMENT));
    const whole = within(gap);
    // The whole gap, where the scratch finds room beside it; else what the scratch leaves of it.
    const apart = demand(at, t, step, whole * step.partBytes) <= limit;
    const parts = apart ? whole : within(gap - align(step.scratch));
    tiles += parts === 0 ? 0 : Math.ceil(step.parts / parts);
    arena = Math.max(arena, demand(at, t, step, parts * step.partBytes));
    return parts;
  });
  const decode = prepared.steps.map((step, t) => tileParts[t]! * step.partBytes);
  return { at, arena, tileParts, decode, tiles };
}

function describe(graph: Graph, { buffers, steps, least }: Prepared, best: Candidate): MemoryPlan {
  const offsets: Record<string, number> = {};
  buffers.forEach((buffer, i) => {
    for (const tensor of buffer.tensors) {
      offsets[tensor] = best.at.at[i]! + (buffer.within?.[tensor] ?? 0);
    }
  });
  const tileChannels: Record<string, number[]> = {};
  const tileWeights: Record<string, number[]> = {};
  const temporaries: Record<string, { scratch: number; decode: number }> = {};
  const usage: Record<string, RamParts> = {};
  graph.layers.forEach((layer, t) => {
    const { scratch } = steps[t]!;
    const parts = best.tileParts[t]!;
    if (isWeighted(layer)) {
      const counts = cut(layer, parts);
      const each = weightOrder(layer).perChannel;
      tileChannels[layer.name] = counts;
      tileWeights[layer.name] = counts.map((n) => n * each);
    }
    const taken = best.at.taken[t]!;
    const decode = best.decode[t]!;
    temporaries[layer.name] = placeTemporaries(taken, scratch, decode);
    const activations = taken.reduce((sum, [from, to]) => sum + to - from, 0);
    usage[layer.name] = { activations, scratch, decode };
  });
  return {
    offsets,
    temporaries,
    tileChannels,
    tileWeights,
    ram: ramUsage(graph, usage, best.arena),
    usage,
    least,
  };
}

/** Output channels of each tile, for tiles of so many of the parts that the weights can be cut into. */
function cut(layer: WeightedLayer, parts: number): number[] {
  const { channels, together } = weightOrder(layer);
  const each = parts * together;
  return Array.from({ length: Math.ceil(channels / each) }, (_, i) =>
    Math.min(each, channels - i * each),
  );
}

function ramUsage(graph: Graph, usage: MemoryPlan['usage'], total: number): RamUsage {
  const names = graph.layers.map(({ name }) => name);
  const sums = names.map((name) => {
    const { activations, scratch, decode } = usage[name]!;
    return activations + scratch + decode;
  });
  const peakLayer = names[peakOf(sums)] ?? '';
  const scratch = align(usage[peakLayer]?.scratch ?? 0);
  const decode = align(usage[peakLayer]?.decode ?? 0);
  return { activations: total - scratch - decode, scratch, decode, total, peakLayer };
}

/** Index of the first largest. */
function peakOf(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
