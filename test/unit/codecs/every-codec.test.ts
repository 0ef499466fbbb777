/** What every codec must do, whatever it is: those of the product and a made-up one. */
import { afterEach, describe, expect, it } from 'vitest';
import { CODECS } from '../../../src/core/codecs/codecs';
import { layerCoding, zeroTileBytes } from '../../../src/core/codecs/coding';
import type { CodecOptions } from '../../../src/core/codecs/options';
import { UserError } from '../../../src/core/util/errors';
import { createRandom, type Random } from '../../../src/core/util/random';
import { WITH_NIBBLE } from '../../fixtures/codecs/nibble/set';
import { hostileTiles, symbolBlocks, tablesFor } from './symbol-blocks';

// These tests never wait for anything; let the runner's messages through, or it gives up on a slow machine.
afterEach(() => new Promise((resolve) => setImmediate(resolve)));

const blocks = symbolBlocks();

it('has a number and a name that no other has', () => {
  const all = Object.entries(WITH_NIBBLE.codecs);
  expect(all.map(([, { id }]) => id)).toEqual(all.map(([key]) => key));
  expect(new Set(all.map(([, { number }]) => number)).size).toBe(all.length);
  // What blobs and files of earlier versions have.
  expect(CODECS.raw.number).toBe(0);
  expect(CODECS.lz4.number).toBe(1);
});

describe.each(Object.entries(WITH_NIBBLE.codecs))('codec %s', (id, codec) => {
  const options: CodecOptions[] = [
    ...tablesFor(id).map((table) => (table === undefined ? {} : { table })),
    { encoder: 'greedy' },
  ];

  it.each(options)('gives back what it was given, in the size that it says: %o', (option) => {
    for (const { name, symbols } of blocks) {
      const before = symbols.slice();
      const stored = codec.encode(symbols, option);
      expect(symbols, name).toEqual(before);
      expect(stored.length, name).toBe(codec.size(symbols, option));
      const decoded = codec.decode(stored, symbols.length, option);
      expect(Buffer.compare(decoded, symbols), name).toBe(0);
      expect(Buffer.compare(codec.encode(symbols, option), stored), name).toBe(0);
    }
  });

  it.each(options)('answers damage with an error or as many symbols as asked for: %o', (option) => {
    const random = createRandom(5);
    let refused = 0;
    for (const { stored, count, table } of hostileTiles(codec, option, random, 1500)) {
      try {
        const symbols = codec.decode(stored, count, table === undefined ? {} : { table });
        expect(symbols.length).toBe(count);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  it.each(options)('knows what zeros take without encoding them: %o', (option) => {
    const coding = { ...layerCoding('int8'), codec, options: option };
    for (const count of [0, 1, 2, 12, 13, 14, 25, 26, 100, 279, 280, 281, 1000, 9999, 70_000]) {
      const really = codec.size(new Uint8Array(count), option);
      expect(zeroTileBytes(coding, count), `${count}`).toBe(Math.min(count, really));
    }
  });

  it.each(options)('has prices that follow what it really takes: %o', (option) => {
    const models = Object.entries(codec.prices.models(option, runsOfZeros(0.3, createRandom(7))));
    expect(models.map(([name]) => name)).toContain(codec.prices.defaultModel(option));
    expect(codec.prices.kept(option)).toBeGreaterThan(0);
    for (const [name, { zero, keep, level }] of models) {
      expect(keep.length, name).toBe(zero.length);
      expect(zero.length, name).toBeGreaterThan(1);
      expect(level?.length ?? 256, name).toBe(256);
    }
    // By the model that a search starts with: what runs of zeros and kept weights cost, against encoding them.
    const random = createRandom(6);
    const unpruned = runsOfZeros(0, random);
    const { zero, keep, level } = codec.prices.models(option, unpruned)[
      codec.prices.defaultModel(option)
    ]!;
    const last = zero.length - 1;
    const costs = [0.3, 0.6, 0.9].map((share) => {
      const symbols = runsOfZeros(share, random);
      let priced = 0;
      let zeros = 0;
      for (const symbol of symbols) {
        const state = Math.min(zeros, last);
        priced += symbol === 0 ? zero[state]! : keep[state]! + (level?.[symbol] ?? 0);
        zeros = symbol === 0 ? zeros + 1 : 0;
      }
      return { priced, real: codec.size(symbols, option) };
    });
    // Prices are for weighing one against another: what more zeros save, in parts of what was there.
    for (const { priced, real } of costs.slice(1)) {
      const saved = priced / costs[0]!.priced / (real / costs[0]!.real);
      expect(saved).toBeGreaterThan(0.6);
      expect(saved).toBeLessThan(1.6);
    }
  });
});

/** Weights with so many of them zero, in runs of up to 20. */
function runsOfZeros(share: number, random: Random): Uint8Array {
  const symbols = new Uint8Array(20_000);
  for (let start = 0; start < symbols.length;) {
    const end = Math.min(symbols.length, start + 1 + random.int(20));
    const kept = random.next() >= share;
    for (let i = start; kept && i < end; i++) symbols[i] = Math.round(random.normal() * 40) || 1;
    start = end;
  }
  return symbols;
}
