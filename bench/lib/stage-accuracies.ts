/** What a report says of each stage, as benches keep it. */
import type { Report } from '../../src/core/report/report';
import { valueAt } from '../../src/core/tasks/measurement';

const STAGES = ['float', 'quantized', 'fitted'] as const;

export type StageAccuracies = Readonly<Record<(typeof STAGES)[number], number>>;

/** Throws Error where one was not measured. */
export function stageAccuracies({ measured }: Pick<Report, 'measured'>): StageAccuracies {
  const [float, quantized, fitted] = STAGES.map((stage) => {
    const value = valueAt(measured, stage);
    if (value === undefined) throw new Error(`nothing was measured of the ${stage} network`);
    return value;
  });
  return { float: float!, quantized: quantized!, fitted: fitted! };
}
