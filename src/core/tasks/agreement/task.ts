/**
 * One of several classes, where nobody has told which is right: a target is the class that the network which was
 * imported gives, so what is measured is how often the two say the same, and not how often they are right.
 */
import { classification } from '../classification/task';
import type { Task } from '../task';

export const agreement: Task = {
  ...classification,
  metric: { name: 'agreement with the original', unit: '%', better: 'higher', best: 1 },
  /** A network need not give every class that it knows. */
  trainingProblem: () => undefined,
};
