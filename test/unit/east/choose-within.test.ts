import { describe, expect, it } from 'vitest';
import { withPlain } from '../../../src/core/codecs/choice';
import { chooseWithin, type TimedCandidate } from '../../../src/core/east/choose-within';
import { byteMasks } from '../../../src/core/east/select';
import { trainedFormat } from '../../../src/core/formats/fits';
import { buildGraph } from '../../../src/core/graph/build';
import { weightCount, weightedLayers } from '../../../src/core/graph/graph';
import { formatCandidate } from '../../../src/core/train/loop/pruning';
import { initialParameters } from '../../../src/core/train/pass/parameters';

const graph = buildGraph({
  input: [1, 1, 96],
  classes: 4,
  layers: [
    { type: 'dense', units: 64 },
    { type: 'dense', units: 48 },
    { type: 'dense', units: 4 },
  ],
});
const layers = weightedLayers(graph);
const dense = layers.reduce((sum, layer) => sum + weightCount(layer), 0);
const parameters = initialParameters(graph, 1);
const usual = [
  ...(['int8', 'int4', 'ternary'] as const).map((id) => ({ ...trainedFormat(id), codec: 'lz4' })),
  ...[0.3, 0.6, 1.2, 2.4].map((step) => ({ ...trainedFormat('int8', step), codec: 'entropy' })),
];
const offered = withPlain(Object.fromEntries(layers.map(({ name }) => [name, usual])));
/** An instruction a weight by LZ4, ten by the entropy coder. */
const COST: Readonly<Record<string, number>> = { raw: 0, lz4: 1, entropy: 10 };

function candidates(plain: boolean): TimedCandidate[][] {
  return layers.map((layer) =>
    (plain ? offered[layer.name]! : usual).map((format) => ({
      ...formatCandidate(layer, parameters, [weightCount(layer)], format),
      instructions: COST[format.codec!]! * weightCount(layer),
    })),
  );
}

function choose(limit: number, share = 0.2) {
  const budget = Math.floor(share * dense);
  const choice = chooseWithin(candidates, budget, byteMasks.east, limit);
  const all = candidates(true);
  const instructions = choice.picks.reduce((sum, pick, l) => sum + all[l]![pick]!.instructions, 0);
  expect(choice.storedBytes).toBeLessThanOrEqual(budget);
  return { ...choice, instructions };
}

describe('formats within a limit of instructions', () => {
  const free = choose(Infinity);

  it('are those of the bytes alone where these keep it', () => {
    expect(free.instructions).toBeGreaterThan(5 * dense);
    expect(choose(free.instructions)).toEqual(free);
  });

  it.each([5, 1, 0.7])('keep it at %f a weight, and lose the more the less it is', (each) => {
    const limited = choose(each * dense);
    expect(limited.instructions).toBeLessThanOrEqual(each * dense);
    // Both are chosen along one price, not from all combinations: a loose limit may happen on a slightly better one.
    expect(limited.distortion).toBeGreaterThan((each > 1 ? 0.95 : 1) * free.distortion);
    // Not by giving up all of it.
    if (each > 1) expect(limited.instructions).toBeGreaterThan(dense);
  });

  it('fit the bytes where both cannot be had', () => {
    const least = choose(0, 0.05);
    expect(least.instructions).toBeGreaterThan(0);
  });
});
