/** What becomes of a run whose folder, or all of `.east`, is deleted while it trains. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { RunStore } from '../../src/core/run/run-store';
import { makeToyWorkspace } from './toy-workspace';

const program = resolve(import.meta.dirname, '../../dist/east.mjs');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** `east run`, to whose workspace something is done once it trains. */
async function runAnd(
  act: (folder: string) => void,
): Promise<{ code: unknown; err: string; folder: string }> {
  // It would go on for hours.
  const folder = makeToyWorkspace('east-deleted-', { epochs: 10_000, shards: 1 });
  folders.push(folder);
  const child = spawn(process.execPath, [program, 'run'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  let acted = false;
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
    if (acted || !err.includes('epoch 1, validation')) return;
    acted = true;
    act(folder);
  });
  const [code]: unknown[] = await once(child, 'close');
  // Where colours are forced, as in CI, they are.
  return { code, err: stripVTControlCharacters(err), folder };
}

const runs = (folder: string): string => join(folder, '.east/runs');

it('fails with what happened when its folder is deleted, and writes none anew', async () => {
  const { code, err, folder } = await runAnd((at) => {
    // In one go, as when it is moved to the trash.
    renameSync(new RunStore(at).list()[0]!.path, join(at, 'trash'));
  });
  expect(err).toMatch(
    /east: .*the folder of run toy-\S+ was deleted or moved away while the run was going on; start it again with "east run"\n$/,
  );
  expect(code).toBe(1);
  expect(readdirSync(runs(folder))).toEqual([]);
});

it('fails likewise when all records are deleted', async () => {
  const { code, err, folder } = await runAnd((at) =>
    renameSync(join(at, '.east'), join(at, 'trash')),
  );
  expect(err).toMatch(/was deleted or moved away/);
  expect(code).toBe(1);
  expect(existsSync(join(folder, '.east'))).toBe(false);
});

it('stops writing where another process has taken over its lock', async () => {
  const { code, err, folder } = await runAnd((at) => {
    const locks = join(at, '.east/locks');
    for (const name of readdirSync(locks)) writeFileSync(join(locks, name), '{}');
  });
  expect(err).toMatch(/another process has taken the lock over/);
  expect(code).toBe(1);
  const events = new RunStore(folder).list()[0]!.readEvents();
  expect(events.map(({ type }) => type)).not.toContain('failed');
});
