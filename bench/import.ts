/**
 * Model files from file to verified C: every file of ../shared/models and of test/fixtures/models that can be read is imported,
 * an int8 one as it is, a float one quantised here on random examples, compiled, and run on a Cortex-M4 (QEMU), its outputs
 * held byte for byte against the integer executor's, and what is computed of the file here against the answers of its own
 * runtime. What cannot be read is listed with the reason in the results alone.
 *
 *   npx tsx bench/import.ts [--only PART-OF-A-NAME] [--again]
 *
 * File by file; may be stopped and started again, and goes on where it was, unless `--again` is given. Writes
 * bench/results/import.json and the table of docs/import.md. Needs ../shared/models (or $EAST_SHARED) for the first part.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { codeBytes } from '../src/core/firmware/code-size';
import { emitSources } from '../src/core/firmware/emit';
import { encodeModel } from '../src/core/firmware/encode-model';
import { chosenFormats } from '../src/core/firmware/encoded-model';
import { firmwareTarget } from '../src/core/firmware/targets/targets';
import { verifyFirmware } from '../src/core/firmware/verify';
import { writeSources } from '../src/core/firmware/write-sources';
import { macs, outputSize, weightCount, weightedLayers } from '../src/core/graph/graph';
import type { LoadedModel } from '../src/core/models/model';
import { inspectModelFile, loadModelFile } from '../src/core/models/model-files';
import { elements } from '../src/core/ops/shape';
import { encodedPlan } from '../src/core/plan/encoded-plan';
import { planMemory } from '../src/core/plan/memory';
import { flashUsage } from '../src/core/plan/usage';
import { createFastExecutor } from '../src/core/quant/fast-executor';
import type { QuantizedModel } from '../src/core/quant/model';
import { chooseQuantization } from '../src/core/quant/quantization';
import { formatBytes, formatCount } from '../src/core/report/format';
import { openEngine } from '../src/core/train/engines/open-engine';
import { floatNetwork } from '../src/core/train/imported/float-network';
import { quantizeNetwork } from '../src/core/train/imported/quantize-network';
import { UserError } from '../src/core/util/errors';
import { createRandom } from '../src/core/util/random';
import { fillMeasured, markdownTable } from './lib/measured';
import { differenceToRuntime } from './lib/runtime-answers';

const root = resolve(import.meta.dirname, '..');
const shared = join(process.env['EAST_SHARED'] ?? join(root, '../shared'), 'models');
const fixtures = join(root, 'test/fixtures/models');
const RESULTS = join(root, 'bench/results/import.json');
const VECTORS = 8;
const EXAMPLES = 64;
const TARGET = firmwareTarget();
/** What a network takes that its maker trained on other numbers than the golden networks' −4 … 4. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  'mlperf_tiny_resnet8_float.tflite': [0, 255],
  'mediapipe_face_detection_short_range.tflite': [-1, 1],
  'tflm_hello_world_float.tflite': [0, 6.28],
};
const { values: options } = parseArgs({
  options: { only: { type: 'string', default: '' }, again: { type: 'boolean', default: false } },
});

const resultSchema = v.object({
  file: v.string(),
  sha256: v.string(),
  format: v.string(),
  operators: v.array(v.string()),
  refused: v.optional(v.string()),
  measured: v.optional(
    v.object({
      way: v.string(),
      decibels: v.optional(v.nullable(v.number())),
      /** To the answers of the file's own runtime (lib/runtime-answers.ts). */
      difference: v.optional(v.number()),
      weights: v.number(),
      macs: v.number(),
      flash: v.number(),
      code: v.number(),
      ram: v.number(),
      instructions: v.number(),
    }),
  ),
});
type Result = v.InferOutput<typeof resultSchema>;
const storedSchema = v.object({ results: v.array(resultSchema) });

const known = new Map<string, Result>();
if (existsSync(RESULTS)) {
  const stored = v.parse(storedSchema, JSON.parse(readFileSync(RESULTS, 'utf8')));
  for (const result of stored.results) known.set(result.file, result);
}
const results: Result[] = [];
const engine = await openEngine('wasm');
for (const file of filesOf()) {
  const name = basename(file);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const before = known.get(name);
  const done = before?.sha256 === sha256 && before.measured !== undefined && !options.again;
  if (done || !name.includes(options.only)) {
    if (before) results.push(before);
    continue;
  }
  const result = await importFile(file, name, sha256);
  console.log(name, result.refused ?? JSON.stringify(result.measured));
  results.push(result);
  known.set(name, result);
  save();
}
save();
fill();

/** Of TFLite's the float and the int8 files; those with weights of other sorts are for the tests. */
function filesOf(): string[] {
  const inFolder = (folder: string, endings: RegExp): string[] =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => endings.test(name))
          .map((name) => join(folder, name))
      : [];
  return [
    ...inFolder(shared, /\.tflite$/),
    ...inFolder(join(fixtures, 'tflite'), /(int8|float32)\.tflite$/),
    ...inFolder(join(fixtures, 'onnx'), /\.onnx$/),
    ...inFolder(join(fixtures, 'keras'), /\.(keras|h5)$/),
  ];
}

