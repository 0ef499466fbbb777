import { afterEach, describe, expect, it } from 'vitest';
import { layerCoding } from '../../../src/core/codecs/coding';
import { distortion } from '../../../src/core/east/objective';
import { selectEast, selectGroup, selectMagnitude } from '../../../src/core/east/select';
import type { Selection, SelectionLayer, SelectionOptions } from '../../../src/core/east/selection';
import { maskedBytes, minimumBytes } from '../../../src/core/east/stored-bytes';
import { decodeBlock } from '../../../src/core/codecs/lz4/decode';
import { encodeBlock } from '../../../src/core/codecs/lz4/encode';
import { UserError } from '../../../src/core/util/errors';
import { gaussianLayers } from './layers';

// These tests never wait for anything; let the runner's messages through, or it gives up on a slow machine.
afterEach(() => new Promise((resolve) => setImmediate(resolve)));

type Select = (
  layers: readonly SelectionLayer[],
  budget: number,
  options?: SelectionOptions,
) => Selection;
const methods: [string, Select][] = [
  ['magnitude', selectMagnitude],
  [
    'group',
    (layers, budget, options = {}) => selectGroup(layers, budget, { ...options, group: 8 }),
  ],
  ['east', selectEast],
];
const greedy = (layers: readonly SelectionLayer[]): SelectionLayer[] =>
  layers.map((layer) => ({ ...layer, coding: layerCoding('int8', { encoder: 'greedy' }) }));

const layers = gaussianLayers([[432], [2_304, 2_304], [4_000, 1_216], [640]], 1);
const weights = layers.reduce((sum, { symbols }) => sum + symbols.length, 0);
const zeros = ({ masks }: Selection): number =>
  masks.reduce((sum, mask) => sum + mask.reduce((count, keep) => count + 1 - keep, 0), 0);

describe.each(methods)('%s', (_, select) => {
  it.each([
    [0.8, 'optimal'],
    [0.3, 'optimal'],
    [0.1, 'optimal'],
    [0.8, 'greedy'],
    [0.3, 'greedy'],
    [0.1, 'greedy'],
  ] as const)(
    'fits %f of the dense bytes, closely, on bytes really encoded by the %s encoder',
    (fraction, encoder) => {
      const budget = Math.floor(weights * fraction);
      const selection = select(encoder === 'greedy' ? greedy(layers) : layers, budget);
      expect(selection.storedBytes).toBeLessThanOrEqual(budget);
      expect(selection.storedBytes).toBeGreaterThan(budget * 0.98);

      let total = 0;
      layers.forEach(({ symbols, tileSymbols }, l) => {
        let bytes = 0;
        let start = 0;
        for (const length of tileSymbols) {
          const tile = Uint8Array.from(
            { length },
            (__, i) => symbols[start + i]! * selection.masks[l]![start + i]!,
          );
          const block = encodeBlock(tile, encoder);
          expect(Buffer.compare(decodeBlock(block, length), tile)).toBe(0);
          bytes += Math.min(block.length, length);
          start += length;
        }
        expect(selection.layerBytes[l]).toBe(bytes);
        total += bytes;
      });
      expect(selection.storedBytes).toBe(total);
    },
  );

  it('gives the same masks again, and meets the budget from any start', () => {
    const budget = Math.floor(weights * 0.3);
    const cold = select(layers, budget);
    expect(select(layers, budget)).toEqual(cold);
    for (const lambda of [cold.lambda * 1.2, cold.lambda * 1e4, cold.lambda / 1e4]) {
      const warm = select(layers, budget, { lambda });
      expect(warm.storedBytes).toBeLessThanOrEqual(budget);
      expect(warm.storedBytes).toBeGreaterThan(budget * 0.98);
      expect(distortion(layers, warm.masks)).toBeLessThan(distortion(layers, cold.masks) * 1.03);
    }
  });

  it('prunes nothing where the weights fit as they are', () => {
    for (const options of [{}, { lambda: 0.5 }]) {
      const selection = select(layers, 2 * weights, options);
      expect(zeros(selection)).toBe(0);
      expect(selection.storedBytes).toBeLessThanOrEqual(weights);
    }
  });

  it('reaches the smallest budget there is, and says which it is below that', () => {
    const least = minimumBytes(layers);
    expect(select(layers, least).storedBytes).toBe(least);
    expect(() => select(layers, least - 1)).toThrow(UserError);
    expect(() => select(layers, least - 1)).toThrow(new RegExp(`still take ${least};`));
  });

  it('copes with layers that are zero, tiny or without saliency', () => {
    const odd: SelectionLayer[] = [
      {
        name: 'zero',
        symbols: new Uint8Array(500),
        saliency: new Float32Array(500),
        tileSymbols: [500],
        coding: layerCoding('int8'),
      },
      {
        name: 'one',
        symbols: Uint8Array.of(3),
        saliency: Float32Array.of(1),
        tileSymbols: [1],
        coding: layerCoding('int8'),
      },
      {
        name: 'free',
        symbols: new Uint8Array(900).map((__, i) => i * 37),
        saliency: new Float32Array(900),
        tileSymbols: [900],
        coding: layerCoding('int8'),
      },
      ...gaussianLayers([[3_000]], 2),
    ];
    const selection = select(odd, 1_000);
    expect(selection.storedBytes).toBeLessThanOrEqual(1_000);
    expect(selection.storedBytes).toBe(maskedBytes(odd, selection.masks).total);
  });
});

