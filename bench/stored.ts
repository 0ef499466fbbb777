/**
 * What the way in which weights are stored costs on a Cortex-M4 (QEMU, instruction counts): MLPerf Tiny's int8 ResNet-8 and
 * DS-CNN as they are, and an autoencoder of the shape of its anomaly detection with random weights; raw, packed in 4 bits,
 * by the entropy coder and, with three quarters of the codes zeroed, by LZ4. Instructions of decoding are those beyond what the same codes take where nothing has to be
 * decoded: raw for int8 codes, packed for 4 bits. Every output byte is compared with the integer executor's.
 *
 *   npx tsx bench/stored.ts
 *
 * Needs ../shared/models (or $EAST_SHARED). Writes bench/results/stored.json and the table of docs/measurements.md.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { layerCoding, type LayerCoding } from '../src/core/codecs/coding';
import { codeBytes } from '../src/core/firmware/code-size';
import { emitSources } from '../src/core/firmware/emit';
import { chosenFormats } from '../src/core/firmware/encoded-model';
import { encodeModel } from '../src/core/firmware/encode-model';
import { firmwareTarget } from '../src/core/firmware/targets/targets';
import { verifyFirmware } from '../src/core/firmware/verify';
import { writeSources } from '../src/core/firmware/write-sources';
import { buildGraph } from '../src/core/graph/build';
import {
  macs,
  outputChannels,
  outputSize,
  weightCount,
  weightedLayers,
} from '../src/core/graph/graph';
import { readTflite } from '../src/core/models/tflite/tflite';
import { elements } from '../src/core/ops/shape';
import { encodedPlan } from '../src/core/plan/encoded-plan';
import { planMemory } from '../src/core/plan/memory';
import { flashUsage } from '../src/core/plan/usage';
import { createFastExecutor } from '../src/core/quant/fast-executor';
import { INPUT } from '../src/core/graph/graph';
import type { QuantizedModel } from '../src/core/quant/model';
import { quantizeModel } from '../src/core/quant/quantize-model';
import { formatBytes, formatCount } from '../src/core/report/format';
import { createRandom } from '../src/core/util/random';
import { fillMeasured, markdownTable } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const models = join(process.env['EAST_SHARED'] ?? join(root, '../shared'), 'models');
const VECTORS = 20;
const TARGET = firmwareTarget();

/** Ways to store codes: `int8` as they are, or of four bits. */
const WAYS = [
  { id: 'raw', bits: 8, coding: layerCoding('int8', {}, 'raw') },
  { id: 'entropy', bits: 8, coding: layerCoding('int8', {}, 'entropy') },
  { id: 'LZ4, 75 % zeros', bits: 8, zeros: true, coding: layerCoding('int8') },
  { id: 'entropy, 75 % zeros', bits: 8, zeros: true, coding: layerCoding('int8', {}, 'entropy') },
  { id: 'packed', bits: 4, coding: layerCoding('int4', {}, 'raw') },
  { id: 'packed, entropy', bits: 4, coding: layerCoding('int4', {}, 'entropy') },
  { id: 'packed, LZ4, 75 % zeros', bits: 4, zeros: true, coding: layerCoding('int4') },
] as const satisfies readonly Way[];

interface Way {
  readonly id: string;
  readonly bits: 8 | 4;
  /** Three quarters of the codes are zeroed, in runs of 16. */
  readonly zeros?: boolean;
  readonly coding: LayerCoding;
}

type Result = Awaited<ReturnType<typeof measure>>;

const networks: readonly (readonly [string, QuantizedModel])[] = [
  ['ResNet-8', published('mlperf_tiny_resnet8_int8.tflite')],
  ['DS-CNN', published('mlperf_tiny_dscnn_int8.tflite')],
  ['autoencoder', autoencoder()],
];
const results: Result[] = [];
for (const [network, model] of networks) {
  for (const way of WAYS) {
    console.log(`${network}, ${way.id}`);
    const codes = way.bits === 8 ? model : inFourBits(model);
    results.push(await measure(network, 'zeros' in way ? pruned(codes) : codes, way));
  }
}
writeFileSync(
  join(root, 'bench/results/stored.json'),
  `${JSON.stringify({ command: 'npx tsx bench/stored.ts', vectors: VECTORS, results }, null, 2)}\n`,
);
const table = markdownTable(
  [
    'network',
    'weights',
    'weights take',
    'instructions',
    'per MAC',
    'of them decoding',
    'code',
    'RAM',
  ],
  results.map((r) => [
    r.network,
    r.stored,
    formatBytes(r.weightBytes),
    formatCount(r.instructions),
    (r.instructions / r.macs).toFixed(2),
    formatCount(Math.max(0, r.instructions - plainOf(r).instructions)),
    formatBytes(r.code),
    formatBytes(r.ram),
  ]),
);
fillMeasured(root, 'stored', table);
console.log(table);

