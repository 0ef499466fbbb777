/**
 * The `east` command as the package that firmware CI installs: packed, installed where no other package is, and taken all the
 * way on a toy data set; then in what a fresh clone of the firmware project holds, where no run lies.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeToyWorkspace } from './toy-workspace';

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};
const prefix = mkdtempSync(join(tmpdir(), 'east-command-'));
const project = makeToyWorkspace('east-project-');
afterAll(() => {
  for (const folder of [prefix, project]) rmSync(folder, { recursive: true, force: true });
});

interface Result {
  readonly code: unknown;
  readonly text: string;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<Result> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const text: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => text.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => text.push(chunk.toString()));
  const [code]: unknown[] = await once(child, 'close');
  return { code, text: text.join('') };
}

const east = (...args: string[]): Promise<Result> => run(join(prefix, 'bin/east'), args, project);

beforeAll(async () => {
  const packed = await run(process.execPath, [join(root, 'scripts/package-command.mjs')], root);
  expect(packed).toMatchObject({ code: 0 });
  const file = join(root, `build/east-sparse-command-${version}.tgz`);
  expect(statSync(file).size).toBeLessThan(5e6);
  const install = [
    'install',
    '--global',
    '--offline',
    '--no-audit',
    '--no-fund',
    '--prefix',
    prefix,
  ];
  const installed = await run('npm', [...install, file], prefix);
  expect(installed).toMatchObject({ code: 0 });
});

it('brings no other package', async () => {
  const modules = join(prefix, 'lib/node_modules');
  expect(readdirSync(modules)).toEqual(['east-sparse-command']);
  expect(readdirSync(join(modules, 'east-sparse-command'))).not.toContain('node_modules');
  expect(await east('--version')).toEqual({ code: 0, text: `${version}\n` });
});

it('trains, writes, checks and verifies; in a fresh clone it checks and verifies with what is there', async () => {
  expect(await east('run', '--generate')).toMatchObject({ code: 0 });
  expect(await east('check')).toMatchObject({ code: 0 });
  rmSync(join(project, '.east'), { recursive: true });
  for (const name of readdirSync(project)) {
    if (/^(train|test)/.test(name)) rmSync(join(project, name), { recursive: true });
  }
  expect(await east('check')).toMatchObject({ code: 0 });
  const verified = await east('verify');
  expect(verified.text).toContain('verified with the examples of their self-test');
  expect(verified.text).toMatch(/✓ host: 4 inputs, every output byte as trained/);
  expect(verified.text).toMatch(/✓ Cortex-M4 \(QEMU\): 4 inputs, every output byte as trained/);
  expect(verified.code).toBe(0);

  const directory = join(project, 'firmware/east');
  const selfTest = readdirSync(directory).find((name) => name.endsWith('_selftest.c'));
  const file = join(directory, selfTest ?? 'missing');
  // A wrong expectation, as if the network computed something else than when the sources were written.
  const text = readFileSync(file, 'utf8');
  const at = text.indexOf('/* example 0 */', text.indexOf('_selftest_outputs'));
  const wrong = text.slice(at).replace(/-?\d+,/, (code) => `${code === '7,' ? 8 : 7},`);
  writeFileSync(file, text.slice(0, at) + wrong);
  expect(await east('check')).toMatchObject({ code: 1 });
  const differs = await east('verify');
  expect(differs.code).toBe(1);
  expect(differs.text).toMatch(/✗ host: /);
});
