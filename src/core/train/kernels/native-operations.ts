/** TensorFlow's own operations by name, through tfjs-node: what the kernels for it are made of (native-kernels.ts). */
import type { KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs-core';

/** A kernel for the backend of tfjs-node. */
export type Kernel = Omit<KernelConfig, 'backendName'>;

export type Attribute = readonly [
  name: string,
  kind: AttributeKind,
  value: string | number | boolean | readonly number[],
];
type AttributeKind = 'TYPE' | 'FLOAT' | 'INT' | 'BOOL' | 'STRING';

export const FLOATS: readonly Attribute[] = [['T', 'TYPE', 'float']];

/** Runs one of TensorFlow's operations by its name in TensorFlow. */
export type Operations = (
  name: string,
  attributes: readonly Attribute[],
  inputs: readonly TensorInfo[],
  outputs: number,
) => TensorInfo[];

/** What is used of tfjs-node's backend. */
interface NodeBackend {
  readonly binding: Readonly<Record<string, unknown>>;
  executeMultipleOutputs(
    name: string,
    attributes: readonly { name: string; type: unknown; value: unknown }[],
    inputs: readonly TensorInfo[],
    outputs: number,
  ): TensorInfo[];
}

export function operations(backend: unknown): Operations {
  if (!isNodeBackend(backend)) throw new Error('these kernels run on the backend of tfjs-node');
  return (name, attributes, inputs, outputs) =>
    backend.executeMultipleOutputs(
      name,
      attributes.map(([attribute, kind, value]) => ({
        name: attribute,
        type: backend.binding[`TF_ATTR_${kind}`],
        value: kind === 'TYPE' ? backend.binding[`TF_${String(value).toUpperCase()}`] : value,
      })),
      inputs,
      outputs,
    );
}

function isNodeBackend(backend: unknown): backend is NodeBackend {
  return (
    typeof backend === 'object' &&
    backend !== null &&
    'binding' in backend &&
    typeof backend.binding === 'object' &&
    'executeMultipleOutputs' in backend &&
    typeof backend.executeMultipleOutputs === 'function'
  );
}

export function one(outputs: readonly TensorInfo[]): TensorInfo {
  const output = outputs[0];
  if (!output) throw new Error('an operation without an output');
  return output;
}

export function tensors(outputs: TensorInfo | TensorInfo[]): Tensor[] {
  return (Array.isArray(outputs) ? outputs : [outputs]).map(tensor);
}

/** What runs in a kernel of tfjs-node are whole tensors, whatever the type says. */
export function tensor(info: TensorInfo): Tensor {
  if (isTensor(info)) return info;
  throw new Error('expected a tensor');
}

function isTensor(info: TensorInfo): info is Tensor {
  return 'dataSync' in info && 'rank' in info;
}
