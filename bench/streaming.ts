/**
 * What running along a stream saves: the keyword example's trained network behind its front end, on a Cortex-M4 (QEMU, instruction
 * counts), once with the whole window computed anew and once step by step, at steps of several lengths, an eighth of the window
 * among them. Each is verified from raw samples on before it counts.
 *
 *   npm run example:keyword && npx tsx bench/streaming.ts .east/runs/keyword-…
 *
 * Writes bench/results/streaming.json and the table of docs/measurements.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { codeBytes } from '../src/core/firmware/code-size';
import { emitSources } from '../src/core/firmware/emit';
import { chosenFormats } from '../src/core/firmware/encoded-model';
import { streamVectors } from '../src/core/firmware/stream-vectors';
import { firmwareTarget } from '../src/core/firmware/targets/targets';
import { verifyFirmware } from '../src/core/firmware/verify';
import { writeSources } from '../src/core/firmware/write-sources';
import { layoutOf } from '../src/core/frontends/frontends';
import { totalMacs } from '../src/core/graph/graph';
import { alongStream, stepOf } from '../src/core/graph/stream';
import { encodedPlan } from '../src/core/plan/encoded-plan';
import { planArena, withFrontend } from '../src/core/plan/frontend-ram';
import { flashUsage } from '../src/core/plan/usage';
import { resultsLine } from '../src/core/report/describe-report';
import { formatBytes, formatCount, formatPercent } from '../src/core/report/format';
import { RunFolder } from '../src/core/run/run-folder';
import { defined } from '../src/core/util/defined';
import { fillMeasured, markdownTable } from './lib/measured';

const [path] = process.argv.slice(2);
if (path === undefined)
  throw new Error('name the run of the keyword example, .east/runs/keyword-…');
const root = resolve(import.meta.dirname, '..');
const TARGET = firmwareTarget();
/** Examples that each is verified with, one after the other along a stream. */
const EXAMPLES = 8;

const folder = new RunFolder(resolve(path));
const model = folder.loadModel();
const examples = folder.loadExamples();
const report = folder.loadReport();
const front = model?.encoded.model.frontend;
if (model === undefined || examples === undefined || report === undefined || front === undefined) {
  throw new Error(`${path} is no finished run of a network behind a front end`);
}
const { encoded, normalization, task, facts, outputNames } = model;
const { frames, hop, sampleRate } = {
  sampleRate: undefined,
  ...front.config,
  ...layoutOf(front.config),
};
const first = {
  inputs: examples.vectors.inputs.slice(0, EXAMPLES),
  outputs: examples.vectors.outputs.slice(0, EXAMPLES),
  raw: examples.vectors.raw?.slice(0, EXAMPLES) ?? [],
};

/** @param step frames; undefined: whole windows */
async function measure(step: number | undefined) {
  const graph = alongStream(encoded.model.graph, step);
  const plan = encodedPlan(encoded, planArena(graph, undefined, front?.config));
  const stream = streamVectors(encoded.model, graph, first);
  const vectors = { ...first, ...defined({ stream }) };
  const files = emitSources({
    config: { name: 'keyword' },
    encoded,
    plan,
    normalization,
    task,
    ...defined({ facts }),
    outputNames,
    selfTest: vectors,
    provenance: {},
  });
  const directory = mkdtempSync(join(tmpdir(), 'east-streaming-'));
  writeSources(directory, files);
  const verified = await verifyFirmware({ directory, name: 'keyword', vectors, target: TARGET });
  rmSync(directory, { recursive: true, force: true });
  const { cost } = verified;
  if (!verified.passed || !verified.complete || cost?.frontend === undefined) {
    throw new Error(`steps of ${step ?? 'whole windows'}: ${JSON.stringify(verified)}`);
  }
  const code = await codeBytes(graph, chosenFormats(encoded), TARGET, front?.config);
  return {
    step,
    frontendOfWindow: cost.frontend.instructions,
    frontendOfHop: cost.frontend.instructionsPerHop ?? 0,
    networkOfWindow: cost.instructionsPerInference,
    networkOfStep: cost.instructionsPerStep,
    macs: totalMacs(stepOf(graph)?.graph ?? graph),
    flash: flashUsage({ ...encoded, model: { ...encoded.model, graph } }, code, TARGET).total,
    ram: withFrontend(plan, front?.config).total,
  };
}

/** The longest step of an even number of frames, for the first layer's stride, that is no longer than an eighth. */
const eighth = 2 * Math.floor(frames / 16);
const whole = await measure(undefined);
const steps = [];
for (const step of [2, eighth / 2, eighth, 2 * eighth]) steps.push(await measure(step));

const ms = (count: number): string =>
  sampleRate === undefined ? '' : `, ${Math.round((1000 * count * hop) / sampleRate)} ms`;
const windowAnew = whole.frontendOfWindow + whole.networkOfWindow;
const row = (
  name: string,
  frontend: number,
  network: number,
  { flash, ram }: Pick<typeof whole, 'flash' | 'ram'>,
): string[] => [
  name,
  formatCount(frontend),
  formatCount(network),
  formatCount(frontend + network),
  formatPercent(1 - network / whole.networkOfWindow),
  formatPercent(1 - (frontend + network) / windowAnew),
  formatBytes(flash),
  formatBytes(ram),
];
const table = markdownTable(
  [
    'an output',
    'front end',
    'network',
    'both',
    'saved of the network',
    'saved of both',
    'flash',
    'RAM',
  ],
  [
    row(
      `whole window of ${frames} frames${ms(frames)}`,
      whole.frontendOfWindow,
      whole.networkOfWindow,
      whole,
    ),
    row(
      `whole window, every ${eighth} frames by \`push\`: earlier frames kept`,
      eighth * whole.frontendOfHop,
      whole.networkOfWindow,
      whole,
    ),
    ...steps.map((each) =>
      row(
        `step of ${each.step ?? 0} frames${ms(each.step ?? 0)}${each.step === eighth ? ', an eighth of the window' : ''}`,
        (each.step ?? 0) * each.frontendOfHop,
        each.networkOfStep ?? 0,
        each,
      ),
    ),
  ],
);
fillMeasured(root, 'streaming', `${resultsLine(report)}; run ${report.run}.\n\n${table}`);
writeFileSync(
  join(root, 'bench/results/streaming.json'),
  `${JSON.stringify(
    {
      command: 'npx tsx bench/streaming.ts .east/runs/keyword-…',
      run: report.run,
      measured: report.measured,
      frontend: front.config,
      examples: EXAMPLES,
      whole,
      steps,
    },
    null,
    2,
  )}\n`,
);
console.log(table);
