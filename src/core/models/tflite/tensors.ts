/**
 * What a tensor of a .tflite file is to a network of [height, width, channels]: its shape without the batch, its
 * quantisation, its values where it is a constant.
 */
import type { Shape } from '../../ops/shape';
import { elements } from '../../ops/shape';
import type { TensorQuantization } from '../../quant/model';
import { UserError } from '../../util/errors';
import type { Tensor } from './file';

/** A constant of a file, or what follows from constants. */
export interface Constant {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Throws UserError where that is no shape here. Leading ones are no dimensions; what has less than three gets some. */
export function shapeOf(tensor: Tensor, where: string): Shape {
  const shape = tensor.shape.slice(tensor.shape[0] === 1 ? 1 : 0);
  while (shape.length > 3 && shape[0] === 1) shape.shift();
  while (shape.length < 3) shape.unshift(1);
  const [height, width, channels, ...more] = shape;
  if (height === undefined || width === undefined || channels === undefined || more.length > 0) {
    throw new UserError(
      `${where}: shape [${tensor.shape.join(', ')}] has more than height, width and channels of one example.`,
    );
  }
  if (shape.some((size) => size < 1)) {
    throw new UserError(`${where}: shape [${tensor.shape.join(', ')}] is not supported.`);
  }
  return [height, width, channels];
}

/** Which of height, width and channels (0, 1, 2) an axis of the tensor is; negative ones count from behind. */
export function axisOf(tensor: Tensor, axis: number, where: string): 0 | 1 | 2 {
  const rank = tensor.shape.length;
  const fromEnd = axis < 0 ? -axis : rank - axis;
  const isBatch = tensor.shape[0] === 1 && fromEnd === rank;
  if (!isBatch) {
    if (fromEnd === 1) return 2;
    if (fromEnd === 2) return 1;
    if (fromEnd === 3) return 0;
  }
  throw new UserError(
    `${where}: axis ${axis} is not supported; only height, width and channels are.`,
  );
}

/** Of an int8 activation. */
export function affine(tensor: Tensor, where: string): TensorQuantization {
  const [scale] = tensor.scales;
  const [zeroPoint] = tensor.zeroPoints;
  if (tensor.type === 'int8' && tensor.scales.length === 1 && scale !== undefined) {
    if (zeroPoint !== undefined) return { scale, zeroPoint };
  }
  const found = tensor.type === 'int8' ? `int8 with ${tensor.scales.length} scales` : tensor.type;
  throw new UserError(
    `${where}: tensor ${tensor.index} is ${found} where the rest of the network is int8 with one scale a tensor. ` +
      'Convert the network with full integer quantisation to int8, its input and output included.',
  );
}

/** The values of a tensor that the file holds, dequantised where it has scales; undefined where it holds none. */
export function constantOf(tensor: Tensor, where: string): Constant | undefined {
  const { shape, data, type } = tensor;
  const count = elements(shape);
  if (data.length === 0 && count > 0) return undefined;
  const element = ELEMENTS.get(type);
  if (element === undefined) {
    throw new UserError(`${where}: constants of type ${type} are not supported.`);
  }
  if (data.length !== count * element.bytes) {
    throw new UserError(
      `Damaged file: tensor ${tensor.index} has ${data.length} bytes, its shape [${shape.join(', ')}] of ${type} asks for another number.`,
    );
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const values = Float64Array.from({ length: count }, (_, i) =>
    element.read(view, i * element.bytes),
  );
  return { shape, values: tensor.scales.length > 0 ? dequantized(tensor, values, where) : values };
}

function dequantized(tensor: Tensor, codes: Float64Array, where: string): Float64Array {
  const { scales, zeroPoints, shape, quantizedDimension } = tensor;
  const channels = scales.length === 1 ? 1 : (shape[quantizedDimension] ?? 0);
  if (scales.length !== channels || (zeroPoints.length > 0 && zeroPoints.length !== channels)) {
    throw new UserError(
      `${where}: tensor ${tensor.index} has ${scales.length} scales and ${zeroPoints.length} zero points.`,
    );
  }
  const step = elements(shape.slice(quantizedDimension + 1));
  return codes.map((code, i) => {
    const c = channels === 1 ? 0 : Math.floor(i / step) % channels;
    return (code - (zeroPoints[c] ?? 0)) * scales[c]!;
  });
}

interface Element {
  readonly bytes: number;
  read(view: DataView, at: number): number;
}

const ELEMENTS: ReadonlyMap<string, Element> = new Map(
  Object.entries<Element>({
    float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
    float16: { bytes: 2, read: (view, at) => halfFloat(view.getUint16(at, true)) },
    int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
    int64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
    int16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
    int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
    uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
    bool: { bytes: 1, read: (view, at) => view.getUint8(at) },
  }),
);

/** IEEE 754 binary16. */
export function halfFloat(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
