/** The choice of formats, held against trying them all. */
import { afterEach, describe, expect, it } from 'vitest';
import { searchBudget } from '../../../src/core/east/budget-search';
import {
  chooseCandidates,
  type FormatCandidate,
  type FormatChoice,
} from '../../../src/core/east/choose-formats';
import { atPrice, distortion } from '../../../src/core/east/objective';
import { byteMasks } from '../../../src/core/east/select';
import { maskAll, type LayerMask } from '../../../src/core/east/selection';
import { minimumBytes } from '../../../src/core/east/stored-bytes';
import { buildGraph } from '../../../src/core/graph/build';
import { weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { trainedFormat } from '../../../src/core/formats/fits';
import { WEIGHT_FORMATS } from '../../../src/core/formats/formats';
import { initialParameters } from '../../../src/core/train/pass/parameters';
import { formatCandidate } from '../../../src/core/train/loop/pruning';
import { createRandom } from '../../../src/core/util/random';

// These tests never wait for anything; let the runner's messages through, or it gives up on a slow machine.
afterEach(() => new Promise((resolve) => setImmediate(resolve)));

/**
 * Like trained layers: weights of heavy tails, channels of different scales, one layer with many weights near zero. Each
 * in every format.
 */
function realLike(seed: number): FormatCandidate[][] {
  const graph = buildGraph({
    input: [8, 8, 5],
    classes: 4,
    layers: [
      { type: 'conv2d', filters: 9, kernel: 3 },
      { type: 'conv2d', filters: 12, kernel: 3, stride: 2 },
      { type: 'dense', units: 4 },
    ],
  });
  const parameters = initialParameters(graph, seed);
  const random = createRandom(seed);
  return weightedLayers(graph).map((layer, l) => {
    const { weights } = parameters.get(layer.name)!;
    const perChannel = weightCount(layer) / layer.outputShape[2];
    for (let i = 0; i < weights.length; i++) {
      const channel = 1 + 0.3 * (Math.floor(i / perChannel) % 5);
      const tail = Math.abs(random.normal()) ** (l === 1 ? 2 : 0.5);
      weights[i] = weights[i]! * channel * tail;
    }
    return WEIGHT_FORMATS.map((format) =>
      formatCandidate(layer, parameters, [weightCount(layer)], trainedFormat(format)),
    );
  });
}

/** These formats, pruned to the budget; undefined where they cannot be. */
function distortionOf(
  layers: readonly (readonly FormatCandidate[])[],
  picks: readonly number[],
  budget: number,
  mask: LayerMask,
): number | undefined {
  const picked = picks.map((pick, l) => layers[l]![pick]!);
  const chosen = picked.map(({ layer }) => layer);
  if (minimumBytes(chosen) > budget) return undefined;
  const { masks, storedBytes } = searchBudget(chosen, budget, maskAll(chosen, atPrice(mask)));
  expect(storedBytes).toBeLessThanOrEqual(budget);
  return distortion(chosen, masks) + picked.reduce((sum, { loss }) => sum + loss, 0);
}

function allPicks(layers: number, formats: number): number[][] {
  if (layers === 0) return [[]];
  return allPicks(layers - 1, formats).flatMap((picks) =>
    Array.from({ length: formats }, (_, pick) => [...picks, pick]),
  );
}

const methods: [string, LayerMask][] = [
  ['east', byteMasks.east],
  ['magnitude', byteMasks.magnitude],
  ['group', byteMasks.group(4)],
];

describe.each(methods)('formats chosen together with pruning, %s', (_, mask) => {
  it.each([0.9, 0.5, 0.3, 0.15, 0.07])(
    'are near the best there are, at %f of the bytes',
    (share) => {
      for (const seed of [1, 2]) {
        const layers = realLike(seed);
        const dense = layers.reduce((sum, [int8]) => sum + int8!.layer.symbols.length, 0);
        const budget = Math.floor(dense * share);
        const choice = chooseCandidates(layers, budget, mask);
        const { picks, storedBytes, lambda } = choice;
        expect(storedBytes).toBeLessThanOrEqual(budget);
        const chosen = distortionOf(layers, picks, budget, mask)!;
        // Choices are compared within a hundredth of the budget, and what that many bytes are worth may be lost by it.
        const slack = 0.02 * budget * lambda;
        expect(choice.distortion).toBeGreaterThanOrEqual(chosen * 0.98 - slack);
        expect(choice.distortion).toBeLessThanOrEqual(chosen * 1.02 + slack);
        let best = Infinity;
        for (const other of allPicks(layers.length, WEIGHT_FORMATS.length)) {
          const value = distortionOf(layers, other, budget, mask) ?? Infinity;
          best = Math.min(best, value);
          const uniform = other.every((pick) => pick === other[0]);
          if (uniform)
            expect(chosen, `seed ${seed}, ${other.join()}`).toBeLessThanOrEqual(value + slack);
        }
        expect(chosen, `seed ${seed}: ${picks.join()}`).toBeLessThanOrEqual(best * 1.05 + slack);
      }
    },
  );
});

describe('the choice of formats', () => {
  const layers = realLike(5);
  const dense = layers.reduce((sum, [int8]) => sum + int8!.layer.symbols.length, 0);
  const choose = (budget: number): FormatChoice =>
    chooseCandidates(layers, Math.floor(budget), byteMasks.east);

  it('is the same each time', () => {
    expect(choose(dense * 0.3)).toEqual(choose(dense * 0.3));
  });

  it('is the one of most levels where all fits unpruned', () => {
    expect(choose(dense)).toMatchObject({ picks: [0, 0, 0], storedBytes: dense, lambda: 0 });
  });

  it('loses at most what the best formats that fit unpruned lose', () => {
    for (const share of [0.8, 0.6, 0.45, 0.35, 0.27, 0.22, 0.17, 0.14]) {
      const budget = Math.floor(dense * share);
      let best = Infinity;
      for (const picks of allPicks(layers.length, WEIGHT_FORMATS.length)) {
        const picked = picks.map((pick, l) => layers[l]![pick]!);
        const bytes = picked.reduce((sum, { layer }) => sum + layer.symbols.length, 0);
        // Bytes are counted in small parts of the budget, rounded up.
        if (bytes > budget * 0.999) continue;
        best = Math.min(
          best,
          picked.reduce((sum, { loss }) => sum + loss, 0),
        );
      }
      expect(best).toBeLessThan(Infinity);
      expect(choose(budget).distortion).toBeLessThanOrEqual(best * 1.001);
    }
  });

  it('takes fewer bits as the budget falls, and loses more', () => {
    const choices = [1, 0.7, 0.5, 0.3, 0.2, 0.1].map((share) => choose(dense * share));
    const lost = choices.map((choice) => choice.distortion);
    expect(lost).toEqual([...lost].sort((a, b) => a - b));
    expect(choices.at(-1)!.picks.some((pick) => pick > 0)).toBe(true);
  });

  it('of a budget that nothing meets is the one of fewest bytes', () => {
    for (const budget of [-5, 0]) expect(choose(budget)).toEqual(choose(1));
    const { picks, storedBytes } = choose(1);
    expect(storedBytes).toBeGreaterThan(1);
    expect(picks.every((pick) => WEIGHT_FORMATS[pick] !== 'int8')).toBe(true);
  });

  it('leaves a layer of one candidate as it is', () => {
    const fixed = layers.map((candidates, l) => (l === 1 ? candidates.slice(0, 1) : candidates));
    const { picks } = chooseCandidates(fixed, Math.floor(dense * 0.25), byteMasks.east);
    expect(picks[1]).toBe(0);
    expect(picks[0]).toBeGreaterThan(0);
  });
});
