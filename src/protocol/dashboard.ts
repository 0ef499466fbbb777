/**
 * Every message between the dashboard's page and the extension: one union each way, checked on arrival on both sides
 * with the same schemas. Types and their validation only; what is not in here cannot be asked or shown.
 */
import * as v from 'valibot';
import type { SegmentKind } from '../core/codecs/segment';
import { STAGES } from '../core/tasks/measurement';
import { PHASES } from '../core/tasks/phases';
import { WORKS } from '../core/tasks/work';
import { ACTIVITIES } from './activity';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const finite = v.pipe(v.number(), v.finite());
const text = v.pipe(v.string(), v.maxLength(4096));
const method = v.picklist(['east', 'magnitude', 'group', 'dense', 'as it is', 'quantised here']);
const phase = v.picklist(PHASES);
const stage = v.picklist(STAGES);
const activity = v.picklist(ACTIVITIES);
const action = v.picklist(['run', 'stop', 'resume', 'generate', 'verify', 'compare']);

const progress = v.object({
  step: count,
  totalSteps: count,
  epoch: count,
  totalEpochs: count,
  phase,
  /** Seconds. */
  secondsLeft: v.exactOptional(finite),
  imagesPerSecond: v.exactOptional(finite),
});

/** Bytes of one memory, stacked. */
const gauge = v.object({
  key: v.picklist(['flash', 'ram']),
  parts: v.array(v.object({ name: text, bytes: count })),
  total: count,
  /** Of the config; absent where nothing limits. */
  limit: v.exactOptional(count),
  note: v.exactOptional(text),
});

const layer = v.object({
  name: text,
  kind: text,
  /** Dimensions in storage order. */
  shape: v.array(count),
  parameters: count,
  /** How the weights lie in packed bytes, e.g. int4; absent where it is int8 or not known. */
  format: v.exactOptional(text),
  /** What follows is absent where it is not known yet. */
  sparsity: v.exactOptional(fraction),
  /** Of the weight blob: tiles as they are stored, and their entries of the tile table. */
  blobBytes: v.exactOptional(count),
  /** Dense int8 bytes / blobBytes. */
  ratio: v.exactOptional(finite),
  /** Fraction of all layers' blobBytes. */
  share: v.exactOptional(fraction),
  tiles: v.exactOptional(count),
  rawTiles: v.exactOptional(count),
  /** Of a finished run: bytes as dense int8, and what saved how many of them (core/report/savings.ts). */
  savings: v.exactOptional(
    v.object({
      dense: count,
      levels: finite,
      zeros: finite,
      coding: finite,
    }),
  ),
  /** By which codec its tiles are stored, or why by none. */
  storedBy: v.exactOptional(text),
  /** Decibels over what quantising adds to the output, and over what the layer adds alone; where nothing was trained. */
  noise: v.exactOptional(
    v.object({ output: v.exactOptional(finite), own: v.exactOptional(finite) }),
  ),
});

const metric = v.object({
  /** As people say it: `accuracy`. */
  name: text,
  /** `%`: values are fractions, to be shown in percent. */
  unit: v.picklist(['%', '']),
  better: v.picklist(['higher', 'lower']),
});

const counts = v.array(count);
const place = v.tuple([finite, finite]);

/** What a task shows of a finished run, by what it looks like. */
const picture = v.variant('kind', [
  v.object({
    kind: v.literal('matrix'),
    title: text,
    names: v.array(text),
    counts: v.array(counts),
  }),
  v.object({
    kind: v.literal('curve'),
    title: text,
    xLabel: text,
    yLabel: text,
    /** Both from 0 to 1. */
    points: v.array(place),
    mark: place,
    markLabel: text,
  }),
  v.object({
    kind: v.literal('points'),
    title: text,
    xLabel: text,
    yLabel: text,
    points: v.array(place),
  }),
  v.object({
    kind: v.literal('histogram'),
    title: text,
    /** Bins are of the same width, from 0 to this. */
    most: finite,
    /** Whether what lies beyond is counted in the last bin. */
    beyond: v.boolean(),
    threshold: finite,
    groups: v.array(v.object({ name: text, counts })),
  }),
]);

