/** The points of the dashboard's curves, from a run's events. */
import type { RunEvent } from '../../core/run/events';
import { metricOf } from '../../core/tasks/tasks';
import type { EvaluationPoint, PrunePoint, StepPoint } from '../../protocol/dashboard';

export interface Curves {
  readonly steps: StepPoint[];
  readonly prunes: PrunePoint[];
  readonly evaluations: EvaluationPoint[];
}

/** Events without a curve are left out. */
export function curvesOf(events: readonly RunEvent[]): Curves {
  const curves: Curves = { steps: [], prunes: [], evaluations: [] };
  for (const event of events) {
    if (event.type === 'step') {
      const { step, phase, epoch, loss } = event;
      curves.steps.push({ step, phase, epoch, loss, value: event.value });
    } else if (event.type === 'prune') {
      const { step, targetBytes, blobBytes } = event;
      curves.prunes.push({ step, targetBytes, blobBytes, sparsity: unit(event.sparsity) });
    } else if (event.type === 'evaluation') {
      const { step, stage, set, value } = event;
      const { name, unit: its, better } = metricOf(event.metric);
      const metric = { name, unit: its, better };
      curves.evaluations.push({ step, stage, set, metric, value });
    }
  }
  return curves;
}

/** Sums of floats may leave [0, 1] by a rounding error. */
function unit(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
