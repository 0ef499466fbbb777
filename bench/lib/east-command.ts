/** The built `east` command, as benches call it. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const COMMAND = resolve(import.meta.dirname, '../../dist/east.mjs');

/** What it prints. Throws Error where it ends with a code other than 0. */
export function east(folder: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('node', [COMMAND, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`east ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
