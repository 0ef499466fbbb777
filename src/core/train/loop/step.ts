/** One step of training, whatever its phase. */
import { outputSize } from '../../graph/graph';
import { readAnswers } from '../../tasks/answers';
import { quantizations, type LoopContext } from './context';
import { chooseMasks } from './masks';
import type { ProgressTeller } from './progress-teller';
import { pruningBudget } from './setup';
import { elapsedMs } from '../../util/clock';
import { mixSeed } from '../../util/random';

/** Keeps what is left out at random apart from what else is drawn with the seed. */
const DROPOUT = 0x64726f70;

/** Chooses masks where they are due, updates the parameters by a batch, and counts the step. */
export async function trainOneStep(loop: LoopContext, tell: ProgressTeller): Promise<void> {
  const { setup, state, network } = loop;
  const started = elapsedMs();
  const batch = await setup.batches.at(state.step);
  const plan = loop.phases.at(state.step);
  const { phase, phaseStep, rate } = plan;
  const budget = pruningBudget(setup);
  if (plan.masksDue && budget !== undefined) setup.onProgress(chooseMasks(loop, phaseStep, budget));
  const y = await loop.lossTargets(batch);
  const { loss, logits } = await network.step(
    { ...batch, y },
    {
      optimizer: state.optimizer,
      optimizerStep: phaseStep + 1,
      rate,
      loss: loop.loss,
      freezePruned: phase === 'finetune',
      ...(phase === 'float'
        ? { dropoutSeed: mixSeed(setup.config.training.seed, DROPOUT, state.step) }
        : { quantization: quantizations(loop) }),
      ...(plan.rangesDue ? { ranges: state.ranges } : {}),
    },
  );
  if (!Number.isFinite(loss)) {
    throw new Error(
      `the loss became ${loss} at step ${state.step + 1}; lower training.learningRate or training.pruneLearningRate`,
    );
  }
  state.step++;
  const seconds = (elapsedMs() - started) / 1000;
  const answers = readAnswers(loop.task, logits, outputSize(setup.graph), batch.x);
  const value = loop.choosing.measure(answers, batch.y);
  tell.step({ plan, loss, examples: batch.examples, value, seconds });
}
