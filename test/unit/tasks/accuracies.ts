/** What a classifier's run has measured, for the tests of whoever shows it. */
import { STAGES, type Measurement, type Stage } from '../../../src/core/tasks/measurement';

export function accuracies(values: Readonly<Partial<Record<Stage, number>>>): Measurement[] {
  return STAGES.flatMap((stage) => {
    const value = values[stage];
    return value === undefined ? [] : [{ metric: 'accuracy', stage, value }];
  });
}
