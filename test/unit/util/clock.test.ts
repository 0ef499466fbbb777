/** What is due after some time is due whatever the system's clock says: it may be set back by hours at any moment. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createProgress } from '../../../src/cli/progress';
import { createBreath } from '../../../src/core/quant/evaluate';
import { elapsedMs } from '../../../src/core/util/clock';
import { recorder } from '../cli/fixtures';
import { stepEvent } from '../run/fixtures';

afterEach(() => {
  vi.restoreAllMocks();
});

/** From now on each question finds the system's clock an hour earlier, and `step` milliseconds gone. */
function setBack(step: number): void {
  let [system, elapsed] = [1e12, 0];
  vi.spyOn(Date, 'now').mockImplementation(() => (system -= 3_600_000));
  vi.spyOn(performance, 'now').mockImplementation(() => (elapsed += step));
}

describe('with the clock set back again and again', () => {
  it('time passes', () => {
    setBack(10);
    const before = elapsedMs();
    expect(elapsedMs()).toBe(before + 10);
  });

  it('a long measurement lets the event loop have its turns', async () => {
    setBack(10_000);
    const breathe = createBreath();
    expect(breathe()).toBeInstanceOf(Promise);
    expect(breathe()).toBeInstanceOf(Promise);
  });

  it('progress is told line by line where there is no terminal', () => {
    setBack(60_000);
    const lines: string[] = [];
    const progress = createProgress(
      {
        stdout: recorder([]),
        stderr: recorder(lines),
        isTTY: false,
        columns: 80,
        color: false,
      },
      'east',
    );
    for (let n = 1; n <= 5; n++) progress.onEvent(stepEvent(n, '2026-01-01T00:00:00.000Z'));
    expect(lines.join('')).toMatch(/1\/9[^]*2\/9[^]*3\/9[^]*4\/9[^]*5\/9/);
  });
});
