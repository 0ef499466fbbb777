/** Between the float phase and the one in which weights are quantised and pruned. */
import { valueAt } from '../../tasks/measurement';
import { sortChannels } from './channel-order';
import { quantizations, type LoopContext } from './context';
import { deploy } from './deploy';
import { chooseLayerFormats } from './formats';
import { measureInteger, measureNetwork, noteResult } from './measuring';
import type { ProgressTeller } from './progress-teller';
import { takeSnapshot } from './training-state';

const CALIBRATION_BATCHES = 10;

/**
 * The float network measured, calibration, its plain int8 version measured, formats. Does only what the state does not
 * have yet, and returns whether there was anything to do.
 */
export async function endFloatPhase(loop: LoopContext, tell: ProgressTeller): Promise<boolean> {
  const { setup, state, network, computing } = loop;
  const { batches, graph, config, tileWeights } = setup;
  if (valueAt(state.measured, 'float') === undefined) {
    noteResult(loop, tell, 'float', await measureNetwork(loop, 'test'));
  }
  if (state.ranges.size === 0) {
    for (let i = 0; i < CALIBRATION_BATCHES; i++) {
      await network.infer(await batches.at(i), undefined, state.ranges);
    }
  }
  if (valueAt(state.measured, 'quantized') !== undefined) return false;
  setup.keepFloatPhase?.(takeSnapshot(state, computing));
  const model = deploy(
    graph,
    state.parameters,
    quantizations(loop),
    tileWeights,
    loop.setup.constants,
  );
  const measured = measureInteger(loop, model);
  // Its threads work on that copy of the weights; the formats are chosen beside them.
  if (config.east.method !== 'dense') sortChannels(graph, state.parameters);
  chooseLayerFormats(loop);
  noteResult(loop, tell, 'quantized', (await measured).value);
  // A new optimiser for a new objective: momentum of the float phase points elsewhere.
  state.optimizer.state.clear();
  return true;
}