async function importFile(file: string, name: string, sha256: string): Promise<Result> {
  const said = { file: name, sha256, format: '?', operators: [] };
  try {
    const { format, operators } = await inspectModelFile(file);
    const about = { ...said, format, operators: operators.map(({ name: operator }) => operator) };
    try {
      return { ...about, measured: await measure(name, file, await loadModelFile(file)) };
    } catch (error) {
      if (error instanceof UserError) return { ...about, refused: error.message };
      throw error;
    }
  } catch (error) {
    if (error instanceof UserError) return { ...said, refused: error.message };
    throw error;
  }
}

async function measure(
  name: string,
  file: string,
  loaded: LoadedModel,
): Promise<Result['measured']> {
  const { graph } = loaded;
  const difference = await differenceToRuntime(engine, file, loaded);
  const { model, decibels } = await integerNetwork(name, loaded);
  const tiles = planMemory(graph);
  const encoded = encodeModel(model, tiles);
  const plan = encodedPlan(encoded, tiles);
  const executor = createFastExecutor(model);
  const random = createRandom(1);
  const inputs = Array.from({ length: VECTORS }, () =>
    Int8Array.from({ length: elements(graph.inputShape) }, () => random.int(256) - 128),
  );
  const outputs = inputs.map((input) => executor.run(input).slice());
  const files = emitSources({
    config: { name: 'imported' },
    encoded,
    plan,
    normalization: { kind: 'float', mean: [0], std: [1] },
    task: 'classification',
    outputNames: Array.from({ length: outputSize(graph) }, (_, c) => `output ${c}`),
    selfTest: { inputs: inputs.slice(0, 1), outputs: outputs.slice(0, 1) },
    provenance: { model: name },
  });
  const directory = mkdtempSync(join(tmpdir(), 'east-bench-import-'));
  try {
    writeSources(join(directory, 'east'), files, { force: false });
    const vectors = { inputs, outputs };
    const where = { directory: join(directory, 'east'), name: 'imported' };
    const report = await verifyFirmware({ ...where, vectors, target: TARGET });
    if (!report.passed || report.cost === undefined) {
      throw new Error(`${name} was not verified: ${JSON.stringify(report, null, 2)}`);
    }
    const formats = chosenFormats(encoded);
    const flash = flashUsage(encoded, await codeBytes(graph, formats, TARGET), TARGET);
    return {
      way: loaded.quantization ? 'as it is' : 'quantised here',
      ...(decibels === undefined ? {} : { decibels: Number.isFinite(decibels) ? decibels : null }),
      ...(difference === undefined ? {} : { difference }),
      weights: weightedLayers(graph).reduce((sum, layer) => sum + weightCount(layer), 0),
      macs: graph.layers.reduce((sum, layer) => sum + macs(layer), 0),
      flash: flash.total,
      code: flash.code,
      ram: plan.ram.total,
      instructions: report.cost.instructionsPerInference,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function integerNetwork(
  name: string,
  loaded: LoadedModel,
): Promise<{ model: QuantizedModel; decibels?: number }> {
  const { graph, quantization } = loaded;
  if (quantization !== undefined) return { model: { graph, ...quantization } };
  const [min, max] = RANGES[name] ?? [-4, 4];
  const random = createRandom(2);
  const data = Float32Array.from(
    { length: EXAMPLES * elements(graph.inputShape) },
    () => min + random.next() * (max - min),
  );
  const samples = {
    ...{ count: EXAMPLES, shape: graph.inputShape, data, targets: new Float32Array(EXAMPLES) },
  };
  const { model, noise } = await quantizeNetwork(engine, floatNetwork(loaded), {
    ...{ samples, normalization: { kind: 'float', mean: [0], std: [1] } },
    inputTensor: chooseQuantization(min, max),
  });
  const last = noise.at(-1)?.output;
  return last === undefined ? { model } : { model, decibels: last };
}

function save(): void {
  const command = 'npx tsx bench/import.ts';
  const text = JSON.stringify({ command, vectors: VECTORS, results }, null, 2);
  writeFileSync(RESULTS, `${text}\n`);
}

function fill(): void {
  const read = results.filter(({ measured }) => measured !== undefined);
  const head = [
    ...['file', 'operators', 'way', 'weights', 'MACs', 'flash', 'of it code', 'RAM'],
    ...['instructions', 'to float', 'to its runtime'],
  ];
  const rows = read.map(({ file, operators, measured: m }) => [
    ...[`\`${file}\``, operators.join(', '), m!.way, formatCount(m!.weights)],
    ...[formatCount(m!.macs), formatBytes(m!.flash), formatBytes(m!.code), formatBytes(m!.ram)],
    formatCount(m!.instructions),
    typeof m!.decibels !== 'number' ? '' : `${m!.decibels.toFixed(0)} dB`,
    differenceText(m!),
  ]);
  fillMeasured(root, 'import', markdownTable(head, rows));
}

function differenceText({ way, difference }: NonNullable<Result['measured']>): string {
  if (difference === undefined) return '';
  if (way === 'as it is') return difference === 0 ? 'the same bytes' : `${difference} codes`;
  return difference.toExponential(0);
}
