import type { ResolvedConfig } from '../../config/config';
import type { TrainingBatches } from '../../dataset/batches';
import { evaluationBatches } from '../../dataset/batches';
import type { Batch, Dataset, Samples } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import { weightedLayers } from '../../graph/graph';
import { evaluateInThreads } from '../../quant/evaluate-in-threads';
import { inputQuantization } from '../../quant/quantization';
import type { QuantizedModel, TensorQuantization } from '../../quant/model';
import { possibleFormats } from '../../formats/possible-formats';
import type { WeightFormat } from '../../formats/packing';
import type { Engine } from '../engines/engine';
import type { Measurement, Stage } from '../../tasks/measurement';
import { valueAt, withMeasurement } from '../../tasks/measurement';
import { isAsGood, TASKS } from '../../tasks/tasks';
import { sortChannels } from './channel-order';
import { deploy } from './deploy';
import { Network } from '../shards/network';
import { createOptimizer } from '../pass/optimizer';
import type { Quantizer } from '../pass/parameters';
import { initialParameters } from '../pass/parameters';
import { countCorrect } from '../pass/pass';
import type { TileBytes } from './pruning';
import {
  applyMasks,
  chooseFormats,
  maskSparsity,
  select,
  selectionLayers,
  storedBytes,
} from './pruning';
import type { Ranges } from '../pass/ranges';
import { tensorQuantizations } from '../pass/ranges';
import type { TrainPhase, TrainProgress } from './progress';
import { budgetAt, learningRate } from './schedules';
import type { Team } from '../shards/team';
import { soloTeam } from '../shards/team';
import type { Computing, Snapshot, SnapshotArray, TrainingState } from './training-state';
import {
  copyParameters,
  rangeList,
  rangeMap,
  restoreParameters,
  restoreSnapshot,
  takeSnapshot,
} from './training-state';

/**
 * The training loop: float epochs, then quantisation-aware epochs in which masks follow the falling byte budget until
 * they freeze, then fine-tuning. A pure function of (config, data, engine, snapshot): nothing outside the snapshot
 * influences a later step, which is what makes a resumed run end in the same bytes.
 */

export interface TrainJob {
  readonly config: Pick<ResolvedConfig, 'training' | 'east' | 'quantization'>;
  readonly graph: Graph;
  readonly dataset: Dataset;
  readonly batches: TrainingBatches;
  readonly engine: Engine;
  /** Threads that share each batch; undefined: the engine alone, in this thread. */
  readonly team?: Team;
  readonly tileBytes: TileBytes;
  /** Bytes that all blocks together may take (tile table and header already taken off); undefined: no limit. */
  readonly blockBudget: number | undefined;
  /** Where to go on; undefined starts afresh. */
  readonly snapshot?: Snapshot;
  /** Parameters to start from instead of random ones, by the keys of a snapshot. */
  readonly initialWeights?: Readonly<Record<string, SnapshotArray>>;
  /** By layer name: used from the end of the float epochs on, instead of what the layer's format says. */
  readonly quantizers?: Readonly<Record<string, Quantizer>>;
  /** Checked between two steps. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainProgress) => void;
  /** Must not return before the snapshot is safe; its arrays are live and change with the next step. */
  readonly saveCheckpoint: (snapshot: Snapshot) => void;
}

export type TrainOutcome =
  | { readonly status: 'stopped'; readonly step: number }
  | {
      readonly status: 'finished';
      readonly step: number;
      readonly model: QuantizedModel;
      /** By layer name: what the model's codes are to be packed as. */
      readonly formats: Readonly<Record<string, WeightFormat>>;
      /** Over the test set, of every stage. */
      readonly measured: readonly Measurement[];
      readonly testExamples: number;
    };

const METRIC = TASKS.classification.metric;
/** Steps between two looks at activation ranges in quantisation-aware training; reading them back costs time. */
const RANGE_INTERVAL = 10;
const CALIBRATION_BATCHES = 10;
const STATISTICS_BATCHES = 20;
/** Mask searches aim this far below the budget: weights that are fine-tuned afterwards compress a little worse. */
const SEARCH_MARGIN = 0.99;
const PROGRESS_INTERVAL_MS = 500;

export async function train(job: TrainJob): Promise<TrainOutcome> {
  return new TrainingLoop(job).run();
}

class TrainingLoop {
  private readonly network: Network;
  private readonly state: TrainingState;
  private readonly computing: Computing;
  private readonly floatSteps: number;
  private readonly pruneSteps: number;
  /** Pruning-phase step at which masks are chosen for the last time. */
  private readonly freezeStep: number;
  private readonly inputTensor: TensorQuantization;
  private lastCheckpoint = Date.now();
  private lastProgress = 0;
  private secondsPerStep = 0;
  /** The metric over recent training batches. */
  private recent: number | undefined;

