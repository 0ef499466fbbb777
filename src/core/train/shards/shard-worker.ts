/**
 * Entry of a training thread (bundled to dist/shard-worker.mjs): computes its part of every batch with a WASM engine of
 * its own. An exception ends the thread, which the other side reports.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openWasmEngine } from '../engines/wasm-engine';
import type { PassOptions, PassResult } from '../pass';
import { runPass } from '../pass';
import type { SharedInputs, SharedOutputs } from './shard-memory';
import { batchView, copyLayers, layerViews } from './shard-memory';

export interface ShardSetup {
  readonly inputs: SharedInputs;
  readonly outputs: SharedOutputs;
}

/** Examples `first` … `first + count − 1` of the batch in shared memory. */
export interface ShardTask {
  readonly first: number;
  readonly count: number;
  readonly options: PassOptions;
}

/** The first message says that the engine is ready; then one for each task, its arrays in shared memory. */
export type ShardAnswer = 'ready' | Omit<PassResult, 'gradients' | 'logits'>;

void start(workerData);

async function start({ inputs, outputs }: ShardSetup): Promise<void> {
  const engine = await openWasmEngine();
  const { graph } = inputs;
  const layers = layerViews(graph, inputs.layers, false);
  const folded = layerViews(graph, inputs.layers, true);
  const gradients = layerViews(graph, outputs.gradients, false);
  const logits = new Float32Array(outputs.logits);
  const answer = (message: ShardAnswer): void => parentPort?.postMessage(message);
  parentPort?.on('message', ({ first, count, options }: ShardTask) => {
    const parameters = options.kind === 'logits' ? folded : layers;
    const result = runPass(engine, graph, parameters, batchView(inputs, first, count), options);
    if (options.kind === 'gradients') copyLayers(result.gradients, gradients);
    logits.set(result.logits);
    const { loss, correct, statistics, ranges } = result;
    answer({ loss, correct, statistics, ranges });
  });
  answer('ready');
}
