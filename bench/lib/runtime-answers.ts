/**
 * What the runtimes of imported files answered (TFLite's reference kernels, ONNX Runtime, Keras): the golden vectors of
 * test/fixtures, made by the scripts of bench/golden/.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import type { LoadedModel } from '../../src/core/models/model';
import { elements } from '../../src/core/ops/shape';
import { createFastExecutor } from '../../src/core/quant/fast-executor';
import type { Engine } from '../../src/core/train/engines/engine';
import { defined } from '../../src/core/util/defined';
import { floatOutputs } from '../../test/unit/models/keras/float-outputs';

const PUBLISHED = resolve(import.meta.dirname, '../../test/fixtures/quant/tflite-shared.json');
const shapes = v.array(v.number());
const tfliteSchema = v.record(
  v.string(),
  v.object({ inputs: v.array(v.string()), outputs: v.array(v.array(v.string())) }),
);
const publishedSchema = v.object({
  models: v.record(v.string(), v.object({ step: v.number(), outputs: v.array(v.string()) })),
});
const onnxSchema = v.object({
  input: v.object({ shape: shapes }),
  outputs: v.array(v.object({ shape: shapes })),
  cases: v.array(v.object({ input: v.string(), outputs: v.array(v.string()) })),
});
const kerasSchema = v.record(
  v.string(),
  v.object({ inputShape: shapes, input: v.string(), output: v.string() }),
);

/** An input, as the file takes it or as codes, and all that the runtime gives for it, of which only each `step`th is known. */
interface Answer {
  readonly input: Float32Array | Int8Array;
  readonly output: ArrayLike<number>;
  readonly step: number;
}

/**
 * The largest difference of what is computed here to what the file's runtime gave: of an int8 file in codes, of a float one
 * beside its largest output, or beside 1. undefined where there are no answers.
 */
export async function differenceToRuntime(
  engine: Engine,
  file: string,
  model: LoadedModel,
): Promise<number | undefined> {
  const answers = answersOf(file, model);
  const seen = file.endsWith('.tflite') ? withoutFacts(model) : model;
  let worst: number | undefined;
  for (const { input, output, step } of answers) {
    const all = await computed(engine, seen, input);
    const found = all.filter((_, i) => i % step === 0);
    if (found.length !== output.length) throw new Error(`${file} gives ${found.length} numbers`);
    const expected = Array.from(output);
    const largest =
      input instanceof Int8Array ? 1 : expected.reduce((m, x) => Math.max(m, Math.abs(x)), 1);
    for (const [i, value] of found.entries()) {
      worst = Math.max(worst ?? 0, Math.abs(value - expected[i]!) / largest);
    }
  }
  return worst;
}

/** What a TFLite file's metadata say of its numbers is done before its runtime has them; what other files do first, by theirs. */
function withoutFacts(model: LoadedModel): LoadedModel {
  const { graph, entries, weights, batchNorm, constants, quantization } = model;
  return { graph, entries, ...defined({ weights, batchNorm, constants, quantization }) };
}

async function computed(
  engine: Engine,
  model: LoadedModel,
  input: Float32Array | Int8Array,
): Promise<number[]> {
  const { graph, quantization } = model;
  const outputs = graph.outputs ?? [graph.layers.at(-1)!.name];
  if (input instanceof Int8Array) {
    const executor = createFastExecutor({ graph, ...quantization! });
    executor.run(input);
    return outputs.flatMap((name) => [...executor.tensor(name)]);
  }
  return (await floatOutputs(engine, model, outputs, [input]))[0]!;
}

function answersOf(file: string, model: LoadedModel): Answer[] {
  const name = basename(file);
  if (name.endsWith('.onnx')) return onnxAnswers(file, model);
  const golden = join(dirname(file), 'golden.json');
  if (!existsSync(golden)) return publishedAnswers(name, model);
  const stored: unknown = JSON.parse(readFileSync(golden, 'utf8'));
  if (!name.endsWith('.tflite')) {
    const its = v.parse(kerasSchema, stored)[name];
    if (its === undefined) return [];
    const [inputs, outputs] = [floatsOf(its.input), floatsOf(its.output)];
    const count = inputs.length / elements(its.inputShape);
    const row = (all: Float32Array, n: number): Float32Array =>
      all.slice((n * all.length) / count, ((n + 1) * all.length) / count);
    return Array.from({ length: count }, (_, n) => ({
      ...{ input: row(inputs, n), output: row(outputs, n), step: 1 },
    }));
  }
  const its = v.parse(tfliteSchema, stored)[name.replace('.tflite', '')];
  return (its?.inputs ?? []).map((text, n) => {
    const codes = codesOf(text);
    const outputs = its!.outputs[n]!;
    return model.quantization === undefined
      ? { input: floats(codes, 32), output: outputs.flatMap((o) => [...floatsOf(o)]), step: 1 }
      : { input: codes, output: outputs.flatMap((o) => [...codesOf(o)]), step: 1 };
  });
}

function publishedAnswers(name: string, model: LoadedModel): Answer[] {
  const { models } = v.parse(publishedSchema, JSON.parse(readFileSync(PUBLISHED, 'utf8')));
  const its = models[name];
  return (its?.outputs ?? []).map((text, k) => {
    const codes = generated(elements(model.graph.inputShape), k + 1);
    return model.quantization === undefined
      ? { input: floats(codes, 128), output: floatsOf(text), step: its!.step }
      : { input: codes, output: codesOf(text), step: its!.step };
  });
}

/** Files of PyTorch have channels first, and so are their vectors. */
function onnxAnswers(file: string, { graph }: LoadedModel): Answer[] {
  const stored: unknown = JSON.parse(readFileSync(file.replace('.onnx', '.json'), 'utf8'));
  const { input, outputs, cases } = v.parse(onnxSchema, stored);
  const ends = graph.outputs ?? [graph.layers.at(-1)!.name];
  const fromTensorFlow = /^(tf2onnx|keras)/.test(basename(file));
  const ordered = (
    values: Float32Array,
    shape: readonly number[],
    ours: readonly number[],
  ): Float32Array => {
    const sequence = shape.length === 3 && shape[1] === ours[2] && shape[2] === ours[1];
    const first = !fromTensorFlow && (shape.length === 4 || sequence);
    return first ? channelsLast(values, shape) : values;
  };
  return cases.map((its) => ({
    input: ordered(floats(codesOf(its.input), 64), input.shape, graph.inputShape),
    output: its.outputs.flatMap((text, i) => {
      const ours = graph.layers.find(({ name }) => name === ends[i])!.outputShape;
      return [...ordered(floatsOf(text), outputs[i]!.shape, ours)];
    }),
    step: 1,
  }));
}

function channelsLast(
  values: Float32Array,
  [, channels, ...spatial]: readonly number[],
): Float32Array {
  const size = elements(spatial);
  return values.map((_, i) => values[(i % channels!) * size + Math.floor(i / channels!)]!);
}

/** Codes of the generator that bench/golden/tflite_shared.py has, too. */
function generated(count: number, seed: number): Int8Array {
  let x = seed;
  return Int8Array.from({ length: count }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return ((x >> 16) & 255) - 128;
  });
}

function floats(codes: Int8Array, divisor: number): Float32Array {
  return Float32Array.from(codes, (code) => code / divisor);
}

function codesOf(text: string): Int8Array {
  return Int8Array.from(Buffer.from(text, 'base64'));
}

function floatsOf(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}
