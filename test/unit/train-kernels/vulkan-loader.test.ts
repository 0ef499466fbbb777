import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loaderIn } from '../../../src/core/train/engines/vulkan-loader';

const WITH = '\tlibvulkan.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libvulkan.so.1\n';
const WITHOUT = '\tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1\n';

it("believes the dynamic linker's list", () => {
  expect(loaderIn('linux', WITH, undefined)).toBe(true);
  expect(loaderIn('linux', WITHOUT, undefined)).toBe(false);
});

it('looks where the environment sends the linker, too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'east-vulkan-'));
  try {
    expect(loaderIn('linux', WITHOUT, `/nowhere:${folder}`)).toBe(false);
    writeFileSync(join(folder, 'libvulkan.so.1'), '');
    expect(loaderIn('linux', WITHOUT, `/nowhere:${folder}`)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('does not say no where it cannot be told', () => {
  expect(loaderIn('linux', undefined, undefined)).toBe(true);
  expect(loaderIn('darwin', WITHOUT, undefined)).toBe(true);
  expect(loaderIn('win32', WITHOUT, undefined)).toBe(true);
});
