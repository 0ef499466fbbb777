/** What one number over the whole test set hides: a class, label or target that the network does not tell at all. */
import type { AlarmCounts } from '../tasks/details';
import { formatCount } from './format';
import { keepsWeights, UNCOMPRESSED, type Report } from './report';

/** With fewer examples it may be chance that none was told. */
const FEW = 5;
/** Of a target's variance: told hardly better than by its mean, and clearly better. */
const [HARDLY_TOLD, TOLD] = [0.05, 0.3];

/** A sentence, or nothing. Where nothing is told of anything, the metric says so. */
export function leftOut(report: Pick<Report, 'details' | 'method' | 'ratio'>): string[] {
  const { details } = report;
  switch (details?.kind) {
    case 'classification': {
      const { names, confusion } = details;
      const counts = confusion.map((row, i) => ({
        name: names[i] ?? String(i),
        there: row.reduce((sum, count) => sum + count, 0),
        right: row[i] ?? 0,
      }));
      return neverFound('class', 'classes', counts, report);
    }
    case 'multi-label':
      return neverFound('label', 'labels', details.labels, report);
    case 'regression': {
      const { targets } = details;
      const lost = targets.filter(({ r2 = 1 }) => r2 <= HARDLY_TOLD);
      if (lost.length === 0 || !targets.some(({ r2 = 0 }) => r2 >= TOLD)) return [];
      const why = keepsWeights(report)
        ? 'all outputs share one int8 scale, in which one of much smaller values may be lost: let the network answer in units of like size'
        : 'look whether the inputs tell it at all, or give it a network of its own';
      return [
        `${listed('target', 'targets', lost)} told hardly better than by the mean of all examples, while others are: ${why}`,
      ];
    }
    case 'binary':
      return alarms(details, `"${details.name}"`, `without "${details.name}"`);
    case 'anomaly':
      return alarms(details, 'anomalies', 'that are normal');
    default:
      return [];
  }
}

interface Found {
  readonly name: string;
  readonly there: number;
  readonly right: number;
}

function neverFound(
  one: string,
  many: string,
  all: readonly Found[],
  report: Pick<Report, 'method' | 'ratio'>,
): string[] {
  const lost = all.filter(({ there, right }) => there >= FEW && right === 0);
  if (lost.length === 0 || lost.length === all.length) return [];
  const examples = lost.reduce((sum, { there }) => sum + there, 0);
  const squeezed = report.method !== 'dense' && report.ratio > UNCOMPRESSED;
  const advice = keepsWeights(report)
    ? 'look at these examples, at the order of the labels and at dataset.normalize'
    : 'look at these examples and how many there are to train on' +
      (squeezed ? ', or leave the weights more bytes' : '');
  return [
    `${listed(one, many, lost)} found in none of ${formatCount(examples)} test examples, which the result over all of them does not show: ${advice}`,
  ];
}

/** At the threshold that the firmware has: one that never alarms, or always. */
function alarms(
  { positives, found, negatives, falseAlarms }: AlarmCounts,
  what: string,
  rest: string,
): string[] {
  if (positives >= FEW && found === 0) {
    return [
      `with the threshold of the firmware none of ${formatCount(positives)} test examples of ${what} is found: ` +
        'allow more false alarms (task.falseAlarms), or look at what they are to be told by',
    ];
  }
  if (negatives >= FEW && falseAlarms === negatives) {
    return [
      `with the threshold of the firmware each of ${formatCount(negatives)} test examples ${rest} raises an alarm: ` +
        'allow fewer false alarms (task.falseAlarms), and look whether the test set is of the kind of the training set',
    ];
  }
  return [];
}

function listed(one: string, many: string, some: readonly { readonly name: string }[]): string {
  const names = some.slice(0, 3).map(({ name }) => `"${name}"`);
  const more = some.length - names.length;
  const list = [...names, ...(more > 0 ? [`${more} more`] : [])];
  const last = list.pop() ?? '';
  const joined = list.length === 0 ? last : `${list.join(', ')} and ${last}`;
  return some.length === 1 ? `${one} ${joined} is` : `${many} ${joined} are`;
}
