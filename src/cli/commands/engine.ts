/** `east engine`: what can train on this machine, and how to get the faster one. */
import { resolve } from 'node:path';
import Table from 'cli-table3';
import type { EngineEntry } from '../../core/train/choice/list-engines';
import { UserError } from '../../core/util/errors';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { print, remark, styleOf, type Terminal } from '../terminal';
import { defined } from '../../core/util/defined';

export interface EngineListOptions {
  readonly measure?: boolean;
  readonly json?: boolean;
}

export async function engineList(
  { measure = false, json = false }: EngineListOptions,
  { terminal }: Context,
): Outcome {
  if (measure) remark(terminal, 'measuring, a few seconds for each engine');
  // TensorFlow.js takes a moment to load, which no other command should wait for.
  const { listEngines } = await import('../../core/train/choice/list-engines');
  const engines = await listEngines(measure);
  print(terminal, json ? JSON.stringify(engines, null, 2) : table(engines, terminal));
  return EXIT.ok;
}

export interface EngineInstallOptions {
  readonly from?: string;
  readonly force?: boolean;
}

export async function engineInstall(
  engine: string,
  { from, force = false }: EngineInstallOptions,
  { terminal, cwd }: Context,
): Outcome {
  if (engine === 'webgpu') return installGpu({ from, force }, terminal);
  if (engine !== 'native') {
    throw new UserError(
      `only the engines "native" and "webgpu" are installed separately, not "${engine}"`,
    );
  }
  const { installNative } = await import('../../core/train/install/install-native');
  const { folder, check } = await installNative({
    ...defined({ from: from === undefined ? undefined : resolve(cwd, from) }),
    force,
    onNote: (note) => remark(terminal, note),
  });
  print(
    terminal,
    check
      ? `The native engine is installed in ${folder}: TensorFlow ${check.tensorflow}, gradients within ${check.float.toExponential(0)} of WASM's. "auto" takes it from now on.`
      : `The native engine is installed already, in ${folder}. --force installs it anew.`,
  );
  return EXIT.ok;
}

async function installGpu(
  { from, force }: { from: string | undefined; force: boolean },
  terminal: Terminal,
): Outcome {
  if (from !== undefined) throw new UserError('--from is for the engine "native" only');
  const { installWebgpu } = await import('../../core/train/install/install-webgpu');
  const { folder, check } = await installWebgpu({
    force,
    onNote: (note) => remark(terminal, note),
  });
  const use = check?.hardware
    ? '"auto" takes it from now on where it is faster.'
    : '"auto" does not take it, as there is no graphics processor.';
  print(
    terminal,
    check
      ? `The GPU engine is installed in ${folder}: ${check.build}, gradients within ${check.float.toExponential(0)} of WASM's. ${use}`
      : `The GPU engine is installed already, in ${folder}. --force installs it anew.`,
  );
  return EXIT.ok;
}

function table(engines: readonly EngineEntry[], terminal: Terminal): string {
  const { good, dim } = styleOf(terminal);
  const measured = engines.some(({ imagesPerSecond }) => imagesPerSecond !== null);
  const head = ['engine', 'there', 'what it is', ...(measured ? ['images/s'] : [])];
  const rows = new Table({
    head,
    style: { head: [], border: [] },
    chars: PLAIN,
    wordWrap: true,
    colWidths: [null, null, Math.max(30, Math.min(80, terminal.columns - 32))],
  });
  for (const { engine, available, description, imagesPerSecond } of engines) {
    const speed =
      imagesPerSecond === null ? '' : imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0);
    rows.push([
      engine,
      available ? good('✓') : dim('no'),
      description,
      ...(measured ? [speed] : []),
    ]);
  }
  const note = measured
    ? '\nimages/s: training steps of a ResNet-8 of width 8 on 32×32×3 images'
    : '';
  return `${rows.toString()}${note}`;
}

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
};
