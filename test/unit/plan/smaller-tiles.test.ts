import { describe, expect, it } from 'vitest';
import { decodeTile, layerCoding } from '../../../src/core/codecs/coding';
import { encodeModel } from '../../../src/core/firmware/encode-model';
import type { EncodedModel } from '../../../src/core/firmware/encoded-model';
import type { MemoryPlan } from '../../../src/core/firmware/memory-plan';
import { firmwareTarget } from '../../../src/core/firmware/targets/targets';
import { buildGraph } from '../../../src/core/graph/build';
import { encodedPlan } from '../../../src/core/plan/encoded-plan';
import { planMemory } from '../../../src/core/plan/memory';
import { inSmallerTiles } from '../../../src/core/plan/smaller-tiles';
import { createRandom } from '../../../src/core/util/random';
import { randomModel } from '../firmware/random-model';

const graph = buildGraph({
  input: [1, 1, 256],
  classes: 8,
  layers: [
    { type: 'dense', name: 'wide', units: 160, activation: 'relu' },
    { type: 'dense', name: 'last', units: 8 },
  ],
});
const TARGET = firmwareTarget();
/** Room for the whole of the wide layer, which nothing needs. */
const plan = planMemory(graph, 65_536);

/** `share` of the wide layer's weights are not zero. */
function encoder(codec: string, share: number): (tiles: MemoryPlan) => EncodedModel {
  const base = randomModel(graph, 1);
  const random = createRandom(5);
  const weights = base.layers['wide']!.weights.map(() =>
    random.next() < share ? random.int(9) - 4 : 0,
  );
  const model = { ...base, layers: { ...base.layers, wide: { ...base.layers['wide']!, weights } } };
  const codings = { wide: layerCoding('int8', {}, codec), last: layerCoding('int8', {}, 'raw') };
  return (tiles) => encodeModel(model, tiles, codings);
}

const ramOf = (encoded: EncodedModel): number => encodedPlan(encoded, plan).ram.total;
const codesOf = (encoded: EncodedModel): number[] =>
  encoded.layers.flatMap(({ tiles }) =>
    tiles.flatMap((tile) => [...decodeTile(tile, tile.weights, 'int8')]),
  );

describe('smaller tiles', () => {
  it('take the place of large ones that a RAM budget has room for, for next to no bytes', () => {
    const encode = encoder('entropy', 0.4);
    const whole = encode(plan);
    const cut = inSmallerTiles(whole, plan, graph, undefined, TARGET, encode);
    expect(plan.tileWeights['wide']).toEqual([40_960]);
    expect(ramOf(whole)).toBeGreaterThan(40_960);
    expect(ramOf(cut)).toBeLessThan(10_000);
    expect(cut.blob.length).toBeLessThanOrEqual(1.01 * whole.blob.length);
    expect(codesOf(cut)).toEqual(codesOf(whole));
  });

  it('may cost a little more where that saves much RAM', () => {
    const encode = encoder('entropy', 0.03);
    const whole = encode(plan);
    const cut = inSmallerTiles(whole, plan, graph, undefined, TARGET, encode);
    const grown = cut.blob.length - whole.blob.length;
    expect(grown).toBeGreaterThan(0.005 * whole.blob.length);
    expect(grown).toBeLessThanOrEqual(0.02 * whole.blob.length);
    expect(ramOf(whole) - ramOf(cut)).toBeGreaterThan(32 * grown);
  });

  it('stay what they are where bytes are dearer than that, or none are left of the budget', () => {
    // Of so few weights each tile's ends are a good part.
    const dear = encoder('lz4', 0.002);
    const sparse = dear(plan);
    expect(dear(planMemory(graph)).blob.length).toBeGreaterThan(1.02 * sparse.blob.length);
    expect(inSmallerTiles(sparse, plan, graph, undefined, TARGET, dear)).toBe(sparse);

    const encode = encoder('entropy', 0.4);
    const whole = encode(plan);
    expect(encode(planMemory(graph)).blob.length).toBeGreaterThan(whole.blob.length);
    expect(inSmallerTiles(whole, plan, graph, whole.blob.length, TARGET, encode)).toBe(whole);
  });

  it('stay what they are where convolutions would gather their columns again and again', () => {
    const convolution = buildGraph({
      input: [24, 24, 32],
      classes: 2,
      layers: [
        { type: 'conv2d', name: 'wide', filters: 32, kernel: 3, stride: 8 },
        { type: 'globalAveragePool' },
        { type: 'dense', name: 'last', units: 2 },
      ],
    });
    const roomy = planMemory(convolution, 65_536);
    const model = randomModel(convolution, 1);
    const codings = { wide: layerCoding('int8', {}, 'entropy') };
    const encode = (tiles: MemoryPlan): EncodedModel => encodeModel(model, tiles, codings);
    const whole = encode(roomy);
    const cut = (target: typeof TARGET): EncodedModel =>
      inSmallerTiles(whole, roomy, convolution, undefined, target, encode);
    const { instructions } = TARGET;
    const free = { ...instructions.kernels };
    for (const kernel of Object.keys(free)) {
      free[kernel] = { ...free[kernel], gathered: 0, gatheredApart: 0 };
    }
    expect(cut({ ...TARGET, instructions: { ...instructions, kernels: free } })).not.toBe(whole);
    expect(cut(TARGET)).toBe(whole);
  });

  it('stay what they are where nothing is decoded', () => {
    const encode = encoder('raw', 1);
    const raw = encode(plan);
    expect(inSmallerTiles(raw, plan, graph, undefined, TARGET, encode)).toBe(raw);
  });
});
