/** A stream to run a network along, made of known examples: what self-test and verification of streams run. */
import type { FrontendModel } from '../frontends/frontend';
import { computeFeatures, layoutOf, toCodes } from '../frontends/frontends';
import type { StreamStep } from '../graph/stream';
import { stepOf } from '../graph/stream';
import type { Graph } from '../graph/graph';
import { elements } from '../ops/shape';
import { createStreamExecutor } from '../quant/stream-executor';
import type { QuantizedModel } from '../quant/model';
import type { StreamVectors, Vectors } from './vectors';

/**
 * The windows of the examples one after the other, cut into steps, and what each gives by the exact integer executor; behind a
 * front end they are recordings, of which the features are computed as one.
 *
 * @param graph the model's, along the stream
 * @param examples at least one
 */
export function streamVectors(
  model: QuantizedModel,
  graph: Graph,
  { inputs: windows, raw }: Pick<Vectors, 'inputs' | 'raw'>,
): StreamVectors | undefined {
  const step = stepOf(graph);
  if (step === undefined || windows.length === 0) return undefined;
  const { frontend } = model;
  const executor = createStreamExecutor(model, step);
  const run = (inputs: readonly Int8Array[]): Pick<StreamVectors, 'inputs' | 'outputs'> => ({
    inputs,
    outputs: inputs.map((input) => executor.step(input)),
  });
  if (frontend !== undefined && raw !== undefined) {
    const samples = recordedSteps(frontend, step, raw);
    const recorded = { samples, recordings: raw.length };
    return { ...run(featuresOf(frontend, step, samples)), recorded };
  }
  const bytes = elements(step.graph.inputShape);
  const count = stepsOf(windows, bytes, step);
  return run(cut(windows, (length) => new Int8Array(length), bytes, count));
}

/** The samples by which each step of a network behind a front end moves on. */
function recordedSteps(
  { config }: Pick<FrontendModel, 'config'>,
  step: StreamStep,
  raw: readonly Int16Array[],
): Int16Array[] {
  const { hop, channels } = layoutOf(config);
  const size = step.hop * hop * channels;
  return cutRecordings(raw, size, stepsOf(raw, size, step));
}

/** The recordings one after the other in `count` parts of `size` values, from the beginning again where they end. */
export function cutRecordings(
  raw: readonly Int16Array[],
  size: number,
  count: number,
): Int16Array[] {
  return cut(raw, (length) => new Int16Array(length), size, count);
}

/** The codes of the frames that each step makes. */
function featuresOf(
  frontend: FrontendModel,
  step: StreamStep,
  samples: readonly Int16Array[],
): Int8Array[] {
  const { window, hop, channels, features } = layoutOf(frontend.config);
  // Silence, so that the first frame ends where the first hop does.
  const lead = Math.max(0, window - hop) * channels;
  // Where windows lie apart, a hop brings its window at its end.
  const skipped = Math.max(0, hop - window) * channels;
  const size = samples[0]?.length ?? 0;
  const all = new Int16Array(lead + size * samples.length);
  samples.forEach((part, i) => {
    all.set(part, lead + i * size);
  });
  const recording = all.subarray(skipped);
  const config = { ...frontend.config, length: recording.length / channels };
  const codes = new Uint8Array(samples.length * step.hop * features);
  toCodes(frontend, computeFeatures(config, recording), codes);
  const bytes = step.hop * features;
  return samples.map((_, i) =>
    Int8Array.from(codes.subarray(i * bytes, (i + 1) * bytes), (code) => code - 128),
  );
}

/** As many steps as the arrays fill; at least one behind the first full window shows that the past is kept. */
function stepsOf(
  arrays: readonly { readonly length: number }[],
  size: number,
  { warmUp }: StreamStep,
): number {
  return Math.max(warmUp + 1, Math.floor(arrays.reduce((sum, a) => sum + a.length, 0) / size));
}

/** What `arrays` hold one after the other in `count` parts of `size`, from the beginning again where that ends. */
function cut<Values extends Int8Array | Int16Array>(
  arrays: readonly Values[],
  create: (length: number) => Values,
  size: number,
  count: number,
): Values[] {
  const all = create(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return Array.from({ length: count }, (_, i) => {
    const part = create(size);
    for (let k = 0; k < size; k++) part[k] = all[(i * size + k) % all.length]!;
    return part;
  });
}