const results = v.object({
  metric,
  /** All there are, in their order, with the words for what each is of this run. */
  stages: v.array(v.object({ stage, name: text, value: v.exactOptional(finite) })),
  /** Of a finished run: its test examples, and what about it is to be wondered at, a sentence each. */
  testExamples: v.exactOptional(count),
  /** Of a finished run: what it does of its task beyond the metric. */
  task: v.exactOptional(v.object({ lines: v.array(text), pictures: v.array(picture) })),
  notes: v.array(text),
});

const state = v.object({
  /** Absolute path, by which the page is found again after a reload. */
  configFile: text,
  /** As people say it: relative to the workspace. */
  configLabel: text,
  name: text,
  architecture: text,
  method: v.exactOptional(method),
  /** Build of the engine, and threads. */
  trainedWith: v.exactOptional(text),
  /** Neither training nor writing until the workspace is trusted. */
  restricted: v.boolean(),
  /** The run that is shown; absent before the first. */
  runId: v.exactOptional(text),
  /** Shows whichever run is current, not one that was chosen. */
  following: v.boolean(),
  runs: v.array(v.object({ id: text, label: text })),
  activity,
  /** What the run does, or will. */
  work: v.picklist(WORKS),
  /** Why it failed or cannot be read, or why nothing can be predicted. */
  message: v.exactOptional(text),
  progress: v.exactOptional(progress),
  actions: v.array(
    v.object({
      action,
      label: text,
      primary: v.boolean(),
      /** Why it cannot be used now. */
      disabled: v.exactOptional(text),
    }),
  ),
  /** Where the figures come from: computed before a run, measured in one, or of its finished model. */
  basis: v.picklist(['forecast', 'live', 'report']),
  gauges: v.array(gauge),
  /** Most bytes that the encoded weights may take. */
  weightBudget: v.exactOptional(count),
  denseBytes: v.exactOptional(count),
  /** The whole weight blob, header and tile table included. */
  blobBytes: v.exactOptional(count),
  sparsity: v.exactOptional(fraction),
  ratio: v.exactOptional(finite),
  /** What the budget asks of the weights, before a run. */
  note: v.exactOptional(text),
  /** Of a finished run: how many instructions an inference takes, and how many of them decode. */
  decoding: v.exactOptional(text),
  results,
  layers: v.array(layer),
  /** Whether weights of the run can be asked for. */
  hasWeights: v.boolean(),
  /** Whether examples as its front end shows them can be asked for. */
  hasExamples: v.boolean(),
});

/** `value` of the metric over recent training batches. */
const step = v.object({ step: count, phase, epoch: count, loss: finite, value: finite });
const prune = v.object({
  step: count,
  targetBytes: count,
  blobBytes: count,
  sparsity: fraction,
});
const evaluation = v.object({
  step: count,
  stage,
  set: v.picklist(['validation', 'test']),
  /** What was measured: while training it may be another than the test set's. */
  metric,
  value: finite,
});

const runSummary = v.object({
  id: text,
  configFile: text,
  configLabel: text,
  method: v.exactOptional(method),
  activity,
  work: v.picklist(WORKS),
  /** ISO 8601. */
  startedAt: v.exactOptional(text),
  metric,
  /** Over the test set, as the firmware computes it, and of the float network. */
  value: v.exactOptional(finite),
  floatValue: v.exactOptional(finite),
  blobBytes: v.exactOptional(count),
  flashBytes: v.exactOptional(count),
  ramBytes: v.exactOptional(count),
  sparsity: v.exactOptional(fraction),
  ratio: v.exactOptional(finite),
  withinBudget: v.exactOptional(v.boolean()),
});

/** How a part of a tile is stored (core/codecs/segment.ts); in messages by its index here. */
export const SEGMENT_KINDS = [
  'literal',
  'zeros',
  'match',
  'raw',
  'coded',
] as const satisfies readonly SegmentKind[];

/**
 * A run of weights that the firmware decodes at once. `segments` holds three numbers for each part of it that is stored
 * alike: its kind, its weights, and how many weights back lies what it repeats.
 */
const tile = v.object({
  weights: count,
  storedBytes: count,
  segments: v.instance(Uint32Array),
  /** Bits that each weight of an entropy coder takes, by its code in two's complement; 0 for codes that do not occur. */
  bits: v.exactOptional(v.instance(Float32Array)),
});

/** Places along an axis from 0 to 1, and what is written there. */
const axis = v.object({
  title: text,
  ticks: v.array(v.object({ at: fraction, label: text })),
});

