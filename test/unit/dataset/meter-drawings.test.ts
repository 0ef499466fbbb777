import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readIdx } from '../../../src/core/dataset/idx';
import { TemporaryFolder } from './files-for-tests';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());
const script = fileURLToPath(new URL('../../../examples/meter/draw.mjs', import.meta.url));

function draw(out: string, ...options: string[]): string {
  const to = path.join(folder.path, out);
  const text = execFileSync(process.execPath, [
    ...[script, '--out', to, '--train', '60', '--test', '40', ...options],
  ]).toString();
  expect(text).toMatch(/^Drew 60 training and 40 test images of 24×16 pixels, seed \d+, in /);
  return to;
}
const unzipped = (file: string) => gunzipSync(readFileSync(file));
const hash = (file: string) => createHash('sha256').update(unzipped(file)).digest('hex');

describe('examples/meter/draw.mjs', () => {
  const out = draw('first');

  it('draws the same bytes for the same seed, on every machine', () => {
    expect(hash(path.join(out, 'train-images.idx.gz'))).toBe(
      'f736ef0665ed2f13598385fc1c3de9ab18cb4396ebd1a61ce62232b5d9c8bfcd',
    );
    expect(hash(path.join(out, 'test-images.idx.gz'))).toBe(
      '146a398bb8b9272b1b13e485db195482ae389f57fc40ac6c7659c4ad1144d9f1',
    );
  });

  it('draws others for another seed', () => {
    const other = draw('second', '--seed', '2');
    const file = 'train-images.idx.gz';
    expect(hash(path.join(other, file))).not.toBe(hash(path.join(out, file)));
  });

  it('writes IDX files with every digit equally often and no picture twice', async () => {
    const seen = new Set<string>();
    for (const [set, count] of [
      ['train', 60],
      ['test', 40],
    ] as const) {
      const images = await readIdx(path.join(out, `${set}-images.idx.gz`));
      const labels = await readIdx(path.join(out, `${set}-labels.idx.gz`));
      expect(images.dimensions).toEqual([count, 24, 16]);
      expect([...labels.data]).toEqual(Array.from({ length: count }, (_, i) => i % 10));
      for (let i = 0; i < count; i++) {
        const picture = Array.from(images.data, Number).slice(i * 384, (i + 1) * 384);
        seen.add(picture.join());
        expect(Math.max(...picture) - Math.min(...picture)).toBeGreaterThan(40);
      }
    }
    expect(seen.size).toBe(100);
  });

  it('refuses counts that are none', () => {
    expect(() =>
      execFileSync(process.execPath, [script, '--train', 'many'], { stdio: 'pipe' }),
    ).toThrow('--train must be a whole number above 0, not "many"');
  });
});
