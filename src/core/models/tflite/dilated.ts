/**
 * Convolutions with dilation as TensorFlow spells them out where the batch of the network is open: SPACE_TO_BATCH_ND pads the
 * input and deals its cells out to a batch for each phase, a convolution slides over each, and BATCH_TO_SPACE_ND puts the
 * phases together again and crops. Element by element that is one convolution with dilation over the input, padded by what
 * the one pads less what the other crops; so the three become one operator before anything is read.
 */
import type { Pair, Sides } from '../../ops/shape';
import { UserError } from '../../util/errors';
import type { Operator, Tensor } from './file';
import { inputOf, outputOf, sameQuantization } from './reading';
import { affine, constantOf } from './tensors';

const CONVOLUTIONS: readonly string[] = ['CONV_2D', 'DEPTHWISE_CONV_2D'];
/** Put an axis of one cell in front or take it away again, since convolutions have two axes and sequences one. */
const ONLY_AXES: readonly string[] = ['EXPAND_DIMS', 'RESHAPE', 'SQUEEZE'];

/** SPACE_TO_BATCH_ND and what follows up to BATCH_TO_SPACE_ND, which is the end. */
interface Chain {
  readonly convolution: Operator;
  readonly operators: readonly Operator[];
  readonly end: Operator;
}

/**
 * @param outputs the network's
 * @throws UserError where SPACE_TO_BATCH_ND has another place than before a convolution
 */
export function withDilation(
  operators: readonly Operator[],
  outputs: readonly Tensor[],
): readonly Operator[] {
  const starts = operators.filter(({ name }) => name === 'SPACE_TO_BATCH_ND');
  if (starts.length === 0) return operators;
  const readers = readersOf(operators);
  const replaced = new Map<Operator, readonly Operator[]>();
  for (const start of starts) {
    const { convolution, operators: chain, end } = chainBehind(start, readers, outputs);
    chain.forEach((operator) => replaced.set(operator, []));
    replaced.set(end, [asOne(start, convolution, end)]);
  }
  return operators.flatMap((operator) => replaced.get(operator) ?? [operator]);
}

/** Those that read a tensor, each once. */
function readersOf(operators: readonly Operator[]): ReadonlyMap<Tensor, readonly Operator[]> {
  const readers = new Map<Tensor, Operator[]>();
  for (const operator of operators) {
    for (const tensor of new Set(operator.inputs)) {
      if (tensor === undefined) continue;
      const known = readers.get(tensor);
      if (known === undefined) readers.set(tensor, [operator]);
      else known.push(operator);
    }
  }
  return readers;
}

function chainBehind(
  start: Operator,
  readers: ReadonlyMap<Tensor, readonly Operator[]>,
  outputs: readonly Tensor[],
): Chain {
  const chain = [start];
  let convolution: Operator | undefined;
  for (let last = start; ;) {
    const tensor = outputOf(last);
    const [next, ...others] = readers.get(tensor) ?? [];
    if (next === undefined || others.length > 0 || outputs.includes(tensor)) break;
    if (next.name === 'BATCH_TO_SPACE_ND' && convolution !== undefined) {
      return { convolution, operators: chain, end: next };
    }
    if (CONVOLUTIONS.includes(next.name) && convolution === undefined) convolution = next;
    else if (!ONLY_AXES.includes(next.name)) break;
    chain.push(next);
    last = next;
  }
  throw new UserError(
    `${start.where} is supported only where one convolution follows, and then BATCH_TO_SPACE_ND: as TensorFlow spells ` +
      'a dilated convolution out. Give the layer its dilation_rate, or end the network before it.',
  );
}

/** The convolution that all of them are, with `dilated`. */
function asOne(start: Operator, convolution: Operator, end: Operator): Operator {
  const block = numbers(start, 1, 'its block');
  const pads = numbers(start, 2, 'its padding');
  const crops = numbers(end, 2, 'its crops');
  const same = numbers(end, 1, 'its block').every((cells, axis) => cells === block[axis]);
  const places = block.length >= 1 && block.length <= 2 && pads.length === 2 * block.length;
  if (!same || !places || crops.length !== pads.length || block.some((cells) => cells < 1)) {
    throw new UserError(`${end.where}: it does not put together what ${start.where} takes apart.`);
  }
  const { options, where } = convolution;
  const slides = options.int8(0) === 1 && options.int32(1) === 1 && options.int32(2) === 1;
  if (!slides) {
    throw new UserError(
      `${where}: between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND only a stride of 1 without padding is supported.`,
    );
  }
  for (const moved of [start, end]) {
    const [from, to] = [inputOf(moved), outputOf(moved)];
    if (from.type !== 'int8') continue;
    if (!sameQuantization(affine(from, moved.where), affine(to, moved.where))) {
      throw new UserError(`${moved.where}: its output has another scale than its input.`);
    }
  }
  const around = pads.map((cells, i) => cells - crops[i]!);
  if (around.some((cells) => cells < 0)) {
    throw new UserError(`${end.where}: it crops more than ${start.where} pads.`);
  }
  // Of a sequence the one axis is the width.
  const [top, bottom, left, right] = block.length === 1 ? [0, 0, ...around] : around;
  const [vertical, horizontal] = block.length === 1 ? [1, block[0]!] : block;
  const dilation: Pair = [vertical!, horizontal!];
  const padding: Sides = [top!, bottom!, left!, right!];
  const [, ...weights] = convolution.inputs;
  return {
    ...convolution,
    inputs: [inputOf(start), ...weights],
    outputs: [outputOf(end)],
    dilated: { dilation, padding },
  };
}

function numbers({ where, inputs }: Operator, index: number, what: string): readonly number[] {
  const constant = inputs[index] && constantOf(inputs[index], where);
  if (constant === undefined) throw new UserError(`${where}: ${what} must be a constant.`);
  return [...constant.values];
}
