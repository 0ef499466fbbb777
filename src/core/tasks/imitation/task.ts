/** Numbers as another network gives them: a target is what the network that was imported puts out. */
import type { Task } from '../task';

export const imitation: Task = {
  metric: { name: 'error against the original', unit: '%', better: 'lower', best: 0 },

  targetSize: (outputs) => outputs,
  targetProblem: (target) =>
    Array.from(target).every(Number.isFinite)
      ? undefined
      : 'the original network gives a number that is not finite',
  trainingProblem: () => undefined,
  groupOf: () => 0,

  answerSize: (outputs) => outputs,
  read(output, answer) {
    for (let i = 0; i < answer.length; i++) answer[i] = output[i]!;
  },
  /** Root of the error's power over the targets' power. */
  measure(answers, targets) {
    let error = 0;
    let power = 0;
    for (let i = 0; i < targets.length; i++) {
      error += (answers[i]! - targets[i]!) ** 2;
      power += targets[i]! ** 2;
    }
    return power === 0 ? Math.sign(error) : Math.sqrt(error / power);
  },
  /** What answering 0 has. */
  baseline: () => 1,
};
