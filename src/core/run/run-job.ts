/** One run from config to encoded model and report: what `east run`, `east resume` and the background process do. */
import * as v from 'valibot';
import { isAsIs, isUntrained, type DatasetConfig, type ResolvedConfig } from '../config/config';
import { requireConfined } from '../config/confinement';
import { requireDataset } from '../config/require-dataset';
import type { Dataset } from '../dataset/dataset';
import { dataWarnings } from '../dataset/data-warnings';
import { loadDataset } from '../dataset/load-dataset';
import { PrefetchingBatches } from '../dataset/prefetch';
import { longerFitting } from '../advice/longer-fitting';
import type { CodeSize } from '../firmware/code-size';
import { codingsOf, USUAL_CODEC, withCodecs } from '../codecs/choice';
import { layerBlobBytes } from '../firmware/blob';
import { computeInstructions, decodingLimit, layerDecoding } from '../firmware/instructions';
import { requireSecondOpinion } from '../firmware/second-opinion';
import { firmwareTarget } from '../firmware/targets/targets';
import { firstOutputSize, outputTensors, type Graph } from '../graph/graph';
import { scoringGraph } from '../graph/scores';
import { trainedFormats, type TrainedFormats } from '../formats/fits';
import type { PossibleFormats } from '../formats/formats';
import type { QuantizedModel } from '../quant/model';
import { withIndices } from '../quant/scores';
import { encodedPlan } from '../plan/encoded-plan';
import { storeModel } from '../plan/store-model';
import { weightsIn, type Report } from '../report/report';
import { ENGINES, type Engine } from '../train/engines/engine';
import { TASKS, taskOf } from '../tasks/tasks';
import { chooseEngine } from '../train/choice/choose-engine';
import { openEngine } from '../train/engines/open-engine';
import type { TrainProgress } from '../train/loop/progress';
import { defaultShards, describeTeam, openTeam } from '../train/shards/open-team';
import type { Team } from '../train/shards/team';
import type { FinishedTraining } from '../train/loop/finish';
import { computingOf, requireSameComputing } from '../train/loop/computing';
import type { DecodingLimit } from '../train/loop/decoding-limit';
import { train } from '../train/loop/train';
import { shardsOf, type Snapshot, type SnapshotArray } from '../train/loop/training-state';
import { checkSnapshot } from '../train/loop/snapshot-schema';
import { formatUserError, UserError } from '../util/errors';
import { mendable } from '../util/file-errors';
import { textIfThere } from '../util/read-file';
import { checkJson, count, text, type Every } from '../util/stored';
import { writeFileAtomic } from './atomic-file';
import { readContainer } from './container';
import { recordData } from './data-record';
import { currentCheckpoint } from './earlier-versions';
import { ASKED_TO_STOP, type RunEvent } from './events';
import { chooseExamples } from './choose-examples';
import type { RunJob, RunResult } from './actions';
import type { JobPlan } from './plan-job';
import { planJob } from './plan-job';
import { asEventsOf, reuseFloat } from './reuse-float';
import { stepWarnings } from '../config/enough-steps';
import { lossWarnings } from './loss-warnings';
import { runAsIs } from './run-as-is';
import { runQuantized } from './run-quantized';
import { withProposals } from './with-proposals';
import { normalizedByFile, normalizedForNetwork } from './imported-data';
import type { LoadedModel } from '../models/model';
import { floatNetwork, type FloatNetwork } from '../train/imported/float-network';
import { liveGraph, liveParameters } from '../train/imported/live-batch-norm';
import { imitatedBy, labelledBy } from '../train/imported/teacher';
import { defined } from '../util/defined';
import { elapsedMs } from '../util/clock';

/**
 * Runs or resumes the job of a run folder (its newest checkpoint decides); the caller holds the config's lock.
 * A failure is noted in the log and thrown. Throws UserError for anything wrong with config, data or folder.
 */
export async function runJob(
  job: RunJob,
  trainedIn: (possible: PossibleFormats) => TrainedFormats = trainedFormats,
): Promise<RunResult> {
  const progress = { step: 0 };
  const tell = (event: RunEvent): void => {
    progress.step = event.step;
    job.folder.appendEvent(event);
    if (ENDS.has(event.type)) job.folder.note();
    job.onEvent(event);
  };
  try {
    return await runToEnd(job, trainedIn, tell);
  } catch (error) {
    // What failed may have done so for want of its folder.
    job.folder.requireThere();
    const message = describe(error);
    try {
      job.requireLock?.();
      tell({ type: 'failed', time: now(), step: progress.step, message });
    } catch {
      // A full disk, or a lock that is lost: that is what the error says.
    }
    throw error;
  }
}