/** A test example as the network is given it: codes of [frames, features]. */
const seenExample = v.object({
  index: count,
  /** Examples that are kept. */
  count,
  frames: positive,
  features: positive,
  codes: v.instance(Int8Array),
  time: axis,
  feature: axis,
  /** What it is, and what the network says; absent where that is no word. */
  label: v.exactOptional(text),
  told: v.exactOptional(text),
});

const toPage = v.variant('type', [
  v.object({ type: v.literal('state'), state }),
  /** `reset`: forget what came before, for another run or after a resume took steps back. */
  v.object({
    type: v.literal('curves'),
    reset: v.boolean(),
    steps: v.array(step),
    prunes: v.array(prune),
    evaluations: v.array(evaluation),
  }),
  v.object({ type: v.literal('runs'), runs: v.array(runSummary) }),
  v.object({
    type: v.literal('weights'),
    request: count,
    runId: text,
    layer: text,
    /** All weights of the layer. */
    codes: v.instance(Int8Array),
    /** Weight i is of output channel ⌊i ÷ channelStep⌋ mod channels. */
    order: v.object({ channels: positive, channelStep: positive }),
    /** How many the layer's format packs into a byte. */
    weightsPerByte: count,
    tiles: v.array(tile),
  }),
  v.object({ type: v.literal('weightsFailed'), request: count, message: text }),
  v.object({ type: v.literal('example'), request: count, runId: text, example: seenExample }),
  v.object({ type: v.literal('exampleFailed'), request: count, message: text }),
  v.object({ type: v.literal('exported'), message: text }),
  v.object({ type: v.literal('show'), tab: v.picklist(['curves', 'weights', 'compare']) }),
]);

const toHost = v.variant('type', [
  /** The page can take messages; sent once after every load. */
  v.object({ type: v.literal('ready'), runId: v.exactOptional(text) }),
  v.object({ type: v.literal('action'), action }),
  /** Without a run: whichever is current. */
  v.object({ type: v.literal('selectRun'), runId: v.exactOptional(text) }),
  v.object({ type: v.literal('weights'), request: count, runId: text, layer: text }),
  v.object({ type: v.literal('example'), request: count, runId: text, index: count }),
  v.object({
    type: v.literal('export'),
    format: v.picklist(['svg', 'png', 'csv']),
    /** Suggested file name without extension. */
    name: v.pipe(v.string(), v.regex(/^[\w.-]{1,100}$/)),
    /** Text, or base64 for png. */
    content: v.pipe(v.string(), v.maxLength(32 * 1024 * 1024)),
  }),
  v.object({ type: v.literal('createConfig') }),
  v.object({ type: v.literal('problem'), message: text }),
]);

/** What the page remembers for itself, and the host needs to restore it. */
const saved = v.object({ configFile: text, runId: v.exactOptional(text) });

export type ToPage = v.InferOutput<typeof toPage>;
export type ToHost = v.InferOutput<typeof toHost>;
export type DashboardState = v.InferOutput<typeof state>;
export type Gauge = v.InferOutput<typeof gauge>;
export type Picture = v.InferOutput<typeof picture>;
export type SeenExample = v.InferOutput<typeof seenExample>;
export type LayerRow = v.InferOutput<typeof layer>;
export type Action = v.InferOutput<typeof action>;
export type Metric = v.InferOutput<typeof metric>;
export type Method = v.InferOutput<typeof method>;
export type StepPoint = v.InferOutput<typeof step>;
export type PrunePoint = v.InferOutput<typeof prune>;
export type EvaluationPoint = v.InferOutput<typeof evaluation>;
export type RunSummary = v.InferOutput<typeof runSummary>;
export type WeightTile = v.InferOutput<typeof tile>;
export type ChannelOrder = Extract<ToPage, { type: 'weights' }>['order'];
export type TabName = Extract<ToPage, { type: 'show' }>['tab'];
export type SavedPanel = v.InferOutput<typeof saved>;

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** A message that arrived in the page. */
export function parseToPage(value: unknown): Parsed<ToPage> {
  return parse(toPage, value);
}

/** A message that arrived in the extension. */
export function parseToHost(value: unknown): Parsed<ToHost> {
  return parse(toHost, value);
}

/** What VS Code kept for a panel across a reload. */
export function parseSavedPanel(value: unknown): Parsed<SavedPanel> {
  return parse(saved, value);
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): Parsed<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  return { ok: false, problem: `${path === null ? 'message' : path}: ${issue.message}` };
}
