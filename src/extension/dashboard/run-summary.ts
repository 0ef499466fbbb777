/** One line of the comparison: what a run costs and how well it does. */
import type { RunSummary } from '../../protocol/dashboard';
import type { RunInfo } from '../services';
import { methodOf, type ShownRun } from './state';

export type ComparedRun = ShownRun & Pick<RunInfo, 'configFile' | 'startedAt'>;

export function summaryOf(run: ComparedRun, configLabel: string): RunSummary {
  const { report, lastPrune } = run;
  const method = methodOf(run);
  const accuracy = report?.accuracy.int8Sparse ?? run.accuracy.int8Sparse;
  const floatAccuracy = report?.accuracy.float ?? run.accuracy.float;
  const weightBytes = report?.flash.weights ?? lastPrune?.encodedBytes;
  const sparsity = report?.sparsity ?? lastPrune?.sparsity;
  return {
    id: run.id,
    configFile: run.configFile,
    configLabel,
    activity: run.activity,
    ...(method === undefined ? {} : { method }),
    ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
    ...(accuracy === undefined ? {} : { accuracy }),
    ...(floatAccuracy === undefined ? {} : { floatAccuracy }),
    ...(weightBytes === undefined ? {} : { weightBytes }),
    ...(sparsity === undefined ? {} : { sparsity }),
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
