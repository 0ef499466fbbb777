import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { isSoftware } from '../../../src/core/train/engines/webgpu-device';
import { checkSystem } from '../../../src/core/train/install/install-webgpu';
import { wasmFolder } from '../../../src/core/train/engines/wasm-folder';
import { UserError } from '../../../src/core/util/errors';
import { hasFused } from './rounding';

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
  expect((await openEngine('wasm')).build).toMatch(
    hasFused ? /^WASM SIMD\+FMA 4\.\d+\.\d+$/ : /^WASM SIMD 4\.\d+\.\d+$/,
  );
});

test('without an installation auto takes WASM, and native says how to get it', async () => {
  expect((await openEngine('auto')).name).toBe('wasm');
  await expect(openEngine('native')).rejects.toThrow(UserError);
  await expect(openEngine('native')).rejects.toThrow('east engine install native');
});

test('the GPU engine says how to get it, and where it does not exist', async () => {
  await expect(openEngine('webgpu')).rejects.toThrow(UserError);
  await expect(openEngine('webgpu')).rejects.toThrow('east engine install webgpu');
  expect(() => checkSystem('freebsd-x64')).toThrow('not for freebsd-x64; train with the engine');
  checkSystem('win32-x64');
});

test.each([
  [{ device: 'swiftshader-device' }, true],
  [{ description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, true],
  [{ description: 'Microsoft Basic Render Driver' }, true],
  [{ isFallbackAdapter: true }, true],
  [{ vendor: 'nvidia', architecture: 'ada', device: 'NVIDIA GeForce RTX 4060' }, false],
  [{ vendor: 'apple', device: 'Apple M3' }, false],
])('%j is a software adapter: %s', (info, software) => {
  const rest = { vendor: '', architecture: '', device: '', description: '' };
  expect(isSoftware({ ...rest, ...info })).toBe(software);
});
