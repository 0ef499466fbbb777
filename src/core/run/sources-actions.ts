/**
 * What can be done with a run besides training it: planning, generating, verifying and checking. Apart from training, so
 * that a process which does only these never loads TensorFlow.js.
 */
import { join } from 'node:path';
import type { ResolvedConfig } from '../config/config';
import { requireConfined } from '../config/confinement';
import { emitSources } from '../firmware/emit';
import type { EncodedModel } from '../firmware/encoded-model';
import { MANIFEST, readManifest, sha256, type ManifestInputs } from '../firmware/manifest';
import { sourceSizes } from '../firmware/source-sizes';
import { requireSecondOpinion } from '../firmware/second-opinion';
import { encodedPlan } from '../plan/encoded-plan';
import { planArena, withFrontend } from '../plan/frontend-ram';
import { asDeployed } from '../plan/forecast';
import { streamVectors } from '../firmware/stream-vectors';
import { alongStream } from '../graph/stream';
import { codeBytes } from '../firmware/code-size';
import { chosenFormats } from '../firmware/encoded-model';
import { flashUsage } from '../plan/usage';
import { flashParts } from '../plan/parts';
import type { CheckResult, VerificationReport } from '../firmware/verify';
import { readSelfTest } from '../firmware/selftest-vectors';
import type { Target } from '../firmware/targets/target';
import { simulatedName, firmwareTarget } from '../firmware/targets/targets';
import type { Vectors } from '../firmware/vectors';
import { verifyFirmware } from '../firmware/verify';
import { checkSources, writeSources } from '../firmware/write-sources';
import { formatBytes, formatCount } from '../report/format';
import type { Report } from '../report/report';
import { INPUT, outputTensors } from '../graph/graph';
import { tensorOf, type QuantizedModel } from '../quant/model';
import { reconstructionScore } from '../tasks/anomaly/score';
import { UserError } from '../util/errors';
import { isThere } from '../util/read-file';
import { shorten } from '../util/stored';
import { reportProblem } from './check-report';
import { configFingerprint } from '../config/config-identity';
import { dataRemarks } from './data-record';
import type { Examples } from './examples-file';
import { HOST_BUILDS } from './actions';
import type {
  GenerateOutcome,
  RunActions,
  RunTarget,
  SourcesState,
  VerifyOutcome,
  VerifyTarget,
} from './actions';
import type { ModelInfo } from './model-file';
import { planJob, requireData } from './plan-job';
import { recordedResult, recordResult } from './recorded-result';
import { recordedSizes, recordSizes } from './recorded-sizes';
import { RunFolder } from './run-folder';
import { isRunId, runsOf } from './run-paths';
import { defined } from '../util/defined';

export const sourcesActions: Omit<RunActions, 'run'> = {
  plan: async (config) => {
    await planJob(config);
    await requireData(config);
  },
  generate,
  verify,
  verifyCarried,
  checkSources: sourcesState,
};

/** Windows of which the self-test makes a stream: enough for one that comes behind another. */
const SELF_TEST_WINDOWS = 2;

interface Finished extends ModelInfo {
  readonly encoded: EncodedModel;
  readonly examples: Examples;
  readonly report: Report;
}

