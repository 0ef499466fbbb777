/**
 * What a float network does to its input first, where that is a factor and an offset for each channel: Rescaling and
 * Normalization layers, ToTensor and Normalize written into the graph, batch norm before the first layer. It is left to
 * `dataset.normalize`, so that the chip's input can be the bytes of a picture, and so that it is known what they are to be.
 */
import { BATCH_NORM_EPSILON, type BatchNorm } from '../graph/batch-norm';
import { INPUT } from '../graph/graph';
import { OPERAND } from '../ops/elementwise/graph';
import type { Layer } from '../ops/graph-ops';
import type { NormalizationHint } from './model';

interface FrontNode {
  readonly name: string;
  readonly where: string;
  readonly inputs: readonly string[];
  readonly layer?: Layer | undefined;
  readonly batchNorm?: BatchNorm;
  readonly constants?: Readonly<Record<string, Float32Array>> | undefined;
}

/** x · factor + offset, one of each for every channel. */
interface Affine {
  readonly factor: readonly number[];
  readonly offset: readonly number[];
}

/**
 * The nodes without those at the front that only scale and shift, whose names now stand for the input.
 *
 * @param said what examples went through before the file's network saw them, as far as the file says
 */
export function withoutFront<Node extends FrontNode>(
  nodes: readonly Node[],
  outputs: readonly string[],
  channels: number,
  said: NormalizationHint | undefined,
): {
  readonly nodes: readonly Node[];
  readonly front: ReadonlySet<string>;
  readonly normalization: NormalizationHint | undefined;
} {
  const front = new Set<string>();
  let normalization = said;
  for (let last = INPUT; ;) {
    const [reader, ...others] = nodes.filter(({ inputs }) => inputs.includes(last));
    if (reader === undefined || others.length > 0 || outputs.includes(reader.name)) break;
    const affine = affineOf(reader, channels);
    if (affine === undefined) break;
    normalization = behind(normalization, affine, reader.where);
    front.add(reader.name);
    last = reader.name;
  }
  return { nodes: nodes.filter(({ name }) => !front.has(name)), front, normalization };
}

/** undefined for what computes something else, or turns a channel round. */
function affineOf(
  { layer, batchNorm, constants }: FrontNode,
  channels: number,
): Affine | undefined {
  const all = (value: number): number[] => new Array<number>(channels).fill(value);
  if (batchNorm !== undefined) {
    const { gamma, beta, mean, variance } = batchNorm;
    const factor = [...gamma].map((g, c) => g / Math.sqrt(variance[c]! + BATCH_NORM_EPSILON));
    return sound({ factor, offset: factor.map((f, c) => beta[c]! - mean[c]! * f) });
  }
  if (layer?.kind !== 'add' && layer?.kind !== 'sub' && layer?.kind !== 'mul') return undefined;
  if (layer.activation !== 'none' || layer.reversed === true) return undefined;
  const values = constants?.[OPERAND];
  if (values === undefined || layer.constant === undefined || layer.constant === 'full') {
    return undefined;
  }
  const each = layer.constant === 'scalar' ? all(values[0]!) : [...values];
  if (layer.kind === 'mul') return sound({ factor: each, offset: all(0) });
  const sign = layer.kind === 'sub' ? -1 : 1;
  return sound({ factor: all(1), offset: each.map((value) => sign * value) });
}

function sound(affine: Affine): Affine | undefined {
  const { factor, offset } = affine;
  return factor.every((f) => f > 0 && f < Infinity) && offset.every(Number.isFinite)
    ? affine
    : undefined;
}

/** (x − mean) ÷ std, then the affine. */
function behind(
  said: NormalizationHint | undefined,
  { factor, offset }: Affine,
  where: string,
): NormalizationHint {
  const at = (values: readonly number[], c: number): number =>
    values[values.length === 1 ? 0 : c] ?? NaN;
  const { mean = [0], std = [1], from } = said ?? {};
  const of = `${where}, which is left out of the network`;
  return {
    mean: shortened(factor.map((f, c) => at(mean, c) - (offset[c]! * at(std, c)) / f + 0)),
    std: shortened(factor.map((f, c) => at(std, c) / f)),
    from: from === undefined ? of : `${from}, and ${of}`,
  };
}

/** One number where all are the same. */
export function shortened(values: readonly number[]): readonly number[] {
  return values.every((value) => value === values[0]) ? values.slice(0, 1) : values;
}
