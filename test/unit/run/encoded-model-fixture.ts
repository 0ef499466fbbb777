/** A small encoded model, made by hand: a raw conv in one tile and a dense layer in two, one of them compressed. */
import { writeBlob } from '../../../src/core/firmware/blob';
import type { EncodedModel } from '../../../src/core/firmware/encoded-model';
import type { Graph } from '../../../src/core/graph/graph';

const graph: Graph = {
  inputShape: [4, 4, 1],
  layers: [
    {
      kind: 'conv2d',
      name: 'conv',
      inputs: ['input'],
      inputShape: [4, 4, 1],
      outputShape: [4, 4, 2],
      filters: 2,
      kernel: [3, 3],
      stride: [1, 1],
      padding: 'same',
      batchNorm: true,
      activation: 'relu',
    },
    {
      kind: 'dense',
      name: 'fc',
      inputs: ['conv'],
      inputShape: [4, 4, 2],
      outputShape: [1, 1, 4],
      units: 4,
      batchNorm: false,
      activation: 'none',
    },
  ],
};

export function encodedModel(): EncodedModel {
  const conv = Int8Array.from({ length: 18 }, (_, i) => i - 9);
  const fc = Int8Array.from({ length: 128 }, (_, i) => (i < 64 ? 0 : i % 4 === 0 ? 0 : i - 64));
  const perChannel = (n: number) => ({
    weightScales: new Float64Array(n).fill(0.01),
    bias: new Int32Array(n).fill(-5),
    multiplier: new Int32Array(n).fill(1 << 30),
    shift: new Int32Array(n).fill(-3),
  });
  const representation = { bits: 8, packing: 'int8', order: 'storage' } as const;
  const layers = [
    {
      name: 'conv',
      representation,
      tiles: [
        {
          firstChannel: 0,
          channels: 2,
          weights: 18,
          codec: 'raw',
          stored: new Uint8Array(conv.buffer),
        },
      ],
    },
    {
      name: 'fc',
      representation,
      tiles: [
        {
          firstChannel: 0,
          channels: 2,
          weights: 64,
          codec: 'lz4',
          // A zero, 58 more by a match, five literals.
          stored: new Uint8Array([0x1f, 0, 1, 0, 39, 0x50, 0, 0, 0, 0, 0]),
        },
        {
          firstChannel: 2,
          channels: 2,
          weights: 64,
          codec: 'raw',
          stored: new Uint8Array(fc.buffer.slice(64)),
        },
      ],
    },
  ];
  const blob = writeBlob(layers);
  return {
    model: {
      graph,
      tensors: {
        input: { scale: 1 / 64, zeroPoint: 0 },
        conv: { scale: 0.1, zeroPoint: -128 },
        fc: { scale: 0.2, zeroPoint: 3 },
      },
      layers: {
        conv: { weights: conv, ...perChannel(2) },
        fc: { weights: fc, ...perChannel(4) },
      },
    },
    layers,
    blob,
  };
}