async function generate(
  { config, folder }: RunTarget,
  options: { readonly force: boolean },
): Promise<GenerateOutcome> {
  const { encoded, normalization, task, facts, outputNames, examples, report } = finished({
    config,
    folder,
  });
  requireConfined(config, 'sources');
  requireSecondOpinion(encoded);
  const { frontend } = encoded.model;
  const graph = asDeployed(encoded.model.graph, config);
  const memory = encodedPlan(encoded, planArena(graph, config.budget.ram, frontend?.config));
  // What is written now, which the report of a run of an earlier version need not be.
  const target = firmwareTarget(config.firmware.target);
  const code = await codeBytes(graph, chosenFormats(encoded), target, frontend?.config);
  const deployed = { ...encoded, model: { ...encoded.model, graph } };
  const flash = flashUsage(deployed, code, target);
  const count = Math.min(config.firmware.selfTestVectors, examples.vectors.inputs.length);
  const selfTestStream = firstVectors(examples.vectors, Math.min(count, SELF_TEST_WINDOWS));
  const files = emitSources({
    config,
    encoded,
    plan: memory,
    normalization,
    task,
    ...defined({ facts }),
    outputNames,
    selfTest: {
      ...firstVectors(examples.vectors, count),
      ...defined({ stream: streamVectors(encoded.model, graph, selfTestStream) }),
    },
    provenance: {
      config: configFingerprint(config),
      model: sha256(encoded.blob),
      run: folder.id,
      ...recordSizes(flash, withFrontend(memory, frontend?.config).total),
      ...recordResult(report.measured),
      ...defined({ stream: graph.hop?.toString() }),
    },
  });
  writeSources(config.firmware.directory, files, options);
  return { directory: config.firmware.directory, files: [...files.keys()] };
}

function firstVectors({ inputs, outputs, raw }: Vectors, count: number): Vectors {
  return {
    inputs: inputs.slice(0, count),
    outputs: outputs.slice(0, count),
    ...defined({ raw: raw?.slice(0, count) }),
  };
}

function finished({ folder }: RunTarget): Finished {
  const model = folder.loadModel();
  const examples = folder.loadExamples();
  const report = folder.loadReport();
  if (model && examples && report) {
    const problem = reportProblem(report, model.encoded);
    if (problem === undefined) return { ...model, examples, report };
    throw new UserError(`the report is not of this run's model: ${shorten(problem)}`, {
      file: folder.file('report.json'),
    });
  }
  throw (
    folder.resultsProblem() ?? new UserError('the run has no results yet', { file: folder.path })
  );
}

async function verify(
  { config, folder }: RunTarget,
  options: Parameters<RunActions['verify']>[1],
): Promise<VerifyOutcome> {
  requireConfined(config, 'sources');
  const { examples, encoded, task } = finished({ config, folder });
  const { directory } = config.firmware;
  const manifest = readManifest(directory);
  if (manifest && manifest.inputs['model'] !== sha256(encoded.blob)) {
    throw new UserError(
      `the sources are not of run ${folder.id}; write them again with "east generate"`,
      { file: directory },
    );
  }
  const scores = task === 'anomaly' ? sumOfScores(encoded.model, examples.vectors) : undefined;
  // Those that lie here may be older than what the config says of streams now.
  const hop = manifest?.inputs['stream'];
  const graph = alongStream(encoded.model.graph, hop === undefined ? undefined : Number(hop));
  const stream = streamVectors(encoded.model, graph, examples.vectors);
  const vectors = { ...examples.vectors, ...defined({ stream }) };
  return verifySources(config, vectors, { ...options, ...defined({ scores }) });
}

/** What the C function gives for all of them together. */
function sumOfScores(model: QuantizedModel, { inputs, outputs }: Vectors): number {
  const [output = INPUT] = outputTensors(model.graph);
  const scales = { input: tensorOf(model, INPUT), output: tensorOf(model, output) };
  return inputs.reduce((sum, input, i) => sum + reconstructionScore(input, outputs[i]!, scales), 0);
}

async function verifyCarried(
  config: ResolvedConfig,
  options: Parameters<RunActions['verifyCarried']>[1],
): Promise<VerifyOutcome> {
  requireConfined(config, 'sources');
  return verifySources(config, readSelfTest(config.firmware.directory, config.name), options);
}

/** Edited sources are verified, too: that they still compute what was trained is worth knowing. */
async function verifySources(
  config: ResolvedConfig,
  vectors: Vectors,
  { onMessage, signal, scores }: Parameters<RunActions['verify']>[1] & { readonly scores?: number },
): Promise<VerifyOutcome> {
  const { directory } = config.firmware;
  const target = firmwareTarget(config.firmware.target);
  const { state, details } = checkSources(directory, {});
  if (state === 'edited') onMessage(`edited since they were generated: ${details.join('; ')}`);
  const report = await verifyFirmware({
    directory,
    name: config.name,
    target,
    vectors,
    onProgress: onMessage,
    ...defined({ signal, scores }),
  });
  return { ok: report.passed && report.complete, targets: targetsOf(report, target) };
}

