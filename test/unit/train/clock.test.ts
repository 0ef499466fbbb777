import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { train } from '../../../src/core/train/loop/train';
import { finished, job } from './toy-job';

/** The system's clock may be set while a run trains: by hand, by the network, at the end of a laptop's sleep. */

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Steps that were saved and told in a training whose every step takes two seconds, while the system's clock says `now`. */
async function savedAndTold(now: (call: number) => number): Promise<Record<string, number[]>> {
  let elapsed = 0;
  let calls = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (elapsed += 250));
  vi.spyOn(Date, 'now').mockImplementation(() => now(calls++));
  const { config } = job(engine, 'dense');
  const training = { ...config.training, epochs: 1, pruneEpochs: 1, checkpointSeconds: 3 };
  const saved: number[] = [];
  const told: number[] = [];
  finished(
    await train(
      job(engine, 'dense', {
        config: { ...config, training },
        saveCheckpoint: ({ meta }) => saved.push(meta.step),
        onProgress: (event) => {
          if (event.type === 'step') told.push(event.step);
        },
      }),
    ),
  );
  return { saved, told };
}

it('saves and tells as often when the clock is set back, or ahead, or stands still', async () => {
  const usual = await savedAndTold((call) => 1e12 + call * 250);
  expect(usual['saved']!.length).toBeGreaterThan(8);
  expect(usual['told']).toHaveLength(30);
  expect(await savedAndTold((call) => 1e12 - call * 3_600_000)).toEqual(usual);
  expect(await savedAndTold((call) => 1e12 + call * 3_600_000)).toEqual(usual);
  expect(await savedAndTold(() => 1e12)).toEqual(usual);
});
