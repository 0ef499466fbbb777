/**
 * How long `npm run demo` takes, from the set-up that is there already to the meter's answer on the simulated chip: an
 * older version, and this one with the engine that it brings and with the native one, in turns on one machine.
 *
 *   npx tsx bench/demo.ts [--rounds 2] [--before ee7bd63] [--note TEXT]
 *
 * Takes the best of the rounds. Both versions are checked out into a temporary folder. Writes bench/results/demo.json and
 * the line of docs/measurements.md. What the native engine takes is left out where it is not installed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openNativeEngine } from '../src/core/train/engines/native-engine';
import { formatDuration } from '../src/core/report/format';
import { fillMeasured } from './lib/measured';
import { defined } from '../src/core/util/defined';

const root = resolve(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    before: { type: 'string', default: 'ee7bd63' },
    note: { type: 'string' },
  },
});
const rounds = Number(options.rounds);

interface Contender {
  readonly name: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

const temporary = mkdtempSync(join(tmpdir(), 'east-bench-demo-'));
const withoutNative = { EAST_NATIVE_FOLDER: join(temporary, 'none') };
try {
  const [old, now] = [checkOut('before', options.before), checkOut('now', 'HEAD')];
  const contenders: Contender[] = [
    { name: 'before', folder: old, environment: withoutNative },
    { name: 'wasm', folder: now, environment: withoutNative },
  ];
  if ('engine' in (await openNativeEngine())) {
    contenders.push({ name: 'native', folder: now, environment: {} });
  }
  const seconds: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) (seconds[contender.name] ??= []).push(demo(contender));
  }
  publish(seconds);
} finally {
  rmSync(temporary, { recursive: true, force: true });
  spawnSync('git', ['worktree', 'prune'], { cwd: root });
}

function checkOut(name: string, commit: string): string {
  const folder = join(temporary, name);
  const { status, stderr } = spawnSync('git', ['worktree', 'add', '--detach', folder, commit], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${commit} cannot be checked out: ${stderr.trim()}`);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return folder;
}

function demo({ name, folder, environment }: Contender): number {
  rmSync(join(folder, '.east'), { recursive: true, force: true });
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'demo'], {
    cwd: folder,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`the demo (${name}) failed:\n${stdout}\n${stderr}`);
  console.log(`${name}: ${formatDuration(seconds)}`);
  return seconds;
}

function publish(seconds: Readonly<Record<string, readonly number[]>>): void {
  const content = {
    command: 'npx tsx bench/demo.ts',
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    before: options.before,
    ...defined({ note: options.note }),
    seconds,
  };
  writeFileSync(join(root, 'bench/results/demo.json'), `${JSON.stringify(content, null, 2)}\n`);
  const best = (name: string): number => Math.min(...(seconds[name] ?? []));
  const part = (name: string, text: string): string =>
    seconds[name]
      ? `, ${formatDuration(best(name))} ${text} (${(best('before') / best(name)).toFixed(2)}×)`
      : '';
  fillMeasured(
    root,
    'demo',
    `\`npm run demo\`, best of ${rounds}: ${formatDuration(best('before'))} before` +
      `${part('wasm', 'with the embedded engine')}${part('native', 'with the native one')}.`,
  );
}
