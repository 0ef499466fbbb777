import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { findsGpu } from '../../../src/core/train/engines/gpu-probe';

const folder = mkdtempSync(join(tmpdir(), 'east-gpu-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A module in Dawn's place. */
function dawn(name: string, requestAdapter: string): string {
  const file = join(folder, `${name}.mjs`);
  const noise = "process.stderr.write('Warning: /home/runner/work/dawn/VulkanError.cpp:106');";
  writeFileSync(
    file,
    `${noise}\nexport const create = () => ({ requestAdapter: async () => { ${requestAdapter} } });\n`,
  );
  return pathToFileURL(file).href;
}

it('tells whether there is an adapter', () => {
  expect(findsGpu(dawn('one', 'return {}'))).toBe(true);
  expect(findsGpu(dawn('none', 'return null'))).toBe(false);
});

it('does not say no where it cannot be told', () => {
  expect(findsGpu(dawn('crashing', 'process.abort()'))).toBe(true);
  expect(findsGpu(pathToFileURL(join(folder, 'missing.mjs')).href)).toBe(true);
});

it('is silent about what Dawn writes of a machine without a driver', () => {
  // In a process of its own, since what native code writes goes past this one's streams.
  const code = `
    const { findsGpu } = await import(process.argv[1]);
    process.exitCode = findsGpu(process.argv[2]) ? 1 : 0;`;
  const probe = new URL('../../../src/core/train/engines/gpu-probe.ts', import.meta.url).href;
  const { status, stdout, stderr } = spawnSync(
    join(import.meta.dirname, '../../../node_modules/.bin/tsx'),
    ['--input-type=module', '--eval', code, probe, dawn('silent', 'return null')],
    { encoding: 'utf8' },
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
