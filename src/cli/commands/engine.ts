/** `east engine list`: what can train on this machine. */
import Table from 'cli-table3';
import type { EngineEntry } from '../../core/train/engines/list-engines';
import type { Context, Outcome } from '../context';
import { EXIT } from '../exit-codes';
import { print, remark, styleOf, type Terminal } from '../terminal';

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
  const { listEngines } = await import('../../core/train/engines/list-engines');
  const engines = await listEngines(measure);
  print(terminal, json ? JSON.stringify(engines, null, 2) : table(engines, terminal));
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
