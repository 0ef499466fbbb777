import { describe, expect, it } from 'vitest';
import type { CodecSetting } from '../../../src/core/codecs/choice';
import type { BudgetConfig } from '../../../src/core/config/config';
import { requireSecondOpinion } from '../../../src/core/firmware/second-opinion';
import { buildGraph } from '../../../src/core/graph/build';
import { forecast } from '../../../src/core/plan/forecast';
import { kernelsOf } from '../../../src/core/firmware/fixed-flash';
import { encodeUntrained } from '../../../src/core/run/encode-untrained';
import { randomModel } from '../firmware/random-model';
import { resolvedConfig } from './fixtures';

const graph = buildGraph({
  input: [1, 1, 128],
  classes: 8,
  layers: [
    { type: 'dense', name: 'wide', units: 128 },
    { type: 'dense', name: 'last', units: 8 },
  ],
});
/** Most codes are small, as an entropy coder has them. */
const random = randomModel(graph, 7, 0);
const model = {
  ...random,
  layers: Object.fromEntries(
    Object.entries(random.layers).map(([name, layer]) => [
      name,
      { ...layer, weights: layer.weights.map((code) => Math.round(code / 12)) },
    ]),
  ),
};
const loaded = { graph, entries: new Map<string, readonly number[]>() };

function encode(budget: BudgetConfig, codec: CodecSetting) {
  const usual = resolvedConfig('/w');
  const config = {
    ...usual,
    budget,
    east: { ...usual.east, codec },
    model: { file: '/w/a.tflite', use: 'as-is' as const },
  };
  const plan = forecast(config, loaded);
  const { possible, flash, memory } = plan;
  const code = { kernels: kernelsOf(graph, possible), size: flash.code };
  const found = encodeUntrained(config, { memory, model: loaded, code }, model);
  requireSecondOpinion(found.encoded);
  const used = found.encoded.layers.flatMap(({ tiles }) => tiles.map((tile) => tile.codec));
  return { bytes: found.encoded.blob.length, flash: found.flash, used: new Set(used) };
}

describe('weights that keep their codes, stored by whatever pays', () => {
  const lz4 = encode({}, 'lz4');
  const entropy = encode({}, 'entropy');

  it('are decoded by the fewest instructions where the budget has room', () => {
    expect(entropy.bytes).toBeLessThan(0.9 * lz4.bytes);
    for (const budget of [{}, { weights: { bytes: lz4.bytes } }]) {
      const auto = encode(budget, 'auto');
      expect([auto.bytes, auto.used]).toEqual([lz4.bytes, lz4.used]);
      expect(Object.keys(auto.flash.code.files)).not.toContain('east_entropy');
    }
  });

  it('are entropy-coded where LZ4 does not fit, and what is left of the flash is counted with that code', () => {
    const auto = encode({ weights: { bytes: lz4.bytes - 1 } }, 'auto');
    expect(auto.used).toContain('entropy');
    expect(auto.bytes).toBeLessThan(lz4.bytes);
    expect(Object.keys(auto.flash.code.files)).toContain('east_entropy');
    const flash = lz4.flash.fixed + lz4.bytes;
    expect(encode({ flash }, 'auto').used).toEqual(lz4.used);
    const tight = encode({ flash: flash - 1 }, 'auto');
    expect(tight.used).toContain('entropy');
    expect(tight.flash.fixed).toBeGreaterThan(lz4.flash.fixed);
  });

  it('go beyond a budget that nothing meets by as little as possible', () => {
    const budget = { weights: { bytes: 1000 } };
    expect(encode(budget, 'auto').bytes).toBe(encode(budget, 'entropy').bytes);
    // No byte goes into smaller tiles there.
    expect(encode(budget, 'auto').bytes).toBeLessThan(entropy.bytes);
  });
});
