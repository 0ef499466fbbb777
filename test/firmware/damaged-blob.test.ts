import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, describe } from 'vitest';
import type { LayerFormats } from '../../src/core/firmware/encoded-model';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { buildGraph } from '../../src/core/graph/build';
import { emitRandom } from '../unit/firmware/random-model';
import { buildRuntime } from './host-build';
import { haveTools } from './require-tools';

describe.runIf(haveTools(HOST_COMPILER))('damaged weights, under sanitizers', () => {
  it.each<[string, LayerFormats]>([
    ['int8', {}],
    ['packed', { conv1: 'int4', dw1: 'quaternary', dense1: 'ternary' }],
    ['packed without a zero', { dw1: 'quaternary', dense1: 'binary' }],
  ])('%s: give a status and never an access outside blob and arena', async (_, formats) => {
    const graph = buildGraph({
      layers: [
        { type: 'conv2d', filters: 10, kernel: 3, padding: 'same', activation: 'relu' },
        { type: 'depthwiseConv2d', kernel: 3, padding: 'valid' },
        { type: 'dense', units: 5 },
      ],
      input: [5, 5, 3],
      classes: 5,
    });
    // Little RAM, so that layers have several tiles; some of them shrink and some do not.
    const { files, encoded } = emitRandom(graph, { sparsity: 0.2, ram: 436, formats });
    const tiles = encoded.layers.flatMap((layer) => layer.tiles);
    const codecs = new Set(tiles.map((tile) => tile.codec));
    expect([...codecs].sort()).toEqual(['lz4', 'raw']);

    const build = await buildRuntime('unit');
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
      const counts = Object.fromEntries(
        [...result.stdout.matchAll(/^(\w+) ok (\d+) header (\d+) weights (\d+)$/gm)].map(
          ([, what, ok, header, weights]) => [
            what,
            { ok: Number(ok), header: Number(header), weights: Number(weights) },
          ],
        ),
      );
      const overhead = 16 + 4 * tiles.length;
      expect(counts['intact']).toEqual({ ok: 1, header: 0, weights: 0 });
      expect(counts['flipped']).toEqual({ ok: 0, header: 255 * overhead, weights: 0 });
      expect(counts['truncated']).toMatchObject({ ok: 0, weights: 0 });
      expect(counts['sealed']!.ok).toBeLessThan(20);
      expect(counts['sealed']!.weights).toBeGreaterThan(0);
      // A changed literal or raw weight cannot be noticed without the CRC of all weights; a broken block must be.
      expect(counts['payload']!.header).toBe(0);
      expect(counts['payload']!.ok).toBeGreaterThan(0);
      expect(counts['payload']!.weights).toBeGreaterThan(0);
    } finally {
      build.dispose();
    }
  });
});
