import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../src/cli/progress';
import { renderReport } from '../../../src/cli/report-table';
import type { Terminal } from '../../../src/cli/terminal';
import type { RunEvent } from '../../../src/core/run/events';
import { recorder, sampleReport } from './fixtures';

const time = '2026-01-01T00:00:00.000Z';
const step = (n: number): RunEvent => ({
  type: 'step',
  time,
  step: n,
  totalSteps: 100,
  epoch: 1,
  totalEpochs: 4,
  phase: 'prune',
  loss: 0.12345,
  metric: 'accuracy',
  value: 0.9512,
  learningRate: 0.1,
  imagesPerSecond: 100,
  secondsLeft: 190,
});
const prune: RunEvent = {
  type: 'prune',
  time,
  step: 2,
  targetBytes: 2048,
  blobBytes: 2000,
  sparsity: 0.63,
  churn: 0,
  layers: [],
};

function terminal(isTTY: boolean): { terminal: Terminal; err: string[]; out: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  return {
    out,
    err,
    terminal: { stdout: recorder(out), stderr: recorder(err), isTTY, columns: 120, color: false },
  };
}

describe('progress without a terminal', () => {
  it('prints a line every few seconds and every milestone', () => {
    const { terminal: t, err, out } = terminal(false);
    let now = 0;
    const progress = createProgress(t, 'east', () => now);
    progress.onEvent(step(1));
    progress.onEvent(prune);
    now = 4999;
    progress.onEvent(step(2));
    progress.onEvent({
      type: 'evaluation',
      time,
      step: 2,
      epoch: 1,
      metric: 'accuracy',
      stage: 'fitted',
      set: 'validation',
      value: 0.9,
      examples: 10,
    });
    now = 5000;
    progress.onEvent(step(3));
    progress.onEvent({ type: 'finished', time, step: 3 });
    progress.end();
    expect(err.join('')).toBe(
      'prune 1/100 (epoch 1/4) · loss 0.123 · accuracy 95.1 % · 3:10 left\n' +
        'epoch 1, validation: EAST accuracy 90.00 %\n' +
        'prune 3/100 (epoch 1/4) · loss 0.123 · accuracy 95.1 % · zeros 63.0 % · 2,000 of 2,048 B · 3:10 left\n' +
        'finished after 3 steps\n',
    );
    expect(out).toEqual([]);
  });
});

describe('on a terminal', () => {
  it('draws a bar on stderr, notes above it, and leaves the cursor visible', () => {
    const { terminal: t, err, out } = terminal(true);
    const stream = Object.assign(t.stderr, {
      isTTY: true,
      columns: 120,
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
      clearScreenDown: () => true,
    });
    const progress = createProgress({ ...t, stderr: stream }, 'east');
    progress.onEvent(prune);
    progress.onEvent(step(50));
    progress.note('hello');
    progress.onEvent(step(51));
    progress.end();
    progress.end();
    const text = err.join('');
    expect(text).toMatch(/prune +█+░+ 1\/4 loss 0\.123 · accuracy 95\.1 % · zeros 63\.0 %/);
    expect(text).toContain('hello\n');
    const hidden = text.split('\u001b[?25l').length;
    expect(text.split('\u001b[?25h')).toHaveLength(hidden);
    expect(out).toEqual([]);
  });

  it('draws the layers as a table with every row of the plain one', () => {
    const drawn = renderReport(sampleReport(), terminal(true).terminal);
    const plain = renderReport(sampleReport(), terminal(false).terminal);
    expect(drawn).toContain('│');
    expect(plain).not.toContain('│');
    for (const cell of ['fc1', '8×16', '1.60×', '(header)', 'total']) {
      expect(drawn).toContain(cell);
      expect(plain).toContain(cell);
    }
  });
});
