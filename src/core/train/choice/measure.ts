/** How fast an engine trains a network: what `auto` decides by, and what `east engine list --measure` shows. */
import { DEFAULT_TASK } from '../../tasks/tasks';
import type { Batch } from '../../dataset/dataset';
import type { Graph } from '../../graph/graph';
import { outputSize } from '../../graph/graph';
import { elements } from '../../ops/shape';
import { madeUpConstants } from '../../quant/constants';
import { createRandom } from '../../util/random';
import { Network } from '../shards/network';
import { createOptimizer } from '../pass/optimizer';
import { initialParameters } from '../pass/parameters';
import type { Team } from '../shards/team';
import { elapsedMs } from '../../util/clock';

/** Compiling programs and filling pools of memory takes more than the first step. */
const WARM_UP = 2;

/** Training steps on made-up examples for about `milliseconds`, after some that do not count. Images per second. */
export async function trainingSpeed(
  team: Team,
  graph: Graph,
  batchSize: number,
  milliseconds: number,
): Promise<number> {
  const random = createRandom(1);
  const network = new Network(team, graph, initialParameters(graph, 1), madeUpConstants(graph));
  const values = batchSize * elements(graph.inputShape);
  const batch: Batch = {
    examples: batchSize,
    x: Float32Array.from({ length: values }, () => random.normal()),
    y: Float32Array.from({ length: batchSize }, () => random.int(outputSize(graph))),
  };
  const optimizer = createOptimizer({ optimizer: 'adam', momentum: 0.9, weightDecay: 0 });
  const step = (n: number): Promise<unknown> =>
    network.step(batch, {
      optimizer,
      optimizerStep: n,
      rate: 1e-3,
      loss: { task: DEFAULT_TASK, labelSmoothing: 0 },
      freezePruned: false,
    });
  for (let n = 1; n <= WARM_UP; n++) await step(n);
  const start = elapsedMs();
  let steps = 0;
  while (steps === 0 || elapsedMs() - start < milliseconds) {
    steps++;
    await step(WARM_UP + steps);
  }
  return (steps * batchSize * 1000) / (elapsedMs() - start);
}