  constructor(private readonly job: TrainJob) {
    const { training, east } = job.config;
    const parameters = initialParameters(job.graph, training.seed);
    this.state = {
      step: 0,
      parameters,
      optimizer: createOptimizer(training),
      ranges: new Map(),
      lambda: undefined,
      plans: undefined,
      measured: [],
      formatsChosen: false,
      best: undefined,
    };
    const team = job.team ?? soloTeam(job.engine, job.graph);
    const { name, threads } = job.engine;
    this.computing = {
      engine: name,
      shards: team.shards,
      ...(threads === undefined ? {} : { threads }),
    };
    if (job.initialWeights) restoreParameters(job.initialWeights, parameters);
    if (job.snapshot) restoreSnapshot(job.snapshot, this.state, this.computing);
    if (this.state.formatsChosen) this.applyQuantizers();
    this.network = new Network(team, job.graph, parameters);
    this.floatSteps = training.epochs * job.batches.stepsPerEpoch;
    this.pruneSteps = training.pruneEpochs * job.batches.stepsPerEpoch;
    this.freezeStep = Math.max(
      0,
      Math.min(this.pruneSteps - 1, Math.round(this.pruneSteps * east.freeze)),
    );
    this.inputTensor = inputTensorOf(job.dataset);
  }

  async run(): Promise<TrainOutcome> {
    const total = this.floatSteps + this.pruneSteps;
    for (;;) {
      if (this.state.step === this.floatSteps) await this.endFloatPhase();
      if (this.state.step >= total) break;
      if (this.job.signal.aborted) {
        this.checkpoint();
        return { status: 'stopped', step: this.state.step };
      }
      await this.trainOneStep();
      const { stepsPerEpoch } = this.job.batches;
      if (this.state.step % stepsPerEpoch === 0) await this.endEpoch();
      if (Date.now() - this.lastCheckpoint >= this.job.config.training.checkpointSeconds * 1000) {
        this.checkpoint();
      }
      // Lets signals, sockets and timers have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.finish();
  }

  private phaseAt(step: number): TrainPhase {
    if (step < this.floatSteps) return 'float';
    return step - this.floatSteps < this.freezeStep ? 'prune' : 'finetune';
  }

  private async trainOneStep(): Promise<void> {
    const { training, east } = this.job.config;
    const { stepsPerEpoch } = this.job.batches;
    const step = this.state.step;
    const started = performance.now();
    const epoch = Math.floor(step / stepsPerEpoch);
    const batch = await this.job.batches.at(step);
    const phase = this.phaseAt(step);
    const float = phase === 'float';
    const phaseStep = float ? step : step - this.floatSteps;
    const rate = float
      ? learningRate(training.schedule, training.learningRate, phaseStep, this.floatSteps)
      : learningRate(training.schedule, training.pruneLearningRate, phaseStep, this.pruneSteps);
    if (!float && east.method !== 'dense' && this.job.blockBudget !== undefined) {
      const due = phaseStep < this.freezeStep && phaseStep % east.interval === 0;
      if (due || phaseStep === this.freezeStep) this.chooseMasks(phaseStep);
    }
    const { loss, correct } = await this.network.step(batch, {
      optimizer: this.state.optimizer,
      optimizerStep: phaseStep + 1,
      rate,
      labelSmoothing: training.labelSmoothing,
      freezePruned: phase === 'finetune',
      ...(float ? {} : { quantization: this.quantizations() }),
      ...(phase === 'prune' && phaseStep % RANGE_INTERVAL === 0
        ? { ranges: this.state.ranges }
        : {}),
    });
    if (!Number.isFinite(loss)) {
      throw new Error(
        `the loss became ${loss} at step ${step + 1}; lower training.learningRate or training.pruneLearningRate`,
      );
    }
    this.state.step++;
    const seconds = (performance.now() - started) / 1000;
    this.secondsPerStep =
      this.secondsPerStep === 0 ? seconds : 0.95 * this.secondsPerStep + 0.05 * seconds;
    const value = correct / batch.y.length;
    this.recent = this.recent === undefined ? value : 0.95 * this.recent + 0.05 * value;
    this.tellStep(phase, epoch, loss, rate, batch.y.length);
  }

  private tellStep(
    phase: TrainPhase,
    epoch: number,
    loss: number,
    rate: number,
    size: number,
  ): void {
    const totalSteps = this.floatSteps + this.pruneSteps;
    const last = this.state.step === totalSteps || this.state.step === this.floatSteps;
    if (!last && Date.now() - this.lastProgress < PROGRESS_INTERVAL_MS) return;
    this.lastProgress = Date.now();
    const { training } = this.job.config;
    this.job.onProgress({
      type: 'step',
      step: this.state.step,
      totalSteps,
      epoch: epoch + 1,
      totalEpochs: training.epochs + training.pruneEpochs,
      phase,
      loss,
      metric: METRIC.name,
      value: this.recent ?? 0,
      learningRate: rate,
      imagesPerSecond: size / this.secondsPerStep,
      secondsLeft: this.secondsPerStep * (totalSteps - this.state.step),
    });
  }

  private chooseMasks(phaseStep: number): void {
    const { graph, tileBytes, config, blockBudget } = this.job;
    const layers = selectionLayers(
      graph,
      this.state.parameters,
      tileBytes,
      false,
      config.east.encoder,
    );
    const dense = layers.reduce((bytes, layer) => bytes + layer.values.length, 0);
    const t = this.freezeStep === 0 ? 1 : phaseStep / this.freezeStep;
    const target = Math.floor(budgetAt(dense, Math.min(dense, blockBudget! * SEARCH_MARGIN), t));
    const selection = select(layers, target, config.east, this.state);
    this.state.lambda = selection.lambda;
    this.state.plans = selection.plans;
    const churn = applyMasks(graph, this.state.parameters, selection.masks);
    const sparsity = maskSparsity(selection.masks);
    this.job.onProgress({
      type: 'prune',
      step: this.state.step,
      targetBytes: target,
      encodedBytes: selection.encodedBytes,
      sparsity: sparsity.total,
      churn,
      layers: layers.map((layer, i) => ({
        name: layer.name,
        sparsity: sparsity.layers[i]!,
        encodedBytes: selection.layerBytes[i]!,
        format: this.state.parameters.get(layer.name)!.format,
      })),
    });
  }

  private quantizations(): Record<string, TensorQuantization> {
    return tensorQuantizations(this.job.graph, this.state.ranges, this.inputTensor);
  }

  /** The float network measured, calibration, its plain int8 version measured. Idempotent. */
  private async endFloatPhase(): Promise<void> {
    const { dataset, batches, graph, config, tileBytes } = this.job;
    if (valueAt(this.state.measured, 'float') === undefined) {
      this.noteResult('float', await this.inferAccuracy(dataset.test));
    }
    if (this.state.ranges.size === 0) {
      for (let i = 0; i < CALIBRATION_BATCHES; i++) {
        const batch = await batches.at(i);
        await this.network.infer(batch, undefined, this.state.ranges);
      }
    }
    if (valueAt(this.state.measured, 'quantized') === undefined) {
      const model = deploy(graph, this.state.parameters, this.quantizations(), tileBytes);
      const measured = this.integerAccuracy(model);
      // Its threads work on that copy of the weights; the formats are chosen beside them.
      if (config.east.method !== 'dense') sortChannels(graph, this.state.parameters);
      this.chooseFormats();
      this.noteResult('quantized', await measured);
      // A new optimiser for a new objective: momentum of the float phase points elsewhere.
      this.state.optimizer.state.clear();
      this.checkpoint();
    }
  }

  private chooseFormats(): void {
    if (this.state.formatsChosen) return;
    const { parameters } = this.state;
    const { graph, tileBytes, config, blockBudget } = this.job;
    const budget = blockBudget === undefined ? undefined : Math.floor(blockBudget * SEARCH_MARGIN);
    const pruned = budget !== undefined && config.east.method !== 'dense';
    const possible = possibleFormats(graph, config.quantization, pruned);
    const formats = chooseFormats(graph, parameters, possible, tileBytes, budget, config.east);
    for (const [name, format] of Object.entries(formats)) parameters.get(name)!.format = format;
    this.state.formatsChosen = true;
    this.applyQuantizers();
  }

  private applyQuantizers(): void {
    for (const [name, quantizer] of Object.entries(this.job.quantizers ?? {})) {
      this.state.parameters.get(name)!.quantizer = quantizer;
    }
  }

  private async endEpoch(): Promise<void> {
    const { dataset } = this.job;
    const { step } = this.state;
    if (step <= this.floatSteps) {
      this.tellMeasured('float', 'validation', await this.inferAccuracy(dataset.validation));
    } else if (step - this.floatSteps > this.freezeStep) {
      await this.considerCandidate();
    } else {
      const value = await this.inferAccuracy(dataset.validation, this.quantizations());
      this.tellMeasured('fitted', 'validation', value);
    }
  }

  /** Makes the network as it stands fit the budget, and keeps it if it is the best on the validation set so far. */
  private async considerCandidate(): Promise<void> {
    const { dataset } = this.job;
    await this.recomputeStatistics();
    const bytes = this.fitBudget();
    const value = await this.inferAccuracy(dataset.validation, this.quantizations());
    this.tellMeasured('fitted', 'validation', value);
    // Of equals the later one, which was fine-tuned longer.
    if (!this.state.best || isAsGood(METRIC, value, this.state.best.info.value)) {
      this.state.best = {
        info: {
          step: this.state.step,
          value,
          encodedBytes: bytes,
          ranges: rangeList(this.state.ranges),
        },
        arrays: copyParameters(this.state.parameters),
      };
    }
  }

  /** Over shuffled batches: data sets may come sorted by class, and one class's statistics would be all wrong. */
  private async recomputeStatistics(): Promise<void> {
    const { batches } = this.job;
    const picked: Batch[] = [];
    for (let i = 0; i < Math.min(STATISTICS_BATCHES, batches.stepsPerEpoch); i++) {
      picked.push(await batches.at(i));
    }
    await this.network.recomputeStatistics(picked, this.quantizations());
  }

  /** Prunes on until the blocks really fit; fine-tuned values may compress a little worse than those searched on. */
  private fitBudget(): number {
    const { graph, tileBytes, config, blockBudget } = this.job;
    for (let attempt = 0; ; attempt++) {
      const layers = selectionLayers(
        graph,
        this.state.parameters,
        tileBytes,
        true,
        config.east.encoder,
      );
      const { total } = storedBytes(layers);
      if (blockBudget === undefined || config.east.method === 'dense' || total <= blockBudget)
        return total;
      // Removing a channel's largest weight changes its scale and so its bytes: aim lower each time round.
      const selection = select(
        layers,
        Math.floor(blockBudget * (1 - 0.002 * attempt)),
        config.east,
      );
      const tightened = weightedLayers(graph).map((layer, l) => {
        const { mask } = this.state.parameters.get(layer.name)!;
        return selection.masks[l]!.map((keep, i) => keep & mask[i]!);
      });
      applyMasks(graph, this.state.parameters, tightened);
    }
  }

  private async inferAccuracy(
    samples: Samples,
    quantization?: Readonly<Record<string, TensorQuantization>>,
  ): Promise<number> {
    let correct = 0;
    for (const batch of this.wholeSet(samples)) {
      correct += countCorrect(
        await this.network.infer(batch, quantization),
        batch.y,
        this.job.graph.classes,
      );
    }
    return correct / samples.count;
  }

  private wholeSet(samples: Samples): Generator<Batch> {
    const { batches, dataset } = this.job;
    return evaluationBatches(samples, dataset.normalization, batches.batchSize);
  }

  private async integerAccuracy(model: QuantizedModel): Promise<number> {
    const { dataset } = this.job;
    return (await evaluateInThreads(model, dataset.test, dataset.normalization)).accuracy;
  }

  /** A stage's result on the test set, which stays with the run. */
  private noteResult(stage: Stage, value: number): void {
    this.state.measured = withMeasurement(this.state.measured, {
      metric: METRIC.name,
      stage,
      value,
    });
    this.tellMeasured(stage, 'test', value);
  }

  private tellMeasured(stage: Stage, set: 'validation' | 'test', value: number): void {
    const epoch = Math.floor(this.state.step / this.job.batches.stepsPerEpoch);
    this.job.onProgress({
      type: 'evaluation',
      step: this.state.step,
      epoch,
      metric: METRIC.name,
      stage,
      set,
      value,
      examples: this.job.dataset[set].count,
    });
  }

  private checkpoint(): void {
    this.job.saveCheckpoint(takeSnapshot(this.state, this.computing));
    this.lastCheckpoint = Date.now();
  }

  private async finish(): Promise<TrainOutcome> {
    const { graph, dataset, tileBytes } = this.job;
    this.checkpoint();
    let ranges: Ranges = this.state.ranges;
    if (this.state.best) {
      restoreParameters(this.state.best.arrays, this.state.parameters);
      ranges = rangeMap(this.state.best.info.ranges);
    }
    const tensors = tensorQuantizations(graph, ranges, this.inputTensor);
    const model = deploy(graph, this.state.parameters, tensors, tileBytes);
    this.noteResult('fitted', await this.integerAccuracy(model));
    return {
      status: 'finished',
      step: this.state.step,
      model,
      formats: Object.fromEntries(
        [...this.state.parameters].map(([name, { format }]) => [name, format]),
      ),
      measured: this.state.measured,
      testExamples: dataset.test.count,
    };
  }
}

/** Images need no range; float data are quantised over the range of the normalised training set. */
function inputTensorOf({ normalization, train }: Dataset): TensorQuantization {
  if (normalization.kind === 'uint8') return inputQuantization(normalization);
  const { mean, std } = normalization;
  const channels = mean.length;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < train.data.length; i++) {
    const x = (train.data[i]! - mean[i % channels]!) / std[i % channels]!;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return inputQuantization(normalization, min, max);
}
