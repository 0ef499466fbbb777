import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSelfTest } from '../../../src/core/firmware/selftest-vectors';
import { writeSources } from '../../../src/core/firmware/write-sources';
import { emitRandom, randomVectors } from './random-model';
import { randomGraph } from './random-graph';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'east-selftest-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it.each([1, 2, 3])('reads the examples that were compiled in (network %i)', (seed) => {
  const { files, model } = emitRandom(randomGraph(seed), { name: 'door', seed });
  writeSources(folder, files);
  expect(readSelfTest(folder, 'door')).toEqual(randomVectors(model, 2, seed + 1));
});

it("reads them with Windows' line ends, too", () => {
  writeSources(folder, emitRandom(randomGraph(1), { name: 'door' }).files);
  const before = readSelfTest(folder, 'door');
  const file = join(folder, 'door_selftest.c');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'));
  expect(readSelfTest(folder, 'door')).toEqual(before);
});

it('says what is wrong', () => {
  expect(() => readSelfTest(folder, 'door')).toThrow(/no generated sources of model 'door'/);
  writeSources(folder, emitRandom(randomGraph(1), { name: 'door' }).files);
  expect(() => readSelfTest(folder, 'gate')).toThrow(/no generated sources of model 'gate'/);
  const file = join(folder, 'door_selftest.c');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/-?\d+,/, ''));
  expect(() => readSelfTest(folder, 'door')).toThrow(/examples of the self-test are damaged/);
  writeFileSync(file, text.replaceAll('selftest_inputs', 'x'));
  expect(() => readSelfTest(folder, 'door')).toThrow(/carries no examples/);
});