describe('selectEast', () => {
  const large = gaussianLayers([[18_432], [9_216], [2_304]], 3);
  const n = large.reduce((sum, { symbols }) => sum + symbols.length, 0);

  it.each([0.5, 0.25, 0.1])(
    'loses less than magnitude and groups at %f of the bytes, with fewer zeros',
    (fraction) => {
      const budget = Math.floor(n * fraction);
      const east = selectEast(large, budget);
      const magnitude = selectMagnitude(large, budget);
      const loss = (selection: Selection): number => distortion(large, selection.masks);
      expect(loss(east)).toBeLessThan(loss(magnitude));
      expect(zeros(east)).toBeLessThan(zeros(magnitude));
      expect(loss(east)).toBeLessThan(loss(selectGroup(large, budget, { group: 4 })));
    },
  );

  it.each([0.5, 0.25, 0.1])('does so with the greedy encoder, too, at %f', (fraction) => {
    const budget = Math.floor(n * fraction);
    const stored = greedy(large);
    const loss = (selection: Selection): number => distortion(large, selection.masks);
    const east = selectEast(stored, budget);
    expect(loss(east)).toBeLessThan(0.98 * loss(selectMagnitude(stored, budget)));
    expect(loss(east)).toBeLessThan(0.98 * loss(selectGroup(stored, budget, { group: 4 })));
    expect(loss(east)).toBeLessThan(0.98 * loss(selectGroup(stored, budget, { group: 8 })));
    expect(zeros(east)).toBeLessThan(zeros(selectMagnitude(stored, budget)));
    expect(loss(east)).toBeGreaterThan(loss(selectEast(large, budget)));
  });
});

describe('plans of an earlier selection', () => {
  const large = gaussianLayers([Array<number>(12).fill(2048), [9_216], [2_304]], 3);
  const n = large.reduce((sum, { symbols }) => sum + symbols.length, 0);
  const loss = ({ masks }: Selection): number => distortion(large, masks);

  it('serve for budgets near by and far away, and lose hardly anything against a fresh start', () => {
    let last = selectEast(large, Math.floor(0.9 * n));
    for (const fraction of [0.85, 0.5, 0.25, 0.24]) {
      const budget = Math.floor(n * fraction);
      const warm = selectEast(large, budget, last);
      expect(warm.storedBytes).toBe(maskedBytes(large, warm.masks).total);
      expect(warm.storedBytes).toBeLessThanOrEqual(budget);
      expect(loss(warm)).toBeLessThan(1.01 * loss(selectEast(large, budget)));
      last = warm;
    }
  });

  it('are made anew where they are of another network', () => {
    const last = selectEast(large, Math.floor(n / 4));
    const other = large.slice(1);
    const budget = 3_000;
    expect(selectEast(other, budget, last)).toEqual(
      selectEast(other, budget, { lambda: last.lambda }),
    );
  });
});

describe('bad input', () => {
  it('names the layer whose numbers do not go together, or whose saliency is not a number', () => {
    const [layer] = gaussianLayers([[100]], 6);
    expect(() => selectEast([{ ...layer!, tileSymbols: [60, 50] }], 50)).toThrow(
      /layer0: 100 symbols.*tiles of 110/,
    );
    const saliency = layer!.saliency.slice();
    saliency[7] = NaN;
    expect(() => selectMagnitude([{ ...layer!, saliency }], 50)).toThrow(
      /layer0: the saliency of symbol 7 is NaN/,
    );
    expect(() => selectGroup([layer!], 50, { group: 0 })).toThrow(UserError);
  });
});
