/** The examples besides the meter: their configs are sound, and their scripts make the same data from the same seed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseText } from '../../../src/core/config/parse-config';
import { checkConfig } from '../../../src/core/models/check-config';
import { TemporaryFolder } from '../dataset/files-for-tests';

const examples = path.join(import.meta.dirname, '../../../examples');
const folder = new TemporaryFolder();
afterAll(() => folder.remove());

/** Of the names and contents of all files. */
function hashOf(root: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(root, name);
    if (statSync(file).isFile()) hash.update(name).update(readFileSync(file));
  }
  return hash.digest('hex');
}

describe.each(['keyword', 'vibration', 'gesture'])('examples/%s', (name) => {
  it('has a config without a problem', () => {
    const file = path.join(examples, name, `${name}.east.json`);
    const parsed = parseText(readFileSync(file, 'utf8'), file, path.join(examples, name));
    expect(checkConfig(parsed).problems).toEqual([]);
    expect(parsed.config?.frontend).toBeDefined();
  });
});

it.each([
  ['vibration/measure.mjs', 'vibration'],
  ['gesture/record.mjs', 'gesture'],
])('%s makes the same data from the same seed, and other data from another', (script, name) => {
  const made = ['1', '1', '2'].map((seed, i) => {
    const out = path.join(folder.path, `${name}${i}`);
    const options = ['--out', out, '--train', '2', '--test', '2', '--seed', seed];
    execFileSync(process.execPath, [path.join(examples, script), ...options]);
    return hashOf(out);
  });
  expect(made[1]).toBe(made[0]);
  expect(made[2]).not.toBe(made[0]);
});

it('keyword/speak.mjs says what is missing where nothing can speak', () => {
  const script = path.join(examples, 'keyword/speak.mjs');
  const out = path.join(folder.path, 'keyword');
  const { status, stderr } = spawnSync(process.execPath, [script, '--out', out], {
    env: { PATH: '' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^espeak-ng, which speaks the words, is not installed\. Install it \(apt/);
});
