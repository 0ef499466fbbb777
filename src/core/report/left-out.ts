/** What one number over the whole test set hides: a class, label or target that the network does not tell at all. */
import { formatCount } from './format';
import type { TaskDetails } from '../tasks/details';

/** With fewer examples it may be chance that none was told. */
const FEW = 5;
/** Of a target's variance: told hardly better than by its mean, and clearly better. */
const [HARDLY_TOLD, TOLD] = [0.05, 0.3];

/** A sentence, or nothing. Where nothing is told of anything, the metric says so. */
export function leftOut(details: TaskDetails | undefined): string[] {
  switch (details?.kind) {
    case 'classification': {
      const { names, confusion } = details;
      const counts = confusion.map((row, i) => ({
        name: names[i] ?? String(i),
        there: row.reduce((sum, count) => sum + count, 0),
        right: row[i] ?? 0,
      }));
      return neverFound('class', 'classes', counts);
    }
    case 'multi-label':
      return neverFound('label', 'labels', details.labels);
    case 'regression': {
      const { targets } = details;
      const r2 = ({ r2 = 1 }: (typeof targets)[number]): number => r2;
      const lost = targets.filter((target) => r2(target) <= HARDLY_TOLD);
      if (lost.length === 0 || !targets.some(({ r2 = 0 }) => r2 >= TOLD)) return [];
      return [
        `${listed('target', 'targets', lost)} told hardly better than by the mean of all examples, while others are: ` +
          'all outputs share one int8 scale, in which one of much smaller values may be lost; ' +
          'give it a network of its own, or look whether the inputs tell it at all',
      ];
    }
    default:
      return [];
  }
}

interface Found {
  readonly name: string;
  readonly there: number;
  readonly right: number;
}

function neverFound(one: string, many: string, all: readonly Found[]): string[] {
  const lost = all.filter(({ there, right }) => there >= FEW && right === 0);
  if (lost.length === 0 || lost.length === all.length) return [];
  const examples = lost.reduce((sum, { there }) => sum + there, 0);
  return [
    `${listed(one, many, lost)} never found, in none of ${formatCount(examples)} test examples, which what was measured over all of them hides: ` +
      'look at these examples and how many there are to train on, or leave the weights more bytes',
  ];
}

function listed(one: string, many: string, some: readonly { readonly name: string }[]): string {
  const names = some.slice(0, 3).map(({ name }) => `"${name}"`);
  const more = some.length - names.length;
  const list = [...names, ...(more > 0 ? [`${more} more`] : [])];
  const last = list.pop() ?? '';
  const joined = list.length === 0 ? last : `${list.join(', ')} and ${last}`;
  return some.length === 1 ? `${one} ${joined} is` : `${many} ${joined} are`;
}
