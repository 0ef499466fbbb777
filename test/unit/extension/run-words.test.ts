/** What is said of runs whose network comes from a file, and is not always trained. */
import { describe, expect, it } from 'vitest';
import { methodOf } from '../../../src/extension/runs/method';
import { endingOf } from '../../../src/extension/views/run-ending';
import {
  configDescription,
  runDescription,
  runTooltip,
} from '../../../src/extension/views/run-text';
import { WORK_WORDS, workOf } from '../../../src/core/tasks/work';
import { activityWord } from '../../../src/protocol/activity';
import { sampleReport } from '../cli/fixtures';
import { resolvedConfig } from '../run/fixtures';
import { NOW, runInfo } from './run-infos';

function imported(use: 'as-is' | 'quantize' | 'fit') {
  const config = resolvedConfig('/ws');
  return {
    ...config,
    model: { file: '/ws/net.tflite', use },
    east: { ...config.east, method: 'dense' as const },
  };
}

describe('a run of a network that is not trained', () => {
  it.each([
    ['as-is', 'encode', 'encoding'],
    ['quantize', 'quantise', 'quantising'],
    ['fit', 'train', 'training'],
  ] as const)('%s says what it does', (use, work, doing) => {
    const config = imported(use);
    expect(workOf(config.model)).toBe(work);
    expect(activityWord('running', work)).toBe(doing);
    const running = runInfo({ config, activity: 'running' });
    expect(runTooltip(running, NOW)).toMatch(new RegExp(`· ${doing}`));
    const failed = endingOf(runInfo({ config, activity: 'failed', message: 'no data' }));
    expect(failed?.message).toBe(`meter: ${doing} failed: no data`);
    const done = endingOf(runInfo({ config, report: sampleReport() }));
    expect(done?.message).toMatch(`meter: ${doing} has finished with`);
  });

  it('is not called dense before it has ended either', () => {
    const asIs = runInfo({ config: imported('as-is'), activity: 'running' });
    expect(methodOf(asIs)).toBe('as it is');
    expect(methodOf(runInfo({ config: imported('quantize') }))).toBe('quantised here');
    expect(runDescription(asIs, NOW)).toBe('preparing · as it is');
    expect(configDescription(asIs, undefined)).toBe('preparing');
    const done = runInfo({
      config: imported('quantize'),
      report: { ...sampleReport(), method: 'quantised here' },
    });
    expect(runDescription(done, NOW)).toMatch(/ · quantised here · /);
  });

  it('is as little known as any where there is no config', () => {
    expect(workOf(undefined)).toBe('train');
    expect(methodOf(undefined)).toBeUndefined();
    expect(activityWord('none', 'encode')).toBe('not run yet');
    expect(WORK_WORDS.train.start).toBe('Run training');
  });
});
