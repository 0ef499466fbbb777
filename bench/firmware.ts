/**
 * What the generated firmware costs on a Cortex-M4 (QEMU, instruction counts): MLPerf Tiny's int8 ResNet-8 and DS-CNN,
 * read from their .tflite files as they are (nothing pruned, so hardly anything compresses), 100 random inputs
 * compared byte for byte with the integer executor.
 *
 *   npx tsx bench/firmware.ts
 *
 * Needs ../shared/models (or $EAST_SHARED). Writes bench/results/firmware.json and the table of docs/measurements.md.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { emitSources } from '../src/core/firmware/emit';
import { encodeModel } from '../src/core/firmware/encode-model';
import { chosenFormats } from '../src/core/firmware/encoded-model';
import { codeBytes } from '../src/core/firmware/code-size';
import { flashUsage } from '../src/core/plan/usage';
import { firmwareTarget } from '../src/core/firmware/targets/targets';
import { encodedPlan } from '../src/core/plan/encoded-plan';
import { planMemory } from '../src/core/plan/memory';
import type { VerificationReport } from '../src/core/firmware/verify';
import { verifyFirmware } from '../src/core/firmware/verify';
import { writeSources } from '../src/core/firmware/write-sources';
import { macs, outputSize } from '../src/core/graph/graph';
import { elements } from '../src/core/ops/shape';
import { createFastExecutor } from '../src/core/quant/fast-executor';
import { readTflite } from '../src/core/models/tflite/tflite';
import { formatBytes, formatCount } from '../src/core/report/format';
import { createRandom } from '../src/core/util/random';
import { fillMeasured, markdownTable } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const models = join(process.env['EAST_SHARED'] ?? join(root, '../shared'), 'models');
const VECTORS = 100;
const TARGET = firmwareTarget();
/** How IDEs build; with the sources' own say in it (east_hot.h) and without. */
const OTHER_BUILDS = [
  ['-Os'],
  ['-Os', '-D<NAME>_COLD_LOOPS'],
  ['-Og'],
  ['-Og', '-D<NAME>_COLD_LOOPS'],
];

const results = [];
for (const [name, file] of [
  ['resnet8', 'mlperf_tiny_resnet8_int8.tflite'],
  ['dscnn', 'mlperf_tiny_dscnn_int8.tflite'],
] as const) {
  if (!existsSync(join(models, file))) throw new Error(`there is no ${file}; set EAST_SHARED`);
  results.push(await measure(name, file));
}
writeFileSync(
  join(root, 'bench/results/firmware.json'),
  `${JSON.stringify({ command: 'npx tsx bench/firmware.ts', vectors: VECTORS, results }, null, 2)}\n`,
);
const head = [
  'model',
  'MACs',
  'instructions',
  'per MAC',
  'flash',
  'of it code',
  'RAM',
  'activations',
];
const rows = results.map((r) => [
  r.file,
  formatCount(r.macs),
  formatCount(r.cost.instructionsPerInference),
  (r.cost.instructionsPerInference / r.macs).toFixed(2),
  formatBytes(r.flash.total),
  formatBytes(r.flash.code),
  formatBytes(r.ram.total),
  formatBytes(r.ram.activations + r.ram.scratch),
]);
const table = markdownTable(head, rows);
const builds = markdownTable(
  ['model, built with', 'instructions', 'of those with -O2', 'code'],
  results.flatMap((r) => [
    [
      `${r.name}, -O2`,
      formatCount(r.cost.instructionsPerInference),
      '1.00',
      formatCount(r.cost.flash.code),
    ],
    ...r.builds.map(({ options, instructions, code }) => [
      `${r.name}, ${options.join(' ')}`,
      formatCount(instructions),
      (instructions / r.cost.instructionsPerInference).toFixed(2),
      formatCount(code),
    ]),
  ]),
);
fillMeasured(root, 'firmware', `${table}\n\n${builds}`);
console.log(`${table}\n\n${builds}`);

async function measure(name: string, file: string) {
  const model = readTflite(readFileSync(join(models, file)));
  const tiles = planMemory(model.graph);
  const encoded = encodeModel(model, tiles);
  const plan = encodedPlan(encoded, tiles);
  const executor = createFastExecutor(model);
  const random = createRandom(1);
  const inputs = Array.from({ length: VECTORS }, () =>
    Int8Array.from({ length: elements(model.graph.inputShape) }, () => random.int(256) - 128),
  );
  const outputs = inputs.map((input) => executor.run(input).slice());
  const files = emitSources({
    config: { name },
    encoded,
    plan,
    normalization: { kind: 'uint8', mean: [128], std: [1] },
    task: 'classification',
    outputNames: Array.from({ length: outputSize(model.graph) }, (_, c) => `class ${c}`),
    selfTest: { inputs: inputs.slice(0, 2), outputs: outputs.slice(0, 2) },
    provenance: { model: file },
  });
  const directory = mkdtempSync(join(tmpdir(), 'east-bench-firmware-'));
  try {
    writeSources(join(directory, 'east'), files, { force: false });
    const report: VerificationReport = await verifyFirmware({
      directory: join(directory, 'east'),
      name,
      vectors: { inputs, outputs },
      target: TARGET,
      onProgress: (message) => {
        console.log(`${name}: ${message}`);
      },
    });
    if (!report.passed || !report.complete || report.cost === undefined) {
      throw new Error(`${name} was not verified: ${JSON.stringify(report, null, 2)}`);
    }
    const builds = [];
    for (const options of OTHER_BUILDS) {
      const { onTarget, cost } = await verifyFirmware({
        directory: join(directory, 'east'),
        name,
        vectors: { inputs: inputs.slice(0, 3), outputs: outputs.slice(0, 3) },
        target: TARGET,
        targetOptions: options.map((option) => option.replace('<NAME>', name.toUpperCase())),
      });
      if (onTarget.status !== 'passed' || cost === undefined) {
        throw new Error(`${name} with ${options.join(' ')}: ${JSON.stringify(onTarget)}`);
      }
      builds.push({ options, instructions: cost.instructionsPerInference, code: cost.flash.code });
    }
    return {
      name,
      file,
      builds,
      macs: model.graph.layers.reduce((sum, layer) => sum + macs(layer), 0),
      verified: { host: report.host, sanitizers: report.sanitizers, onTarget: report.onTarget },
      cost: report.cost,
      flash: flashUsage(
        encoded,
        await codeBytes(model.graph, chosenFormats(encoded), TARGET),
        TARGET,
      ),
      ram: {
        activations: plan.ram.activations,
        scratch: plan.ram.scratch,
        decode: plan.ram.decode,
        total: plan.ram.total,
      },
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