/** Throws UserError where the run's folder is gone, or another process works on the config by now. */
function requireOurs({ folder, requireLock }: RunJob): void {
  folder.requireThere();
  requireLock?.();
}

const ENDS: ReadonlySet<RunEvent['type']> = new Set(['stopped', 'finished', 'failed']);

function stopReason({ signal }: RunJob): string {
  const reason: unknown = signal.reason;
  return typeof reason === 'string' ? reason : ASKED_TO_STOP;
}

function describe(error: unknown): string {
  const known = mendable(error);
  if (known !== undefined) return formatUserError(known);
  return error instanceof Error ? error.message : String(error);
}

/** What the run's last start or resume says that it is trained with. */
function trainedWithBefore(folder: RunJob['folder']): string | undefined {
  return folder
    .readEvents()
    .flatMap((event) => (event.type === 'started' || event.type === 'resumed' ? [event] : []))
    .at(-1)?.trainedWith;
}

/** Resumed, a run that let the engine be chosen keeps the one it began with, and its threads. */
async function openRunsEngine(
  { config, modulesFrom, onNote }: RunJob,
  graph: Graph,
  snapshot: Snapshot | undefined,
): Promise<Engine> {
  const begunWith = ENGINES.find((name) => name === snapshot?.meta.engine);
  const choice = config.engine === 'auto' ? (begunWith ?? 'auto') : config.engine;
  const threads = snapshot?.meta.threads;
  const options = {
    ...defined({ threads, modulesFrom }),
  };
  if (choice !== 'auto') return openEngine(choice, options);
  const { batchSize, shards } = config.training;
  return chooseEngine({ graph, batchSize, shards, onNote }, options);
}

