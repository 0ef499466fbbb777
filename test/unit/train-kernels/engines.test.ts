import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { wasmFolder } from '../../../src/core/train/engines/wasm-folder';
import { UserError } from '../../../src/core/util/errors';

test('the WASM binaries are where the backend is told to look', () => {
  expect(existsSync(`${wasmFolder()}tfjs-backend-wasm-simd.wasm`)).toBe(true);
});

test('opening an engine twice, or another one between, works', async () => {
  for (const name of ['wasm', 'wasm', 'cpu', 'wasm'] as const) {
    const engine = await openEngine(name);
    expect(engine.name).toBe(name);
    expect(engine.tf.getBackend()).toBe(name);
    expect(Array.from(engine.tf.add([1, 2], [3, 4]).dataSync())).toEqual([4, 6]);
  }
});

test('the WASM engine says what it is', async () => {
  expect((await openEngine('wasm')).description).toMatch(/^WASM SIMD 4\.\d+\.\d+$/);
});

test('without an installation auto takes WASM, and native says how to get it', async () => {
  expect((await openEngine('auto')).name).toBe('wasm');
  await expect(openEngine('native')).rejects.toThrow(UserError);
  await expect(openEngine('native')).rejects.toThrow('east engine install native');
});
