/**
 * The figures of the meter example in docs/measurements.md, from the last finished run of `npm run demo`.
 *
 *   npm run demo && npx tsx bench/meter.ts
 *
 * Writes bench/results/meter.json and the report in docs/measurements.md.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '../src/core/config/load-config';
import { RunStore } from '../src/core/run/run-store';
import { fillMeasured } from './lib/measured';

const root = resolve(import.meta.dirname, '..');
const file = join(root, 'examples/meter/meter.east.json');
const run = new RunStore(loadConfig(file).workspace).latest(file);
const report = run?.loadReport();
if (run?.state() !== 'finished' || !report) throw new Error('run `npm run demo` first');

/** What a command of the built CLI prints. */
function east(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('node', [join(root, 'dist/east.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status !== 0) throw new Error(`east ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout.trimEnd();
}

const verification = east('verify', file);
writeFileSync(
  join(root, 'bench/results/meter.json'),
  `${JSON.stringify({ command: 'npm run demo', report, verification: verification.split('\n') }, null, 2)}\n`,
);
fillMeasured(root, 'meter', `\`\`\`\n${east('report', file)}\n\n${verification}\n\`\`\``);
console.log('bench/results/meter.json and docs/measurements.md are written');