async function runToEnd(
  job: RunJob,
  trainedIn: (possible: PossibleFormats) => TrainedFormats,
  tell: (event: RunEvent) => void,
): Promise<RunResult> {
  const { config, folder } = job;
  requireConfined(config, 'data');
  folder.repair();
  const remark = folder.logRemark();
  if (remark !== undefined) job.onNote(`warning: ${remark}`);
  const plan = await planOf(job);
  for (const warning of plan.warnings) job.onNote(warning);
  if (isAsIs(config)) {
    try {
      await recordData(config, folder, false);
      const dataset = config.dataset && (await readData(job, config.dataset, plan));
      return await runAsIs(job, plan, dataset, tell);
    } finally {
      folder.close();
    }
  }
  const data = requireDataset(config);
  const snapshot = loadSnapshot(job);
  const engine = await openRunsEngine(job, scoringGraph(plan.model.graph), snapshot);
  const changes = await recordData(config, folder, snapshot !== undefined);
  if (changes !== undefined) {
    job.onNote(
      `warning: the data has changed since the run was started: ${changes}; a resumed run ends in other bytes`,
    );
  }
  const read = await readData(job, data, plan);
  const scoring = { ...plan.model, graph: scoringGraph(plan.model.graph) };
  const network = config.model.file === undefined ? undefined : floatNetwork(scoring);
  const dataset =
    network === undefined ? read : await asNetworkSees(job, { engine, network, plan, data }, read);
  if (network !== undefined && isUntrained(config)) {
    try {
      return await runQuantized(job, plan, engine, network, dataset, tell);
    } finally {
      folder.close();
    }
  }
  const graph = network === undefined ? scoring.graph : liveGraph(scoring.graph);
  const initialWeights = snapshot
    ? undefined
    : network === undefined
      ? loadInitialWeights(config)
      : await liveParameters(engine, scoring, dataset.train, dataset.normalization);
  for (const warning of stepWarnings(dataset.train.count, config.training)) {
    job.onNote(`warning: ${warning}`);
  }
  const teacher = isTaught(config, dataset) ? network : undefined;
  const batches = new PrefetchingBatches({
    samples: dataset.train,
    normalization: dataset.normalization,
    augmentation: data.augment,
    batchSize: config.training.batchSize,
    seed: config.training.seed,
  });
  // A run keeps the number it began with, on whatever machine it is resumed.
  const shards = snapshot
    ? shardsOf(snapshot)
    : (config.training.shards ?? defaultShards(engine.name, batches.batchSize));
  let team: Team | undefined;
  try {
    team = await openTeam(engine, graph, batches.batchSize, shards);
    const trainedWith = describeTeam(engine, team);
    job.onNote(`engine: ${trainedWith}`);
    const computing = computingOf(engine, team);
    if (snapshot) requireSameComputing(snapshot, computing);
    // Checkpoints of earlier versions do not say which build of the engine computed them; the log does.
    const before = snapshot && !snapshot.meta.build ? trainedWithBefore(folder) : undefined;
    if (before !== undefined && before !== trainedWith) {
      job.onNote(
        `warning: the run has used ${before} so far; with another engine it ends in slightly other weights`,
      );
    }
    const origin = { config: { ...config, dataset: data }, graph, dataset, computing };
    const float = reuseFloat(
      job,
      { ...origin, ...defined({ initialWeights, constants: plan.model.constants }) },
      snapshot,
    );
    const totalEpochs = config.training.epochs + config.training.pruneEpochs;
    const totalSteps = totalEpochs * batches.stepsPerEpoch;
    tell({
      type: snapshot ? 'resumed' : 'started',
      time: now(),
      step: snapshot?.meta.step ?? 0,
      totalSteps,
      trainedWith,
      shards: team.shards,
      pid: process.pid,
      ...defined({ floatFrom: float.from?.run }),
    });
    if (float.from) {
      const { batchSize } = batches;
      for (const event of asEventsOf(float.from, { totalSteps, totalEpochs, batchSize }, now())) {
        // Who watches need not see again what was told when it happened, but for how it ended.
        if (event.type === 'evaluation' && event.set === 'test') tell(event);
        else folder.appendEvent(event);
      }
    }
    const { keep } = float;
    const outcome = await train({
      config,
      graph,
      dataset,
      batches,
      engine,
      team,
      tileWeights: plan.memory.tileWeights,
      formats: withCodecs(trainedIn(plan.possible), plan.codecs, plan.flash.formatOpen),
      blockBudget: config.east.method === 'dense' ? undefined : plan.flash.blockBudget,
      ...defined({ decoding: decodingIn(config, plan) }),
      ...defined({
        snapshot: snapshot ?? float.from?.snapshot,
        initialWeights,
        teacher,
        constants: plan.model.constants,
        keepFloatPhase:
          keep &&
          ((at: Snapshot): void => {
            requireOurs(job);
            keep(at);
          }),
      }),
      signal: job.signal,
      onProgress: (event: TrainProgress) => {
        tell(event.type === 'prune' ? inBlob(event, plan) : { ...event, time: now() });
      },
      saveCheckpoint: (state) => {
        requireOurs(job);
        folder.checkpoints.save(state.meta.step, state);
        tell({ type: 'checkpoint', time: now(), step: state.meta.step });
      },
    });
    if (outcome.status === 'stopped') {
      tell({ type: 'stopped', time: now(), step: outcome.step, reason: stopReason(job) });
      return { status: 'stopped', step: outcome.step };
    }
    requireOurs(job);
    const report = conclude(job, plan, trainedWith, dataset, outcome);
    tell({ type: 'finished', time: now(), step: outcome.step, ...weightsIn(report) });
    return { status: 'finished', report };
  } finally {
    await team?.close();
    await batches.close();
    folder.close();
  }
}

