/** Configs in which everything is wrong, or of which there is far too much: bounded messages, and work that grows with the text. */
import type * as Jsonc from 'jsonc-parser';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseText } from '../../../src/core/config/parse-config';
import { ConfigError } from '../../../src/core/config/problem';
import { buildLayers } from '../../../src/core/graph/build';
import { npyHeader } from '../../../src/core/dataset/npy';
import { checkConfig } from '../../../src/core/models/check-config';
import { UserError } from '../../../src/core/util/errors';

const lookups = vi.hoisted(() => ({ count: 0 }));
vi.mock('jsonc-parser', async (original) => {
  const real = await original<typeof Jsonc>();
  return {
    ...real,
    findNodeAtLocation: (...args: Parameters<typeof real.findNodeAtLocation>) => {
      lookups.count++;
      return real.findNodeAtLocation(...args);
    },
  };
});

afterEach(() => vi.restoreAllMocks());

const BASE = {
  name: 'm',
  model: { architecture: 'mlp', width: 8, input: [4, 4, 1], classes: 4 },
  dataset: { format: 'idx', train: 'a.idx', test: 'b.idx' },
  budget: { flash: '64KiB' },
  firmware: { directory: 'fw' },
};

const withLayers = (layers: readonly object[]): string =>
  JSON.stringify({ ...BASE, model: { input: [4, 4, 1], classes: 4, layers } });

const withKeys = (keys: string): string => `${JSON.stringify(BASE).slice(0, -1)},${keys}}`;

const many = (count: number, each: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => each(i)).join();

describe('a config in which everything is wrong', () => {
  it.each([
    ['5,000 layers of a type that is none', withLayers(Array(5000).fill({ type: 'densee', x: 1 }))],
    [
      '5,000 layers with wrong keys',
      withLayers(Array(5000).fill({ type: 'dense', units: 'a', z: 1 })),
    ],
    ['9,000 unknown keys', withKeys(many(9000, (i) => `"k${i}":0`))],
    ['9,000 keys that stand twice', withKeys(many(9000, () => '"engine":"auto"'))],
    ['400,000 unknown keys', withKeys(many(400_000, (i) => `"${i.toString(36)}":0`))],
    ['400,000 entries in a list', withKeys(`"x":[${many(400_000, () => '0')}]`)],
    ['9,000 mistakes in JSON', withKeys(many(9000, () => '"a" 1'))],
    ['a key of a million letters', withKeys(`"${'k'.repeat(1_000_000)}":0`)],
    ['a value of a million letters', withKeys(`"engine":"${'k'.repeat(1_000_000)}"`)],
  ])('is told of in bounded messages: %s', (_what, text) => {
    lookups.count = 0;
    const { problems } = checkConfig(parseText(text, '/p/m.east.json', '/p'));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(210);
    expect(new ConfigError('/p/m.east.json', problems).message.length).toBeLessThan(64 * 1024);
    expect(lookups.count).toBeLessThan(1000);
  });

  it('says that there is more than it tells', () => {
    const text = withLayers(Array(5000).fill({ type: 'dense', units: 'a' }));
    const { problems } = parseText(text, '/p/m.east.json', '/p');
    expect(problems.length).toBeGreaterThan(100);
    expect(problems.some(({ message }) => message.startsWith('more is wrong'))).toBe(true);
  });
});

/** How many elements of arrays are looked through for one. */
function searched(action: () => void): number {
  let elements = 0;
  const names = ['indexOf', 'includes', 'find', 'findIndex', 'findLast', 'slice'] as const;
  for (const name of names) {
    const real: unknown = Array.prototype[name];
    if (typeof real !== 'function') throw new Error(name);
    vi.spyOn(Array.prototype, name).mockImplementation(function (
      this: unknown[],
      ...args: unknown[]
    ) {
      elements += this.length;
      return Reflect.apply(real, this, args);
    });
  }
  action();
  vi.restoreAllMocks();
  return elements;
}

describe('a network of very many layers', () => {
  const network = (count: number) => ({
    input: [1, 1, 4] as const,
    classes: 4,
    layers: Array.from({ length: count }, (_, i) => ({
      type: i % 2 === 0 ? ('dense' as const) : ('relu' as const),
      ...(i % 2 === 0 ? { units: 4 } : {}),
    })),
  });
  const layers = (count: number): void => {
    const list = network(count);
    // What the schema promises of it.
    expect(
      buildLayers(list as Parameters<typeof buildLayers>[0]).graph.layers.length,
    ).toBeGreaterThan(0);
  };

  it('is built in one way through its list', () => {
    const [small, large] = [searched(() => layers(1001)), searched(() => layers(4001))];
    expect(large).toBeLessThan(5 * small + 10_000);
    expect(large).toBeLessThan(100 * 4001);
  });
});

describe('an npy header', () => {
  const header = (shape: string): Uint8Array => {
    const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }\n`;
    const bytes = Buffer.alloc(12 + text.length);
    bytes.write('\x93NUMPY\x02\x00', 'latin1');
    bytes.writeUInt32LE(text.length, 8);
    bytes.write(text, 12, 'latin1');
    return bytes;
  };

  it.each([
    ['of 29,000 dimensions', many(29_000, () => '1')],
    ['of 65 dimensions', many(65, () => '2')],
    ['longer than any', many(60_000, () => '1')],
  ])('%s is refused in a few words', (_what, shape) => {
    const read = (): unknown => npyHeader(header(shape), 'x.npy');
    expect(read).toThrow(UserError);
    try {
      read();
    } catch (error) {
      expect(String(error).length).toBeLessThan(1000);
    }
  });

  it('of a billion of nothing is nothing', () => {
    expect(npyHeader(header('1000000000, 0, 8'), 'x.npy').total).toBeLessThan(100);
  });
});
