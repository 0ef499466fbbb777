/** Layers of sequences mean those of images one row high. */
import { describe, expect, it } from 'vitest';
import { parseText } from '../../../src/core/config/parse-config';
import { buildGraph } from '../../../src/core/graph/build';
import type { LayerConfig } from '../../../src/core/ops/graph-ops';
import type { Shape } from '../../../src/core/ops/shape';

const build = (layers: LayerConfig[], input: Shape = [1, 40, 6]) =>
  buildGraph({ layers: [...layers, { type: 'dense', name: 'end', units: 3 }], input, classes: 3 });

describe('layers of sequences', () => {
  it.each<[LayerConfig, LayerConfig]>([
    [
      { type: 'conv1d', filters: 8, kernel: 5, stride: 2 },
      { type: 'conv2d', filters: 8, kernel: [1, 5], stride: [1, 2] },
    ],
    [
      { type: 'conv1d', filters: 8, kernel: 3, dilation: 4, padding: 'causal' },
      { type: 'conv2d', filters: 8, kernel: [1, 3], dilation: [1, 4], padding: [0, 0, 8, 0] },
    ],
    [
      { type: 'conv1d', filters: 6, kernel: 3, padding: [2, 1], groups: 2 },
      { type: 'conv2d', filters: 6, kernel: [1, 3], padding: [0, 0, 2, 1], groups: 2 },
    ],
    [
      { type: 'depthwiseConv1d', kernel: 4, multiplier: 2 },
      { type: 'depthwiseConv2d', kernel: [1, 4], multiplier: 2 },
    ],
    [
      { type: 'conv1dTranspose', filters: 4, kernel: 4, stride: 2 },
      { type: 'conv2dTranspose', filters: 4, kernel: [1, 4], stride: [1, 2] },
    ],
    [
      { type: 'maxPool1d', pool: 3, stride: 2 },
      { type: 'maxPool2d', pool: [1, 3], stride: [1, 2] },
    ],
    [
      { type: 'averagePool1d', pool: 3, padding: 'same' },
      { type: 'averagePool2d', pool: [1, 3], padding: 'same' },
    ],
    [{ type: 'globalAveragePool1d' }, { type: 'globalAveragePool' }],
    [{ type: 'globalMaxPool1d' }, { type: 'globalMaxPool' }],
  ])('%o is %o', (sequence, image) => {
    const plain = (layers: LayerConfig[]) =>
      build(layers).layers.map((layer) => ({
        ...layer,
        ...('padding' in layer && { padding: '' }),
      }));
    expect(plain([sequence])).toEqual(plain([image]));
  });

  it('are numbered together with those of images', () => {
    const layers = build([
      { type: 'conv1d', filters: 4, kernel: 3 },
      { type: 'conv2d', filters: 4, kernel: [1, 3] },
      { type: 'conv1d', filters: 4, kernel: 3 },
    ]);
    expect(layers.layers.map(({ name }) => name)).toEqual(['conv1', 'conv2', 'conv3', 'end']);
  });

  it.each<[LayerConfig, Shape, string]>([
    [
      { type: 'conv1d', filters: 4, kernel: 3 },
      [8, 8, 3],
      'layer "conv1": "conv1d" reads a sequence, [time, channels], and its input is 8×8×3; "conv2d" reads images',
    ],
    [
      { type: 'globalAveragePool1d' },
      [8, 8, 3],
      '"globalAveragePool1d" reads a sequence, [time, channels], and its input is 8×8×3; "globalAveragePool" reads images',
    ],
    [
      { type: 'conv1d', filters: 4, kernel: [3, 3] },
      [1, 8, 3],
      '"kernel" of a conv1d is one number',
    ],
    [
      { type: 'conv2d', filters: 4, kernel: 3, padding: [1, 1] },
      [8, 8, 3],
      '"padding" needs four numbers: [top, bottom, left, right]',
    ],
    [
      { type: 'conv2d', filters: 4, kernel: 1, groups: 2 },
      [8, 8, 3],
      '2 "groups" do not divide its 3 input channels and 4 filters',
    ],
    [
      { type: 'conv2dTranspose', filters: 4, kernel: 2, stride: 2, padding: 'causal' },
      [8, 8, 3],
      '"causal" has no meaning where the output grows',
    ],
  ])('%o on %o is refused', (layer, input, message) => {
    expect(() => build([layer], input)).toThrow(message);
  });

  it('read an input of [time, channels]', () => {
    const config = (input: string): string =>
      `{ "model": { "layers": [{ "type": "dense", "units": 2 }], "input": ${input}, "classes": 2 } }`;
    const parse = (input: string) => parseText(config(input), '/w/a.east.json', '/w').model;
    expect(parse('[128, 6]')?.input).toEqual([1, 128, 6]);
    expect(parse('[128, 6]')).toEqual(parse('[1, 128, 6]'));
    expect(parse('[128, "6"]')).toBeUndefined();
  });
});