function plainOf({ network, bits }: Result): Result {
  return results.find((r) => r.network === network && r.bits === bits)!;
}

function published(file: string): QuantizedModel {
  if (!existsSync(join(models, file))) throw new Error(`there is no ${file}; set EAST_SHARED`);
  return readTflite(readFileSync(join(models, file)));
}

/** 640-128-128-128-128-8 and back, Gaussian weights of which most are small, as trained ones are. */
function autoencoder(): QuantizedModel {
  const units = [128, 128, 128, 128, 8, 128, 128, 128, 128];
  const graph = buildGraph({
    input: [1, 1, 640],
    classes: 640,
    layers: [
      ...units.map((n) => ({ type: 'dense' as const, units: n, activation: 'relu' as const })),
      { type: 'dense', units: 640 },
    ],
  });
  const random = createRandom(1);
  const layers = Object.fromEntries(
    weightedLayers(graph).map((layer) => {
      const count = weightCount(layer);
      const spread = Math.sqrt(outputChannels(layer) / count);
      const weights = Float32Array.from({ length: count }, () => random.normal() * spread);
      const bias = new Float32Array(outputChannels(layer));
      return [layer.name, { weights, bias }];
    }),
  );
  const ranges = [INPUT, ...graph.layers.map(({ name }) => name)].map((name) => [
    name,
    { min: -4, max: 4 },
  ]);
  return quantizeModel({ graph, layers, tensors: Object.fromEntries(ranges) });
}

function pruned(model: QuantizedModel): QuantizedModel {
  const layers = Object.fromEntries(
    Object.entries(model.layers).map(([name, layer]) => [
      name,
      { ...layer, weights: layer.weights.map((w, i) => ((i >> 4) % 4 === 0 ? w : 0)) },
    ]),
  );
  return { ...model, layers };
}

/** The same network with codes −7 … 7: other numbers, of the shape that few levels have. */
function inFourBits(model: QuantizedModel): QuantizedModel {
  const layers = Object.fromEntries(
    Object.entries(model.layers).map(([name, layer]) => [
      name,
      { ...layer, weights: layer.weights.map((w) => Math.round(w / 19)) },
    ]),
  );
  return { ...model, layers };
}

async function measure(network: string, model: QuantizedModel, { id, bits, coding }: Way) {
  const tiles = planMemory(model.graph);
  const names = weightedLayers(model.graph).map(({ name }) => name);
  const encoded = encodeModel(
    model,
    tiles,
    Object.fromEntries(names.map((name) => [name, coding])),
  );
  const plan = encodedPlan(encoded, tiles);
  const executor = createFastExecutor(model);
  const random = createRandom(1);
  const inputs = Array.from({ length: VECTORS }, () =>
    Int8Array.from({ length: elements(model.graph.inputShape) }, () => random.int(256) - 128),
  );
  const outputs = inputs.map((input) => executor.run(input).slice());
  const name = 'stored';
  const files = emitSources({
    config: { name },
    encoded,
    plan,
    normalization: { kind: 'uint8', mean: [128], std: [1] },
    task: 'classification',
    outputNames: Array.from({ length: outputSize(model.graph) }, (_, c) => `class ${c}`),
    selfTest: { inputs: inputs.slice(0, 1), outputs: outputs.slice(0, 1) },
    provenance: { model: network },
  });
  const directory = mkdtempSync(join(tmpdir(), 'east-bench-stored-'));
  try {
    writeSources(join(directory, 'east'), files, { force: false });
    const report = await verifyFirmware({
      directory: join(directory, 'east'),
      name,
      vectors: { inputs, outputs },
      target: TARGET,
    });
    if (!report.passed || !report.complete || report.cost === undefined) {
      throw new Error(`${network}, ${id}: not verified: ${JSON.stringify(report, null, 2)}`);
    }
    const code = await codeBytes(model.graph, chosenFormats(encoded), TARGET);
    return {
      network,
      stored: id,
      bits,
      macs: model.graph.layers.reduce((sum, layer) => sum + macs(layer), 0),
      weightBytes: encoded.blob.length,
      instructions: report.cost.instructionsPerInference,
      code: flashUsage(encoded, code, TARGET).code,
      ram: plan.ram.total,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