/** The examples, and what of them is worth telling. */
async function readData(
  { config, onNote }: RunJob,
  data: DatasetConfig,
  { graph: whole, model }: JobPlan,
): Promise<Dataset> {
  const isImported = config.model.file !== undefined;
  const graph = scoringGraph(whole);
  const loaded = await loadDataset(
    data,
    {
      input: graph.inputShape,
      task: config.task,
      classes: config.task.kind === 'binary' ? 2 : firstOutputSize(graph),
      outputs: firstOutputSize(graph),
      // What a network of a file makes of examples can stand in for their classes; of numbers nothing could be measured then.
      labels: isImported && config.task.kind === 'classification' ? 'optional' : 'needed',
      ...(isImported ? { trained: true as const } : {}),
      ...defined({ outputNames: namesIn(model), frontend: config.frontend }),
    },
    config.training.seed,
    config.workspace,
    everySeconds(5, ({ what, done, total }) => {
      onNote(`reading the ${what}: ${done} of ${total}`);
    }),
  );
  requireOneOutput(graph, loaded);
  // Of a float network the float network is asked first (asNetworkSees).
  const dataset = !isImported || isAsIs(config) ? normalizedByFile(model, data, loaded) : loaded;
  const { train: training, validation, test } = dataset;
  onNote(
    `data: ${training.count} training, ${validation.count} validation, ${test.count} test examples`,
  );
  for (const note of dataset.notes ?? []) onNote(note);
  for (const warning of dataWarnings(dataset)) onNote(`warning: ${warning}`);
  if (isAsIs(config) && dataset.unlabelled === true) {
    onNote(
      'the examples have no labels: nothing is measured, they are what sources are verified with',
    );
  }
  return dataset;
}

/** Nobody says which of several outputs the labels are for. @throws UserError */
function requireOneOutput(graph: Graph, { unlabelled }: Dataset): void {
  const { length } = outputTensors(graph);
  if (length === 1 || unlabelled === true) return;
  throw new UserError(
    `the network has ${length} outputs, and it is not known which of them the labels are for: name one as model.output, or leave the labels out, so that all ` +
      'outputs are compared with those of the original (with model.use "as-is" leave out "dataset")',
  );
}

/** The file's names of its outputs, if it has one for each. */
function namesIn({ graph, file }: LoadedModel): readonly string[] | undefined {
  const names = file?.classNames;
  return names?.length === firstOutputSize(scoringGraph(graph)) ? names : undefined;
}

/** Normalised as the imported network expects it, and with its answers for targets where there are no labels. */
async function asNetworkSees(
  { config, onNote }: RunJob,
  {
    engine,
    network,
    plan,
    data,
  }: {
    readonly engine: Engine;
    readonly network: FloatNetwork;
    readonly plan: JobPlan;
    readonly data: DatasetConfig;
  },
  read: Dataset,
): Promise<Dataset> {
  const seen = await normalizedForNetwork(engine, network, plan.model, data, read, onNote);
  if (seen.unlabelled !== true) return seen;
  const { distill } = config.training;
  const imitated = typeof distill === 'string' ? distill : imitatedBy(plan.model.graph);
  const labelled = await labelledBy(engine, network, seen, imitated);
  onNote(
    `the examples have no labels: what is measured is ${TASKS[labelled.task].metric.name}, not how often it is right`,
  );
  return labelled;
}

/** Whether the loss compares with the imported network's outputs. */
function isTaught({ training: { distill } }: ResolvedConfig, { unlabelled }: Dataset): boolean {
  return distill === undefined ? unlabelled === true : distill !== false || unlabelled === true;
}

/**
 * The plan of the run's first start, as far as it depends on this machine: the size of the code as the compiler of
 * then made it. A compiler that comes or changes before a resume would change the budget, and with it the weights.
 */
async function planOf({ config, folder }: RunJob): Promise<JobPlan> {
  const file = folder.file('code-size.json');
  const noted = textIfThere(file, 'note');
  const checked = noted === undefined ? undefined : checkJson(codeSizeSchema, noted);
  const recorded = checked && 'value' in checked ? checked.value : undefined;
  const plan = await planJob(config, recorded);
  if (!recorded) writeFileAtomic(file, `${JSON.stringify(plan.flash.code)}\n`, { folder: 'there' });
  return plan;
}

const codeSizeSchema: v.GenericSchema<unknown, CodeSize> = v.object({
  bytes: count,
  source: v.picklist(['measured', 'table']),
  // What an earlier version counted in another way is counted anew.
  files: v.record(text, count),
} satisfies Every<CodeSize>);

/** What the trainer tells of its tiles, as bytes of the blob, counted as in a report. */
function inBlob(
  { storedTarget, storedBytes, layers, ...event }: Extract<TrainProgress, { type: 'prune' }>,
  { memory, flash }: Pick<JobPlan, 'memory' | 'flash'>,
): RunEvent {
  return {
    ...event,
    targetBytes: storedTarget + flash.overhead,
    blobBytes: storedBytes + flash.overhead,
    layers: layers.map(({ storedBytes: stored, ...layer }) => ({
      ...layer,
      blobBytes: layerBlobBytes(stored, memory.tileWeights[layer.name]!.length),
    })),
    time: now(),
  };
}

