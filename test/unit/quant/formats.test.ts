import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../../src/core/graph/build';
import { chooseFormats } from '../../../src/core/quant/formats';

describe('the formats of a network', () => {
  const graph = buildGraph({
    architecture: 'resnet9',
    width: 8,
    input: [32, 32, 3],
    classes: 10,
  });

  it('are int8 by default', () => {
    expect(new Set(Object.values(chooseFormats(graph, { weights: 8 })))).toEqual(new Set(['int8']));
  });

  it.each([
    [4, 'int4'],
    [2, 'int2'],
    ['ternary', 'ternary'],
  ] as const)('%s bits: %s but for small layers', (weights, format) => {
    const formats = Object.values(chooseFormats(graph, { weights }));
    expect(formats[0]).toBe('int8');
    expect(formats.at(-1)).toBe('int8');
    expect(new Set(formats.slice(1, -1))).toEqual(new Set([format]));
  });
});
