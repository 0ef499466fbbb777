/** In a line what a data set is that was found, and why it cannot be used. */
import type { DatasetConfig } from '../../core/config/config';
import type { FoundDataset, LabelChoice } from '../../core/dataset/found-dataset';
import { elements, sameShape, type Shape } from '../../core/ops/shape';
import { formatCount, formatShape } from '../../core/report/format';
import type { Imported } from './answers';

/** Why a data set cannot be used, for a network in a file where it is to be for one. */
export function dataProblem(
  { problem, format, input }: FoundDataset,
  imported?: Imported,
): string | undefined {
  if (problem !== undefined || imported === undefined || input === undefined) return problem;
  const { inputShape } = imported.model.network.graph;
  return fitsInput(format, input, inputShape)
    ? undefined
    : `its examples are ${formatShape(input)}, but the network takes ${formatShape(inputShape)}`;
}

function fitsInput(format: DatasetConfig['format'], found: Shape, wanted: Shape): boolean {
  // Rows of a table make windows of whatever length is asked for.
  if (format === 'csv' || sameShape(found, wanted)) return true;
  // Grey pictures become coloured ones; none is scaled.
  if (format === 'images') return found[0] === wanted[0] && found[1] === wanted[1];
  return format === 'numpy' && elements(found) === elements(wanted);
}

/** `32×32×3 · 10 classes · 50,000 examples · no test set found`. */
export function describeData(found: FoundDataset, imported?: Imported): string {
  const problem = dataProblem(found, imported);
  if (problem !== undefined) return `$(warning) cannot be used as it is: ${problem}`;
  const { input, classes, examples, test, labelChoices } = found;
  return [
    ...(input === undefined ? [] : [formatShape(input)]),
    ...(classes === undefined ? [] : [`${classes} classes`]),
    ...(labelChoices === undefined ? [] : ['which column is the label is asked next']),
    ...(examples === undefined ? [] : [`${formatCount(examples)} training examples`]),
    ...(test === undefined ? ['no test set found'] : []),
  ].join(' · ');
}

/** `3 classes · input x, y, z`. */
export function describeLabel({ classes, columns, input }: LabelChoice): string {
  const [, , width = 0] = input ?? [];
  return [
    ...(classes === undefined ? [] : [`${classes} classes`]),
    columns === undefined
      ? `input: the other ${width === 1 ? 'column' : `${width} columns`}`
      : `input: ${columns.slice(0, 8).join(', ')}${columns.length > 8 ? `, … (${columns.length})` : ''}`,
  ].join(' · ');
}