function conclude(
  { config, folder }: RunJob,
  plan: JobPlan,
  trainedWith: string,
  dataset: Dataset,
  outcome: FinishedTraining,
): Report {
  const { frontend } = dataset;
  const trained = withIndices(outcome.model, plan.model.graph);
  const model: QuantizedModel = { ...trained, ...defined({ frontend }) };
  const { memory, graph } = plan;
  const { blobBudget } = plan.flash;
  const codings = codingsOf(outcome.formats, outcome.codecs, config.east, plan.codecs);
  const target = firmwareTarget(config.firmware.target);
  const { decode } = config.budget;
  const encoded = storeModel(model, codings, memory, { target, graph, decode, blobBudget });
  requireSecondOpinion(encoded);
  // The promise of the product, checked on the very bytes that are written.
  if (blobBudget !== undefined && encoded.blob.length > blobBudget) {
    throw new Error(`the blob has ${encoded.blob.length} bytes, the budget is ${blobBudget}`);
  }
  const { task, normalization, outputNames } = dataset;
  const { facts, details } = outcome;
  const baseline = taskOf(task, facts).baseline(dataset.test.targets, outputNames.length);
  const { measured, testExamples } = outcome;
  const warnings = [
    ...dataWarnings(dataset),
    ...stepWarnings(dataset.train.count, config.training),
    ...lossWarnings(folder.readEvents()),
    ...longerFitting({ method: config.east.method, measured, testExamples, baseline }, config),
  ];
  folder.saveModel(encoded, { normalization, task, outputNames, ...defined({ facts }) });
  folder.saveExamples(chooseExamples(dataset, model));
  const report = withProposals(config, plan, {
    config,
    run: folder.id,
    trainedWith,
    encoded,
    plan: encodedPlan(encoded, memory),
    code: plan.flash.code,
    blobBudget,
    measured,
    testExamples,
    ...defined({ details }),
    warnings,
    baseline,
    normalization,
  });
  folder.saveReport(report);
  return report;
}

/** Where the config limits what decoding may take: how much, and what takes how much. */
function decodingIn(
  { budget, firmware }: ResolvedConfig,
  { graph, memory }: JobPlan,
): DecodingLimit | undefined {
  if (budget.decode === undefined || budget.decode >= 1) return undefined;
  const target = firmwareTarget(firmware.target);
  return {
    most: decodingLimit(computeInstructions(graph, target), budget.decode),
    of: (layer, { id, codec = USUAL_CODEC }) =>
      layerDecoding(layer, id, codec, memory.tileWeights[layer.name] ?? [], target),
  };
}

/** Passes on at most one call in so many seconds, none before the first of them are over. */
function everySeconds<T>(seconds: number, callback: (value: T) => void): (value: T) => void {
  let last = elapsedMs();
  return (value) => {
    if (elapsedMs() - last < seconds * 1000) return;
    last = elapsedMs();
    callback(value);
  };
}

function loadSnapshot({ folder, onNote }: RunJob): Snapshot | undefined {
  const loaded = folder.checkpoints.load();
  if (!loaded) return undefined;
  const checkpoint = currentCheckpoint(loaded);
  for (const warning of checkpoint.warnings) onNote(`passed over a damaged checkpoint: ${warning}`);
  const checked = checkSnapshot(checkpoint);
  if ('value' in checked) return checked.value;
  throw new UserError(
    `the checkpoint is damaged, or of another version of EAST (${checked.problem}); start a new run`,
    { file: checkpoint.file },
  );
}

function loadInitialWeights(config: ResolvedConfig): Record<string, SnapshotArray> | undefined {
  const file = config.training.initialWeights;
  if (file === undefined) return undefined;
  const checked = checkSnapshot(currentCheckpoint(readContainer(file, 'weights')));
  if ('value' in checked) return { ...checked.value.arrays };
  throw new UserError(
    `training.initialWeights is not a checkpoint of this version of EAST (${checked.problem})`,
    { file },
  );
}

function now(): string {
  return new Date().toISOString();
}
