import { describe, expect, it } from 'vitest';
import type { LayerConfig } from '../../../src/core/ops/graph-ops';
import { buildGraph } from '../../../src/core/graph/build';
import { movableChannels } from '../../../src/core/graph/channel-groups';

const groupsOf = (layers: LayerConfig[], classes = 3): string[] =>
  movableChannels(buildGraph({ input: [8, 8, 2], classes, layers })).map(
    ({ channels, writers, readers }) =>
      `${channels} ${[...writers].sort().join('+')} > ${[...readers].sort().join('+')}`,
  );

describe('movable channels', () => {
  it('are those between two weighted layers, through pooling, flatten and depthwise layers', () => {
    expect(
      groupsOf([
        { type: 'conv2d', name: 'a', filters: 4, kernel: 3 },
        { type: 'maxPool2d', pool: 2 },
        { type: 'depthwiseConv2d', name: 'b', kernel: 3 },
        { type: 'flatten' },
        { type: 'dense', name: 'c', units: 5 },
        { type: 'dense', name: 'd', units: 3 },
        { type: 'softmax' },
      ]),
    ).toEqual(['4 a+b > c', '5 c > d']);
  });

  it('are tied by sums, however the sum comes about', () => {
    expect(
      groupsOf([
        { type: 'conv2d', name: 'a', filters: 4, kernel: 3 },
        { type: 'conv2d', name: 'b', filters: 4, kernel: 3 },
        { type: 'conv2d', name: 'c', filters: 4, kernel: 1, inputs: ['a'] },
        { type: 'add', name: 'bc', inputs: ['b', 'c'] },
        { type: 'add', name: 'abc', inputs: ['bc', 'a'] },
        { type: 'globalAveragePool' },
        { type: 'dense', name: 'd', units: 3 },
      ]),
    ).toEqual(['4 a+b+c > b+c+d']);
  });

  it('are none where the order is the input’s, the output’s, or differs', () => {
    expect(
      groupsOf([
        { type: 'depthwiseConv2d', name: 'a', kernel: 3 },
        { type: 'conv2d', name: 'b', filters: 2, kernel: 1 },
        { type: 'add', inputs: ['a', 'b'] },
        { type: 'dense', name: 'c', units: 3 },
      ]),
    ).toEqual([]);
    // 64 channels of a flattened plane beside 64 units: place i is channel i mod 4 of one, unit i of the other.
    expect(
      groupsOf([
        { type: 'conv2d', name: 'a', filters: 4, kernel: 3, stride: 2 },
        { type: 'flatten', name: 'f' },
        { type: 'dense', name: 'b', units: 64 },
        { type: 'add', inputs: ['f', 'b'] },
        { type: 'dense', name: 'c', units: 3 },
      ]),
    ).toEqual([]);
  });
});
