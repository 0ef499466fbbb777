/** What the budget makes, or made, of a run's network: as its report says, else its latest masks, else its config. */
import { fittingOf as reportedFitting } from '../../core/report/describe-report';
import type { Fitting } from '../../core/tasks/measurement';
import type { RunInfo } from '../services';

export interface FittedRun extends Pick<RunInfo, 'report' | 'lastPrune'> {
  readonly config: { readonly east: { readonly method: string } } | undefined;
}

export function fittingOf(run: FittedRun | undefined): Fitting {
  if (run?.report !== undefined) return reportedFitting(run.report);
  return {
    method: run?.config?.east.method,
    formats: run?.lastPrune?.layers.map(({ format = 'int8' }) => format) ?? [],
  };
}
