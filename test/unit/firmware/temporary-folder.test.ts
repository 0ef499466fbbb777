import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'esbuild';
import { withTemporaryFolder } from '../../../src/core/firmware/temporary-folder';

let root: string;
let script: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'east-temporary-'));
  script = join(root, 'main.mjs');
  const source = resolve('src/core/firmware/temporary-folder.ts');
  await build({
    stdin: {
      contents: `import { withTemporaryFolder } from ${JSON.stringify(source)};
        import { writeFileSync } from 'node:fs';
        if (process.argv[2] === 'handled') process.on('SIGINT', () => process.exit(130));
        await withTemporaryFolder('east-', async (folder) => {
          writeFileSync(folder + '/file', 'x');
          if (process.argv[2] === 'exit') process.exit(3);
          console.log('ready');
          await new Promise((resolve) => setTimeout(resolve, 60000));
        });`,
      resolveDir: root,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: script,
  });
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Runs the script in a temporary folder of its own; what ended it, and what it left behind. */
async function leftBy(mode: string, signal?: NodeJS.Signals): Promise<unknown> {
  const own = mkdtempSync(join(root, 'tmp-'));
  const child = spawn(process.execPath, [script, mode], { env: { ...process.env, TMPDIR: own } });
  let seen = false;
  child.stdout.on('data', () => {
    seen = readdirSync(own).length === 1;
    if (signal !== undefined) child.kill(signal);
  });
  const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.on('close', (...ended) => {
      done(ended);
    });
  });
  return { ended: code ?? by, seen, left: readdirSync(own) };
}

describe('withTemporaryFolder', () => {
  it('removes the folder when the work is done or fails, and its listeners', async () => {
    const listeners = process.listenerCount('SIGINT');
    let made = '';
    expect(
      await withTemporaryFolder('east-x-', (folder) => {
        writeFileSync(join((made = folder), 'file'), 'x');
        return Promise.resolve(7);
      }),
    ).toBe(7);
    expect(existsSync(made)).toBe(false);
    await expect(
      withTemporaryFolder('east-x-', (folder) => {
        made = folder;
        return Promise.reject(new Error('broken'));
      }),
    ).rejects.toThrow('broken');
    expect(existsSync(made)).toBe(false);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });

  it.each([
    ['plain', 'SIGINT', 'SIGINT'],
    ['plain', 'SIGTERM', 'SIGTERM'],
    ['handled', 'SIGINT', 130],
  ] as const)('removes it when the process (%s) gets %s', async (mode, signal, ended) => {
    expect(await leftBy(mode, signal)).toEqual({ ended, seen: true, left: [] });
  });

  it('removes it when the process exits', async () => {
    expect(await leftBy('exit')).toEqual({ ended: 3, seen: false, left: [] });
  });
});
