import { describe, expect, it } from 'vitest';
import { codecsSet, withCodecs } from '../../../src/core/codecs/choice';
import { chooseCandidates } from '../../../src/core/east/choose-formats';
import { byteMasks } from '../../../src/core/east/select';
import { trainedFormats } from '../../../src/core/formats/fits';
import { buildGraph } from '../../../src/core/graph/build';
import { weightedLayers } from '../../../src/core/graph/graph';
import { planMemory } from '../../../src/core/plan/memory';
import { planFlash } from '../../../src/core/plan/flash';
import { formatCandidate } from '../../../src/core/train/loop/pruning';
import { initialParameters } from '../../../src/core/train/pass/parameters';

/** Fewest bytes of tiles that training can come to with what the plan leaves it for a budget, and those that are left. */
function reached(
  [inputs, units, outputs]: readonly [number, number, number],
  ram: number,
  codec: 'auto' | 'lz4' | 'entropy',
  weights: 'auto' | 8 | 4,
  bytes: number,
): { stored: number; blockBudget: number; least: number } {
  const graph = buildGraph({
    input: [1, 1, inputs],
    classes: outputs,
    layers: [
      { type: 'dense', units, activation: 'relu' },
      { type: 'dense', units: outputs },
    ],
  });
  const { tileWeights } = planMemory(graph, ram);
  const { flash, possible, codecs } = planFlash(
    graph,
    tileWeights,
    {
      budget: { weights: { bytes } },
      east: { method: 'east', codec },
      quantization: { weights },
    },
    undefined,
  );
  const open = withCodecs(trainedFormats(possible), codecs, weights === 'auto');
  const parameters = initialParameters(graph, 1);
  const layers = weightedLayers(graph).map((layer) =>
    open[layer.name]!.map((format) =>
      formatCandidate(layer, parameters, tileWeights[layer.name]!, format),
    ),
  );
  const blockBudget = flash.blockBudget!;
  const { storedBytes } = chooseCandidates(layers, Math.max(0, blockBudget), byteMasks.east);
  expect(codecsSet(codec)).toEqual(expect.arrayContaining([...codecs]));
  return { stored: storedBytes, blockBudget, least: flash.leastBlob };
}

describe('the smallest possible bytes of the weights', () => {
  // Layers of one tile, and of several with a small last one.
  it.each([
    [[4, 9, 3], 100],
    [[16, 9, 3], 100],
    [[16, 17, 3], 100],
    [[16, 33, 3], 200],
    [[16, 67, 3], 200],
    [[40, 67, 11], 400],
    [[256, 64, 10], 4000],
  ] as const)('can be met, and a byte less cannot, with %j in %d bytes of RAM', (sizes, ram) => {
    for (const codec of ['auto', 'lz4', 'entropy'] as const) {
      for (const weights of ['auto', 8, 4] as const) {
        const { least } = reached(sizes, ram, codec, weights, 1_000_000);
        const at = reached(sizes, ram, codec, weights, least);
        expect([codec, weights, at.stored <= at.blockBudget]).toEqual([codec, weights, true]);
        const below = reached(sizes, ram, codec, weights, least - 1);
        expect([codec, weights, below.stored > below.blockBudget]).toEqual([codec, weights, true]);
        expect(at.least).toBe(least);
      }
    }
  });
});
