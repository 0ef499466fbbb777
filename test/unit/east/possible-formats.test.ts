import { describe, expect, it } from 'vitest';
import { WEIGHT_FORMATS } from '../../../src/core/formats/formats';
import { possibleFormats } from '../../../src/core/east/possible-formats';
import { loadModel } from '../../../src/core/models/models';

describe('the formats of a network', () => {
  const graph = loadModel({
    architecture: 'resnet9',
    width: 8,
    input: [32, 32, 3],
    classes: 10,
  }).graph;

  it('are int8 by default', () => {
    const formats = Object.values(possibleFormats(graph, { weights: 8 }, true)).flat();
    expect(new Set(formats)).toEqual(new Set(['int8']));
  });

  it.each([
    [4, 'int4'],
    [2, 'quaternary'],
    [1, 'binary'],
    ['ternary', 'ternary'],
  ] as const)('%s bits: %s but for small layers', (weights, format) => {
    const formats = Object.values(possibleFormats(graph, { weights }, true));
    expect(formats[0]).toEqual(['int8']);
    expect(formats.at(-1)).toEqual(['int8']);
    expect(new Set(formats.slice(1, -1).flat())).toEqual(new Set([format]));
    expect(formats.every((some) => some.length === 1)).toBe(true);
  });

  it('auto: any but for small layers, and int8 where no budget is to be met', () => {
    const open = possibleFormats(graph, { weights: 'auto' }, true);
    expect(Object.values(open)[0]).toEqual(['int8']);
    expect(Object.values(open)[1]).toEqual(WEIGHT_FORMATS);
    const unlimited = possibleFormats(graph, { weights: 'auto' }, false);
    expect(new Set(Object.values(unlimited).flat())).toEqual(new Set(['int8']));
  });
});
