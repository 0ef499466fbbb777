/**
 * The training loop: float epochs, then quantisation-aware epochs in which masks follow the falling byte budget until
 * they freeze, then fine-tuning. A pure function of (config, data, engine, snapshot): nothing outside the snapshot
 * influences a later step, which is what makes a resumed run end in the same bytes.
 */
import { considerCandidate, recomputeStatistics } from './candidates';
import { Checkpointing } from './checkpointing';
import { beginLoop, quantizations, type LoopContext } from './context';
import { finish, type FinishedTraining } from './finish';
import { endFloatPhase } from './float-end';
import { ProgressTeller } from './progress-teller';
import { measureNetwork } from './measuring';
import type { TrainingSetup } from './setup';
import { trainOneStep } from './step';

export type TrainOutcome = { readonly status: 'stopped'; readonly step: number } | FinishedTraining;

export async function train(setup: TrainingSetup): Promise<TrainOutcome> {
  const loop = beginLoop(setup);
  const { state, phases } = loop;
  const tell = new ProgressTeller(loop);
  const checkpoints = new Checkpointing(loop);
  for (;;) {
    if (state.step === phases.floatSteps && (await endFloatPhase(loop, tell))) checkpoints.save();
    if (state.step >= phases.totalSteps) break;
    if (setup.signal.aborted) {
      checkpoints.save();
      return { status: 'stopped', step: state.step };
    }
    await trainOneStep(loop, tell);
    if (state.step % phases.stepsPerEpoch === 0) await endEpoch(loop, tell);
    checkpoints.saveIfDue();
    // Lets signals, sockets and timers have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  checkpoints.save();
  return finish(loop, tell);
}

async function endEpoch(loop: LoopContext, tell: ProgressTeller): Promise<void> {
  const { state, phases } = loop;
  if (phases.frozenAfter(state.step)) {
    await considerCandidate(loop, tell);
    return;
  }
  const float = state.step <= phases.floatSteps;
  // Running statistics are those of many masks ago; training itself uses each batch's own.
  if (!float) await recomputeStatistics(loop);
  const quantization = float ? undefined : quantizations(loop);
  const value = await measureNetwork(loop, 'validation', quantization);
  tell.measured(float ? 'float' : 'fitted', 'validation', value);
}
