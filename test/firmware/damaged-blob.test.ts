import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, describe } from 'vitest';
import type { LayerFormats } from '../../src/core/firmware/encoded-model';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { buildGraph } from '../../src/core/graph/build';
import { planMemory } from '../../src/core/plan/memory';
import { emitRandom } from '../unit/firmware/random-model';
import { blobReaderOf } from '../../src/core/firmware/blob-reader';
import { prefixed, runtimeSources } from '../../src/core/firmware/runtime-files';
import { nibbleTable } from '../fixtures/codecs/nibble/codec';
import { nibbleCodings, textOf, WITH_NIBBLE } from '../fixtures/codecs/nibble/set';
import { buildRuntime, type HostBuild } from './host-build';
import { haveTools } from './require-tools';

const graph = buildGraph({
  layers: [
    { type: 'conv2d', filters: 10, kernel: 3, padding: 'same', activation: 'relu' },
    { type: 'depthwiseConv2d', kernel: 3, padding: 'valid' },
    { type: 'dense', units: 5 },
  ],
  input: [5, 5, 3],
  classes: 5,
});

describe.runIf(haveTools(HOST_COMPILER))('damaged weights, under sanitizers', () => {
  it.each<[string, LayerFormats]>([
    ['int8', {}],
    ['packed', { conv1: 'int4', dw1: 'quaternary', dense1: 'ternary' }],
    ['packed without a zero', { dw1: 'quaternary', dense1: 'binary' }],
  ])('%s: give a status and never an access outside blob and arena', async (_, formats) => {
    // Little RAM, so that layers have several tiles; some of them shrink and some do not.
    const { files, encoded } = emitRandom(graph, { sparsity: 0.2, ram: 468, formats });
    const tiles = encoded.layers.flatMap((layer) => layer.tiles);
    const codecs = new Set(tiles.map((tile) => tile.codec));
    expect([...codecs].sort()).toEqual(['lz4', 'raw']);

    const build = await buildRuntime('unit');
    const counts = await damage(build, files);
    expectNoticed(counts, 16 + 4 * tiles.length);
    expect(counts['sealed']!.ok).toBeLessThan(20);
  });

  it('read in place, without a buffer that forged entries could be decoded into', async () => {
    const { files, encoded, plan } = emitRandom(graph, { sparsity: 0, ram: 468 });
    const tiles = encoded.layers.flatMap((layer) => layer.tiles);
    expect(new Set(tiles.map((tile) => tile.codec))).toEqual(new Set(['raw']));
    expect(plan.ram.total).toBeLessThan(planMemory(graph, 468).ram.total);
    expect(files.get('unit_model.c')).toContain('UNIT_NO_BUFFER');

    const counts = await damage(await buildRuntime('unit'), files);
    expect(counts['intact']).toEqual({ ok: 1, header: 0, weights: 0 });
    expect(counts['sealed']!.weights).toBeGreaterThan(0);
    // Nothing but bytes: what they are cannot be noticed without the CRC of all weights.
    expect(counts['payload']).toMatchObject({ header: 0, weights: 0 });
  });

  it('of version 2, with shared tables: give a status and never an access outside', async () => {
    const { files, encoded } = emitRandom(graph, {
      sparsity: 0.7,
      ram: 468,
      codecs: WITH_NIBBLE,
      textOf,
      // Two tables, and a layer by LZ4.
      codings(model) {
        const { conv1, dense1 } = nibbleCodings(model);
        const other = nibbleTable([model.layers['dense1']!.weights]).subarray(0, 9);
        return { conv1: conv1!, dense1: { ...dense1!, options: { table: other } } };
      },
    });
    const tiles = encoded.layers.flatMap((layer) => layer.tiles);
    const reader = blobReaderOf(encoded, WITH_NIBBLE);
    expect(reader).toMatchObject({ version: 2 });
    expect([...new Set(tiles.map((tile) => tile.codec))].sort()).toEqual(['lz4', 'nibble', 'raw']);
    expect(new Set(tiles.flatMap(({ table }) => table ?? [])).size).toBe(2);

    const own = ['east_read_nibble.c', 'east_read_nibble.h'];
    const build = await buildRuntime(
      'unit',
      new Map(own.map((file) => [prefixed(file, 'unit'), prefixed(textOf(file), 'unit')])),
      runtimeSources(graph, {}, reader).filter((file) => !own.includes(`${file}.c`)),
    );
    const counts = await damage(build, files);
    const first = tiles.reduce((sum, { stored }) => sum + stored.length, 0);
    expectNoticed(counts, encoded.blob.length - first);
  });
});

interface Counts {
  readonly ok: number;
  readonly header: number;
  readonly weights: number;
}

/** What each kind of damage led to. */
async function damage(
  build: HostBuild,
  files: ReadonlyMap<string, string>,
): Promise<Record<string, Counts>> {
  try {
    for (const file of ['unit_model.h', 'unit_model.c', 'unit_weights.c']) {
      writeFileSync(join(build.folder, file), files.get(file)!);
    }
    const harness = readFileSync(new URL('damaged_blob.c', import.meta.url), 'utf8');
    const unit = `#include "unit_weights.c"\n#include "unit_model.c"\n${harness}`;
    const program = await build.link('damaged', new Map([['unit_damaged.c', unit]]));
    const result = await build.run(program);
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    return Object.fromEntries(
      [...result.stdout.matchAll(/^(\w+) ok (\d+) header (\d+) weights (\d+)$/gm)].map(
        ([, what, ok, header, weights]) => [
          what,
          { ok: Number(ok), header: Number(header), weights: Number(weights) },
        ],
      ),
    );
  } finally {
    build.dispose();
  }
}

/** `front`: bytes in front of the tiles. */
function expectNoticed(counts: Record<string, Counts>, front: number): void {
  expect(counts['intact']).toEqual({ ok: 1, header: 0, weights: 0 });
  expect(counts['flipped']).toEqual({ ok: 0, header: 255 * front, weights: 0 });
  expect(counts['truncated']).toMatchObject({ ok: 0, weights: 0 });
  expect(counts['sealed']!.header).toBeGreaterThan(0);
  expect(counts['sealed']!.weights).toBeGreaterThan(0);
  // A changed literal or raw weight cannot be noticed without the CRC of all weights; a broken block must be.
  expect(counts['payload']!.header).toBe(0);
  expect(counts['payload']!.ok).toBeGreaterThan(0);
  expect(counts['payload']!.weights).toBeGreaterThan(0);
}
