/** States of the network whose masks are frozen: each is made to fit the budget, and the best one is kept. */
import type { Batch } from '../../dataset/dataset';
import { isAsGood } from '../../tasks/tasks';
import { quantizations, type LoopContext } from './context';
import { tightenMasks } from './masks';
import { measureNetwork } from './measuring';
import type { ProgressTeller } from './progress-teller';
import { copyParameters, rangeList } from './training-state';

const STATISTICS_BATCHES = 20;

/** Makes the network as it stands fit the budget, and keeps it if it is the best on the validation set so far. */
export async function considerCandidate(loop: LoopContext, tell: ProgressTeller): Promise<void> {
  const { state } = loop;
  await recomputeStatistics(loop);
  const storedBytes = tightenMasks(loop);
  const value = await measureNetwork(loop, 'validation', quantizations(loop));
  tell.measured('fitted', 'validation', value);
  // Of equals the later one, which was fine-tuned longer.
  if (state.best && !isAsGood(loop.choosing.metric, value, state.best.info.value)) return;
  state.best = {
    info: { step: state.step, value, storedBytes, ranges: rangeList(state.ranges) },
    arrays: copyParameters(state.parameters),
  };
}

/**
 * Batch norm's, of the network as it stands. Over shuffled batches: data sets may come sorted by class, and one class's
 * statistics would be all wrong.
 */
export async function recomputeStatistics(loop: LoopContext): Promise<void> {
  const { batches } = loop.setup;
  const picked: Batch[] = [];
  for (let i = 0; i < Math.min(STATISTICS_BATCHES, batches.stepsPerEpoch); i++) {
    picked.push(await batches.at(i));
  }
  await loop.network.recomputeStatistics(picked, quantizations(loop));
}
