/**
 * Entry of a training thread (bundled to dist/shard-worker.mjs): computes its part of every step with a WASM engine of
 * its own. An exception ends the thread, which the other side reports.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { trainedFormat, type NamedFormat } from '../../formats/fits';
import type { Update } from '../pass/channel-parts';
import { channelParts, prepareChannels, updateChannels } from '../pass/channel-parts';
import { openWasmEngine } from '../engines/wasm-engine';
import type { PassOptions, PassResult } from '../pass/pass';
import { beginningAt, runPass } from '../pass/pass';
import type { SharedInputs, SharedOutputs, SharedTraining } from './shard-memory';
import { batchView, copyLayers, joinTraining, layerViews, shardGradients } from './shard-memory';
import type { Training } from './team';

export interface ShardSetup {
  readonly inputs: SharedInputs;
  /** Of all shards. */
  readonly outputs: readonly SharedOutputs[];
  /** Which of them is this thread's; the first is that of the thread that asks. */
  readonly shard: number;
}

/** What training is about, once at first and whenever that changes. No answer. */
export interface TrainTask {
  readonly kind: 'train';
  readonly training: SharedTraining;
}

/** Writes the thread's part of the parameters, as a training pass takes them, to the inputs. Answers `done`. */
export interface PrepareTask {
  readonly kind: 'prepare';
  /** Of all layers, where weights are to be rounded to its grid; null leaves a layer to the thread that asks. */
  readonly formats: readonly NamedFormat[] | undefined;
}

/** Examples `first` … `first + count − 1` of the batch in shared memory. Answers with the result. */
export interface PassTask {
  readonly kind: 'pass';
  readonly first: number;
  readonly count: number;
  /** Numbers that go with one of them. */
  readonly targetSize: number;
  readonly options: PassOptions;
}

/** Updates the thread's part of the parameters by all shards' gradients. Answers `done`. */
export interface UpdateTask {
  readonly kind: 'update';
  /** Of each shard, in the batch. */
  readonly shares: readonly number[];
  readonly update: Update;
}

export type ShardTask = TrainTask | PrepareTask | PassTask | UpdateTask;

/** The first message says that the engine is ready. Arrays of a result are in shared memory. */
export type ShardAnswer = 'ready' | 'done' | Omit<PassResult, 'gradients' | 'logits'>;

void start(workerData);

async function start({ inputs, outputs, shard }: ShardSetup): Promise<void> {
  const engine = await openWasmEngine();
  const { graph } = inputs;
  const layers = layerViews(graph, inputs.layers, false);
  const folded = layerViews(graph, inputs.layers, true);
  const gradients = outputs.map((output) => layerViews(graph, output.gradients, false));
  const logits = new Float32Array(outputs[shard]!.logits);
  const channels = channelParts(graph, outputs.length)[shard]!;
  let joined: Training | undefined;

  const training = (): Training => {
    if (!joined) throw new Error('a step before there was anything to train');
    return joined;
  };
  const work = (task: Exclude<ShardTask, TrainTask>): ShardAnswer => {
    switch (task.kind) {
      case 'prepare': {
        const { formats } = task;
        const trained = training().layers;
        if (formats) {
          trained.forEach((l, i) => {
            const { id, step } = formats[i] ?? { id: 'int8' };
            l.parameters.format = trainedFormat(id, step);
          });
        }
        const own = channels.filter(({ layer }) => formats?.[layer] !== null);
        prepareChannels(trained, own, formats !== undefined, layers);
        return 'done';
      }
      case 'pass': {
        const { first, count, targetSize, options } = task;
        const parameters = options.kind === 'logits' ? folded : layers;
        const batch = batchView(inputs, first, count, targetSize);
        const result = runPass(engine, graph, parameters, batch, beginningAt(first, options));
        if (options.kind === 'gradients') copyLayers(result.gradients, gradients[shard]!);
        logits.set(result.logits);
        const { loss, statistics, ranges } = result;
        return { loss, statistics, ranges };
      }
      case 'update': {
        const { optimizer, layers: trained } = training();
        optimizer.beginStep(task.update.optimizerStep);
        const shards = shardGradients(gradients, task.shares);
        updateChannels(trained, channels, shards, optimizer, task.update);
        return 'done';
      }
    }
  };
  const answer = (message: ShardAnswer): void => parentPort?.postMessage(message);
  parentPort?.on('message', (task: ShardTask) => {
    if (task.kind === 'train') joined = joinTraining(graph, task.training);
    else answer(work(task));
  });
  answer('ready');
}
