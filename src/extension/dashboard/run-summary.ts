/** One line of the comparison: what a run costs and how well it does. */
import { workOf } from '../../core/tasks/work';
import type { RunSummary } from '../../protocol/dashboard';
import { valueAt } from '../../core/tasks/measurement';
import type { RunInfo } from '../services';
import { methodOf, shownMetric, type ShownRun } from './state';
import { defined } from '../../core/util/defined';

export type ComparedRun = ShownRun & Pick<RunInfo, 'configFile' | 'startedAt'>;

export function summaryOf(run: ComparedRun, configLabel: string): RunSummary {
  const { report, lastPrune } = run;
  const method = methodOf(run);
  const { measured } = report ?? run;
  const value = valueAt(measured, 'fitted');
  const floatValue = valueAt(measured, 'float');
  const blobBytes = report?.flash.weights ?? lastPrune?.blobBytes;
  const sparsity = report?.sparsity ?? lastPrune?.sparsity;
  return {
    id: run.id,
    configFile: run.configFile,
    configLabel,
    activity: run.activity,
    work: workOf(run.config?.model),
    metric: shownMetric(measured),
    ...defined({ method, startedAt: run.startedAt, value, floatValue, blobBytes, sparsity }),
    ...(report === undefined
      ? {}
      : {
          flashBytes: report.flash.total,
          ramBytes: report.ram.total,
          ratio: report.ratio,
          withinBudget: report.withinBudget,
        }),
  };
}
