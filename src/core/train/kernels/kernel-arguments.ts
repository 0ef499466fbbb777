/** Guards that turn tfjs's loosely typed kernel arguments into what a kernel computes with. */
import type {
  backend_util,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';

export type Padding = 'valid' | 'same' | number | backend_util.ExplicitPadding;
export type Shape4 = [number, number, number, number];

export function input(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`kernel input ${name} is missing`);
  return tensor;
}

export function shape4(value: unknown): Shape4 {
  if (Array.isArray(value)) {
    const [a, b, c, d]: unknown[] = value;
    if (isNumber(a) && isNumber(b) && isNumber(c) && isNumber(d) && value.length === 4) {
      return [a, b, c, d];
    }
  }
  throw new Error(`expected a shape of rank 4, got [${String(value)}]`);
}

/** A number or a pair of them, as tfjs writes strides, dilations and window sizes. */
export function pair(value: unknown, name: string): [number, number] {
  if (isNumber(value)) return [value, value];
  if (Array.isArray(value)) {
    const [a, b]: unknown[] = value;
    if (isNumber(a) && isNumber(b)) return [a, b];
  }
  throw new Error(`kernel attribute ${name} must be a number or a pair, got ${String(value)}`);
}

export function number(attributes: NamedAttrMap | undefined, name: string): number {
  const value = attributes?.[name];
  if (isNumber(value)) return value;
  throw new Error(`kernel attribute ${name} must be a number, got ${String(value)}`);
}

export function padding(value: unknown): Padding {
  if (value === 'valid' || value === 'same' || isNumber(value)) return value;
  if (Array.isArray(value) && value.length === 4) {
    const [n, h, w, c]: unknown[] = value;
    return [pair(n, 'pad'), pair(h, 'pad'), pair(w, 'pad'), pair(c, 'pad')];
  }
  throw new Error(`padding ${String(value)} is not supported`);
}

export function roundingMode(value: unknown): 'floor' | 'round' | 'ceil' | undefined {
  if (value === 'floor' || value === 'round' || value === 'ceil') return value;
  return undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