function targetsOf(report: VerificationReport, core: Target): VerifyTarget[] {
  const target = (name: string, result: CheckResult, figures: VerifyTarget['figures'] = []) => ({
    name,
    result,
    inputs: result.status === 'skipped' ? 0 : report.vectors,
    figures,
  });
  return [
    target(HOST_BUILDS.host, report.host),
    target(HOST_BUILDS.sanitizers, report.sanitizers),
    target(simulatedName(core), report.onTarget, costFigures(report.cost)),
  ];
}

function costFigures(cost: VerificationReport['cost']): [string, string][] {
  if (cost === undefined) return [];
  const { flash, frontend, ramBytes, instructionsPerInference, instructionsPerDecodedByte } = cost;
  const figures: [string, string][] = [
    ['flash', formatBytes(flash.flash)],
    ...flashParts(flash).map(([name, bytes]): [string, string] => [
      `  ${name}`,
      formatBytes(bytes),
    ]),
    ['RAM', formatBytes(ramBytes)],
    ['instructions per inference', formatCount(instructionsPerInference)],
    ...(frontend === undefined
      ? []
      : ([
          ['instructions of the front end', formatCount(frontend.instructions)],
          ...(frontend.instructionsPerHop === undefined
            ? []
            : [
                ['  of a hop', formatCount(frontend.instructionsPerHop)] satisfies [string, string],
              ]),
        ] satisfies [string, string][])),
  ];
  if (cost.instructionsPerStep !== undefined) {
    figures.push(['instructions per step along the stream', formatCount(cost.instructionsPerStep)]);
  }
  if (instructionsPerDecodedByte !== undefined) {
    figures.push(['instructions per decoded byte', instructionsPerDecodedByte.toFixed(2)]);
  }
  return figures;
}

async function sourcesState(config: ResolvedConfig): Promise<SourcesState> {
  requireConfined(config, 'sources');
  const { directory } = config.firmware;
  const recorded = readManifest(directory)?.inputs;
  // Only the config can be held against the sources: the run they came from need not be here.
  const found = await checkSources(directory, {
    ...recorded,
    config: configFingerprint(config),
  });
  const data = await dataOf(config, recorded?.['run']);
  const result = recordedResult(recorded ?? {});
  return { ...withSizes(found, config, recorded ?? {}), ...defined({ data, result }) };
}

/** By the sources themselves; what no source has a number of, by the manifest's word, and that is told. */
function withSizes(
  found: Awaited<ReturnType<typeof checkSources>>,
  { firmware: { directory }, name }: ResolvedConfig,
  recorded: ManifestInputs,
): SourcesState {
  const sizes = recordedSizes(recorded);
  if (sizes === undefined) return found;
  const real = found.state === 'missing' ? undefined : sourceSizes(directory, name);
  if (real === undefined) return { ...found, sizes, unproven: sizes.flash };
  const rest = sizes.flash - sizes.weights;
  const forged = found.state === 'current' && real.weights !== sizes.weights;
  return {
    // The manifest was made for other weights than lie here: as if a file had been changed.
    ...(forged ? { state: 'edited', details: [MANIFEST] } : found),
    sizes: { ...sizes, ...real, flash: real.weights + rest },
    unproven: rest,
  };
}

/** undefined where the run does not lie here. */
async function dataOf(
  config: ResolvedConfig,
  run: string | undefined,
): Promise<string[] | undefined> {
  if (run === undefined || !isRunId(run)) return undefined;
  const path = join(runsOf(config.workspace), run);
  return isThere(path) ? dataRemarks(config, new RunFolder(path)) : undefined;
}
