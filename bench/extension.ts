/**
 * What the extension costs the editor: size, activation, diagnostics while typing, dashboard, memory. In the VS Code of
 * the end-to-end tests, with the package installed.
 *
 *   npx tsx bench/extension.ts [--note TEXT]
 *
 * Writes bench/results/extension.json and the table of docs/measurements.md. Run it on a machine that does nothing else, or say in
 * the note what else it did.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { prepareEndToEnd } from '../scripts/lib/e2e-environment.mjs';
import { Server } from '../test/e2e/lib/server';
import { waitFor } from '../test/e2e/lib/wait';
import { openBrowser } from '../test/e2e/lib/workbench';
import { createWorkspace } from '../test/e2e/lib/workspace';
import { dashboardCost } from './extension/dashboard-cost';
import type { HostFigures } from './extension/in-host';
import { fillMeasured } from './lib/measured';
import { defined } from '../src/core/util/defined';

const root = resolve(import.meta.dirname, '..');
const ACTIVATIONS = 5;
const { note } = parseArgs({ options: { note: { type: 'string' } } }).values;

const { vsix } = await prepareEndToEnd();
const suite = join(root, 'build/host/bench.cjs');
await build({
  entryPoints: [join(root, 'bench/extension/in-host.ts')],
  outfile: suite,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
});

/** Opens the folder in a fresh editor and waits for what the part of the bench inside it found. */
async function inHost(folder: string, part: 'typing' | 'run'): Promise<HostFigures> {
  const home = await mkdtemp(join(tmpdir(), 'east-bench-'));
  const result = join(home, 'result.json');
  const server = await Server.start({
    extensions: [join(root, 'test/host/driver')],
    env: { EAST_HOST_SUITE: suite, EAST_HOST_RESULT: result, EAST_BENCH: part },
  });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(server.address(folder), { timeout: 60_000 });
    const text = await waitFor(`the ${part} bench`, 300, () =>
      readFile(result, 'utf8').catch(() => undefined),
    );
    const found: HostFigures & { error?: string } = JSON.parse(text);
    if (found.error !== undefined) throw new Error(found.error);
    return found;
  } finally {
    await browser.close();
    await server.stop();
    await rm(home, { recursive: true, force: true });
  }
}

const activations: number[] = [];
const parts: { load: number; call: number; untilActive: number }[] = [];
let typing: HostFigures = {};
for (let i = 0; i < ACTIVATIONS; i++) {
  const empty = await mkdtemp(join(tmpdir(), 'east-empty-'));
  typing = await inHost(empty, 'typing');
  const { activation = { load: NaN, call: NaN }, untilActive = NaN } = typing;
  activations.push(activation.load + activation.call);
  parts.push({ ...activation, untilActive });
  await rm(empty, { recursive: true, force: true });
  console.log(`activation ${i + 1} of ${ACTIVATIONS}: ${activations.at(-1)?.toFixed(1)} ms`);
}
const workspace = await createWorkspace({ train: 2400, epochs: 2, pruneEpochs: 4 });
const { memory } = await inHost(workspace.folder, 'run');
await workspace.dispose();
const dashboard = await dashboardCost();
const { size } = await stat(vsix);

const keystrokes = typing.keystrokes ?? [];
const figures = {
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
  packageBytes: size,
  activationMs: { median: median(activations), worst: Math.max(...activations), parts },
  diagnosticsMs: {
    lines: typing.lines,
    keystrokes: keystrokes.length,
    median: median(keystrokes),
    worst: Math.max(...keystrokes),
    answersMedian: median(typing.answers ?? []),
  },
  dashboard: { eventsASecond: 50, historySteps: 20_000, ...dashboard },
  hostMemory: memory,
  ...defined({ note }),
};
await writeFile(
  join(root, 'bench/results/extension.json'),
  `${JSON.stringify(figures, null, 2)}\n`,
);
const ms = (value: number): string => `${value.toFixed(0)} ms`;
const mib = (bytes = NaN): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
fillMeasured(
  root,
  'extension',
  [
    '| | |',
    '| --- | --- |',
    `| package (VSIX) | ${mib(size)} |`,
    `| activation, its own time (load and activate()), median of ${ACTIVATIONS} (worst) | ${ms(figures.activationMs.median)} (${ms(figures.activationMs.worst)}) |`,
    `| keystroke to changed diagnostics, ${typing.lines} lines, median of ${keystrokes.length} (worst) | ${ms(figures.diagnosticsMs.median)} (${ms(figures.diagnosticsMs.worst)}) |`,
    `| dashboard at 50 events a second, ${(20_000).toLocaleString('en-US')} steps of history | ${(100 * dashboard.busy).toFixed(0)} % of a core |`,
    `| extension host before a run, peak during it (of all extensions) | ${mib(memory?.before)}, ${mib(memory?.peakResident)} |`,
  ].join('\n'),
);
console.log(JSON.stringify(figures, null, 2));
// Its parts leave timers of the editor's client behind.
process.exit(0);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
