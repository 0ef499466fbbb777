/** Who computes training steps: this thread alone, or several that share each batch (shard-team.ts). */
import type { Batch } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import type { TrainedLayer, Update } from '../pass/channel-parts';
import { channelParts, emptyLayers, prepareChannels, updateChannels } from '../pass/channel-parts';
import type { Engine } from '../engines/engine';
import type { Optimizer } from '../pass/optimizer';
import type { GradientPass, LayerArrays, PassOptions, PassResult } from '../pass/pass';
import { computePass } from '../pass/pass';

/** What is trained by what. */
export interface Training {
  /** All weighted layers of the graph; updated in place. */
  readonly layers: readonly TrainedLayer[];
  readonly optimizer: Optimizer;
}

export type StepResult = Omit<PassResult, 'gradients'>;

export interface Team {
  /**
   * Parts a batch is split into. Each has its own batch norm statistics, so the number is part of what decides the
   * result; how many cores compute them is not.
   */
  readonly shards: number;
  /** One pass at a time. Rejects with the cause when a thread has ended. */
  run(layers: readonly LayerArrays[], batch: Batch, options: PassOptions): Promise<PassResult>;
  /** One step of training: a pass over the batch and an update by its gradients. Rejects as `run` does. */
  step(
    training: Training,
    batch: Batch,
    options: Omit<GradientPass, 'kind'>,
    update: Update,
  ): Promise<StepResult>;
  close(): Promise<void>;
}

/** One shard: the batch as it is, in this thread. */
export function soloTeam(engine: Engine, graph: Graph): Team {
  const prepared = emptyLayers(graph);
  const [all = []] = channelParts(graph, 1);
  return {
    shards: 1,
    run: (layers, batch, options) => computePass(engine, graph, layers, batch, options),
    step: async ({ layers, optimizer }, batch, options, update) => {
      prepareChannels(layers, all, options.quantization !== undefined, prepared);
      const pass: GradientPass = { kind: 'gradients', ...options };
      const { gradients, ...result } = await computePass(engine, graph, prepared, batch, pass);
      optimizer.beginStep(update.optimizerStep);
      updateChannels(layers, all, [{ share: 1, gradients }], optimizer, update);
      return result;
    },
    close: () => Promise.resolve(),
  };
}
