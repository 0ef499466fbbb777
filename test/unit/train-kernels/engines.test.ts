import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { wasmFolder } from '../../../src/core/train/engines/wasm-folder';
import { UserError } from '../../../src/core/util/errors';

const native = await import(String('@tensorflow/tfjs-node')).then(
  () => true,
  () => false,
);

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

test('auto and native depend on whether tfjs-node is installed', async () => {
  if (native) {
    expect((await openEngine('auto')).name).toBe('native');
    expect((await openEngine('native')).name).toBe('native');
    return;
  }
  expect((await openEngine('auto')).name).toBe('wasm');
  await expect(openEngine('native')).rejects.toThrow(UserError);
  await expect(openEngine('native')).rejects.toThrow('npm install @tensorflow/tfjs-node');
});
