import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../../src/core/graph/build';
import { checkGraph } from '../../../src/core/graph/stored-graph';

describe('a kernel larger than its input', () => {
  const types = ['conv2d', 'depthwiseConv2d'] as const;

  it.each(types)('of a %s is cropped as a network is built', (type) => {
    const { layers } = buildGraph({
      input: [1, 9, 4],
      classes: 3,
      layers: [
        { type, kernel: 5, ...(type === 'conv2d' ? { filters: 4 } : {}) },
        { type: 'dense', units: 3 },
      ],
    });
    expect(layers[0]).toMatchObject({ kernel: [1, 5], outputShape: [1, 9, 4] });
  });

  it.each(types)('of a %s is read as it was stored before kernels were cropped', (type) => {
    const graph = buildGraph({
      input: [1, 9, 4],
      classes: 3,
      layers: [
        { type, kernel: [1, 5], ...(type === 'conv2d' ? { filters: 4 } : {}) },
        { type: 'dense', units: 3 },
      ],
    });
    const layers = graph.layers.map((layer, i) => (i === 0 ? { ...layer, kernel: [5, 5] } : layer));
    expect(checkGraph({ ...graph, layers })).toEqual({ value: { ...graph, layers } });
  });

  it.each(['maxPool2d', 'averagePool2d'] as const)(
    'of a %s stays: it has no weights to leave out',
    (type) => {
      const graph = buildGraph({
        input: [2, 3, 4],
        classes: 3,
        layers: [
          { type, pool: 5, padding: 'same' },
          { type: 'dense', units: 3 },
        ],
      });
      expect(graph.layers[0]).toMatchObject({ pool: [5, 5], outputShape: [1, 1, 4] });
      expect(checkGraph(graph)).toEqual({ value: graph });
    },
  );
});

describe('how sums of a layer are rounded', () => {
  const graph = buildGraph({
    input: [1, 9, 4],
    classes: 3,
    layers: [
      { type: 'conv2d', filters: 2, kernel: 3 },
      { type: 'dense', units: 3 },
    ],
  });
  const rounded = (rounding: string): object => ({
    ...graph,
    layers: graph.layers.map((layer, i) => (i === 1 ? { ...layer, rounding } : layer)),
  });

  it('is stored with it, and nothing else is believed', () => {
    expect(checkGraph(rounded('once'))).toEqual({ value: rounded('once') });
    expect(checkGraph(rounded('twice'))).toHaveProperty('problem');
    expect(checkGraph(graph)).toEqual({ value: graph });
  });
});
