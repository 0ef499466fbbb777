/** What a report says of its task beyond the one metric, in lines of words: for terminal and editor alike. */
import { f1Of, recalls, type AlarmCounts, type TaskDetails } from '../tasks/details';
import { formatCount, formatPercent } from './format';

/** So many classes or labels are told of, those that the network knows least. */
const MOST = 5;

/** A heading in lower case and what stands behind it. */
export interface DetailLine {
  readonly what: string;
  readonly text: string;
}

export function detailLines(details: TaskDetails | undefined): DetailLine[] {
  switch (details?.kind) {
    case undefined:
      return [];
    case 'classification':
      return classLines(details.names, recalls(details));
    case 'multi-label':
      return details.labels
        .map((label) => ({ label, f1: f1Of(label) }))
        .sort((a, b) => a.f1 - b.f1)
        .slice(0, MOST)
        .map(({ label: { name, there, told, right }, f1 }) => ({
          what: 'label',
          text: `${name}: F1 ${formatPercent(f1)}, found ${right} of ${there}, wrongly told ${told - right}`,
        }));
    case 'regression':
      return details.targets.map(({ name, meanAbsolute, rootMeanSquare, r2 }) => ({
        what: 'target',
        text:
          `${name}: mean absolute error ${short(meanAbsolute)}, root mean square ${short(rootMeanSquare)}` +
          (r2 === undefined ? '' : `, R² ${r2.toFixed(3)}`),
      }));
    case 'binary':
      return [{ what: 'threshold', text: alarmText(details, details.name) }];
    case 'anomaly':
      return [{ what: 'threshold', text: alarmText(details, 'anomalies') }];
  }
}

function classLines(
  names: readonly string[],
  found: readonly (number | undefined)[],
): DetailLine[] {
  const known = names.flatMap((name, i) => {
    const recall = found[i];
    return recall === undefined ? [] : [{ name, recall }];
  });
  if (known.length === 0) return [];
  const worst = [...known].sort((a, b) => a.recall - b.recall).slice(0, MOST);
  const mean = known.reduce((sum, { recall }) => sum + recall, 0) / known.length;
  const few = known.length > worst.length ? 'lowest ' : '';
  const parts = worst.map(({ name, recall }) => `"${name}" ${formatPercent(recall)}`);
  return [
    {
      what: 'recall',
      text: `${few}${parts.join(', ')}; mean over the classes ${formatPercent(mean)}`,
    },
  ];
}

function alarmText(
  { threshold, positives, found, negatives, falseAlarms }: AlarmCounts,
  what: string,
): string {
  const share = (part: number, whole: number): string =>
    `${formatCount(part)} of ${formatCount(whole)}${whole === 0 ? '' : ` (${formatPercent(part / whole)})`}`;
  const of = positives === 0 ? '' : `finds ${share(found, positives)} ${what}, `;
  return `${short(threshold)} ${of}false alarms ${share(falseAlarms, negatives)}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
