/**
 * Tensors that a file stores without most of their zeros (schema.fbs, `SparsityParameters`): dimension by dimension either all
 * of its cells are there, or those whose numbers are listed, and the last ones may be cells of blocks.
 */
import { elements } from '../../ops/shape';
import { UserError } from '../../util/errors';
import type { FlatTable } from './flatbuffer';

/** One dimension of those that the values lie in, blocks' own dimensions behind the tensor's. */
type Dimension =
  | { readonly cells: number }
  /** Of its parent's cell p those of numbers `indices[segments[p]] … indices[segments[p + 1] − 1]`. */
  | { readonly segments: readonly number[]; readonly indices: readonly number[] };

/** Bytes of an element, of the types that weights have. */
const WIDTHS: ReadonlyMap<string, number> = new Map([
  ['float32', 4],
  ['float16', 2],
  ['int8', 1],
]);

/** Cells that one tensor may have, and that are gone through to find its values. */
const MOST_CELLS = 1 << 25;

/** A tensor as it lies in the file. */
interface Stored {
  readonly index: number;
  readonly shape: readonly number[];
  readonly type: string;
  readonly data: Uint8Array;
}

/** The tensor's bytes with the zeros in them. @throws UserError where the file is damaged */
export function denseBytes(
  table: FlatTable,
  { index, shape, type, data: stored }: Stored,
): Uint8Array {
  const damaged = (what: string): never => {
    throw new UserError(`Damaged file: tensor ${index} is stored sparsely, and ${what}.`);
  };
  const width = WIDTHS.get(type) ?? damaged(`${type} is no type of weights`);
  if (elements(shape) > MOST_CELLS) damaged(`it has more than ${MOST_CELLS} values`);
  const order = table.int32s(0);
  const blocked = table.int32s(1);
  const dimensions = table.tables(2).map(dimensionOf);
  if (dimensions.some((dimension) => 'cells' in dimension && dimension.cells < 1)) {
    damaged('a dimension has no cells');
  }
  const rank = shape.length;
  const all = new Set(order);
  if (
    order.length !== rank + blocked.length ||
    dimensions.length !== order.length ||
    all.size !== order.length ||
    order.some((at) => at < 0 || at >= order.length) ||
    blocked.some((axis) => axis < 0 || axis >= rank)
  ) {
    return damaged('its dimensions are not those of its shape');
  }
  const blockSizes = new Array<number>(rank).fill(1);
  order.forEach((axis, level) => {
    const dimension = dimensions[level]!;
    if (axis < rank) return;
    if (!('cells' in dimension)) damaged('a block lacks cells');
    else blockSizes[blocked[axis - rank]!] = dimension.cells;
  });
  const dense = new Uint8Array(elements(shape) * width);
  const place = new Array<number>(order.length).fill(0);
  let next = 0;
  const put = (): void => {
    let at = 0;
    for (let axis = 0; axis < rank; axis++) {
      const block = blocked.indexOf(axis);
      const cell = place[axis]! * blockSizes[axis]! + (block < 0 ? 0 : place[rank + block]!);
      if (!(cell >= 0 && cell < shape[axis]!)) damaged('a value lies outside of its shape');
      at = at * shape[axis]! + cell;
    }
    const from = next++ * width;
    if (from + width > stored.length) damaged('values are missing');
    dense.set(stored.subarray(from, from + width), at * width);
  };
  let visits = 0;
  const walk = (level: number, parent: number): void => {
    if (visits++ > 2 * MOST_CELLS) damaged('it has more cells than values');
    const dimension = dimensions[level];
    if (dimension === undefined) return put();
    const axis = order[level]!;
    if ('cells' in dimension) {
      for (let cell = 0; cell < dimension.cells; cell++) {
        place[axis] = cell;
        walk(level + 1, parent * dimension.cells + cell);
      }
      return;
    }
    const [begin, end] = [dimension.segments[parent], dimension.segments[parent + 1]];
    if (begin === undefined || end === undefined) return damaged('segments are missing');
    for (let i = begin; i < end; i++) {
      place[axis] = dimension.indices[i] ?? damaged('indices are missing');
      walk(level + 1, i);
    }
  };
  walk(0, 0);
  return dense;
}

/** Fields: format (0 dense, 1 listed), size of a dense one, type and table of segments, of indices. */
function dimensionOf(table: FlatTable): Dimension {
  if (table.int8(0) === 0) return { cells: table.int32(1) };
  return { segments: listOf(table, 2), indices: listOf(table, 4) };
}

/** A union of vectors of int32, uint16 or uint8, whose type stands in the field before it. */
function listOf(table: FlatTable, field: number): number[] {
  const values = table.table(field + 1);
  if (values === undefined) return [];
  const type = table.int8(field);
  if (type === 1) return values.int32s(0);
  if (type === 2) return values.uint16s(0);
  return [...values.bytes(0)];
}
