/**
 * Whether Dawn finds a graphics processor, tried in a process of its own before Dawn is loaded into this one: where there is
 * no driver, it and the drivers' loader write lines about it, with paths of the machines that they were built on, past
 * everything that could hold them back in here.
 */
import { spawnSync } from 'node:child_process';

/** A driver that does not answer for so long answers no more, milliseconds. */
const PATIENCE_MS = 20_000;

const PROBE = `
const { writeSync } = await import('node:fs');
const { create } = await import(process.argv[1]);
const adapter = await create([]).requestAdapter({ powerPreference: 'high-performance' });
writeSync(1, adapter ? 'found' : 'none');
process.exit();
`;

/**
 * False only where the probe has said so: what else may go wrong with Dawn shows when it is loaded.
 * @param dawn URL of its module
 */
export function findsGpu(dawn: string): boolean {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', PROBE, dawn], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PATIENCE_MS,
  });
  return stdout !== 'none';
}
