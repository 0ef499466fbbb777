/** What a finished run does of its task, as pictures that the page can draw without knowing tasks. */
import type { DashboardState, Picture } from '../../protocol/dashboard';
import { detailLines } from '../../core/report/describe-details';
import { formatCount, formatPercent } from '../../core/report/format';
import { BEYOND } from '../../core/tasks/anomaly/task';
import type { AlarmCounts, TaskDetails } from '../../core/tasks/details';
import type { RocPoint } from '../../core/tasks/ranking';

export type TaskView = NonNullable<DashboardState['results']['task']>;

/** Nothing where the run is not finished or its report is of an earlier version. */
export function taskView(details: TaskDetails | undefined): TaskView | undefined {
  if (details === undefined) return undefined;
  const lines = detailLines(details).map(({ what, text }) => `${what} ${text}`);
  return { lines, pictures: picturesOf(details) };
}

function picturesOf(details: TaskDetails): Picture[] {
  switch (details.kind) {
    case 'classification':
      return [
        {
          kind: 'matrix',
          title: 'Confusion matrix',
          names: [...details.names],
          counts: details.confusion.map((row) => [...row]),
        },
      ];
    case 'multi-label':
      return [];
    case 'regression':
      return details.targets.map(({ name, points }) => ({
        kind: 'points',
        title: `${name}: predicted over true`,
        xLabel: 'true',
        yLabel: 'predicted',
        points: points.map(([x, y]) => [x, y]),
      }));
    case 'binary':
      return details.roc === undefined ? [] : [rocPicture(details.roc, details)];
    case 'anomaly': {
      const { most, normal, anomalous } = details.histogram;
      const groups = [
        { name: 'normal', counts: [...normal] },
        { name: 'anomalous', counts: [...anomalous] },
      ].filter(({ counts }) => counts.some((count) => count > 0));
      return [
        {
          kind: 'histogram',
          title: 'Reconstruction error',
          most,
          beyond: details.threshold > 0 && most >= BEYOND * details.threshold,
          threshold: details.threshold,
          groups,
        },
        ...(details.roc === undefined ? [] : [rocPicture(details.roc, details)]),
      ];
    }
  }
}

function rocPicture(
  roc: readonly RocPoint[],
  { positives, found, negatives, falseAlarms }: AlarmCounts,
): Picture {
  const at = [falseAlarms / Math.max(negatives, 1), found / Math.max(positives, 1)] as const;
  return {
    kind: 'curve',
    title: 'ROC curve',
    xLabel: 'false alarms',
    yLabel: 'found',
    points: roc.map((point) => [point.falseAlarms, point.found]),
    mark: [at[0], at[1]],
    markLabel:
      `at the threshold: ${formatPercent(at[1])} of ${formatCount(positives)} found, ` +
      `${formatPercent(at[0])} false alarms`,
  };
}
