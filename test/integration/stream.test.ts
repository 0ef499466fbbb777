/** A network along a stream, from the config to verified sources. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advise } from '../../src/core/advice/advise';
import { loadConfig } from '../../src/core/config/load-config';
import { readManifest } from '../../src/core/firmware/manifest';
import { actions } from '../../src/core/run/all-actions';
import type { RunFolder } from '../../src/core/run/run-folder';
import { formatReport } from '../../src/core/report/format-report';
import { newToyRun, trainToyRun } from './toy-run';
import { defined } from '../../src/core/util/defined';
import { makeToyWorkspace } from './toy-workspace';

/** Rows are moments; columns are padded, moments are not. */
const MODEL = {
  input: [8, 8, 1],
  classes: 4,
  layers: [
    { type: 'conv2d', name: 'first', filters: 6, kernel: 3, padding: [0, 0, 1, 1] },
    { type: 'conv2d', name: 'second', filters: 6, kernel: 3, padding: [0, 0, 1, 1] },
    { type: 'dense', name: 'end', units: 4 },
  ],
};
let folder: string;
let run: RunFolder;
beforeAll(async () => {
  folder = makeToyWorkspace(
    'east-stream-run-',
    { epochs: 2, pruneEpochs: 1 },
    // Weights that lie packed need no decode buffer, which in so small a network is more than a step saves.
    { model: MODEL, east: { codec: 'lz4' }, firmware: { directory: 'fw', stream: 2 } },
  );
  run = newToyRun(folder);
  await trainToyRun(run);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const told = { onMessage: () => undefined };

describe('a run with firmware.stream', () => {
  it('reports what a step computes, and its RAM as that of the firmware', () => {
    const report = run.loadReport();
    // 2 of 6 and 2 of 4 rows; all of the dense layer.
    const rows = 8 * 9 * 6;
    expect(report?.stream).toMatchObject({
      hop: 2,
      macs: { step: 2 * rows + 2 * rows * 6 + 768, window: 6 * rows + 4 * rows * 6 + 768 },
      anew: ['end'],
      exact: true,
    });
    expect(report!.ram.total).toBeLessThan(report!.stream!.windowRam);
    expect(formatReport(report!, { width: 100 })).toMatch(/STREAM {3}steps of 2, with the outputs/);
  });

  it('gives sources that step along it, which verify with and without the run', async () => {
    const config = run.loadConfig();
    await actions.generate({ config, folder: run }, { force: false });
    const directory = config.firmware.directory;
    expect(readManifest(directory)?.inputs).toMatchObject({ stream: '2' });
    const header = readFileSync(join(directory, 'toy_model.h'), 'utf8');
    expect(header).toContain('#define TOY_STEP 2\n#define TOY_STEP_BYTES 16\n');
    expect(header).toContain('#define TOY_WARM_UP 4\n');
    expect(readFileSync(join(directory, 'README.md'), 'utf8')).toContain(
      'toy_advance(input, output)',
    );
    expect((await actions.checkSources(loadConfig(config.file))).state).toBe('current');
    for (const outcome of [
      await actions.verify({ config, folder: run }, told),
      await actions.verifyCarried(config, told),
    ]) {
      for (const { result } of outcome.targets) expect(result.status).not.toBe('failed');
    }
  });

  it('goes along another stream, or none, by the same weights', async () => {
    for (const stream of [3, undefined]) {
      const config = run.loadConfig();
      const { directory, target, selfTestVectors } = config.firmware;
      const other = {
        ...config,
        firmware: { directory, target, selfTestVectors, ...defined({ stream }) },
      };
      await actions.generate({ config: other, folder: run }, { force: false });
      const outcome = await actions.verify({ config: other, folder: run }, told);
      for (const { result } of outcome.targets) expect(result.status).not.toBe('failed');
    }
  });
});

describe('the key', () => {
  const adviceFor = (change: (config: Record<string, unknown>) => void) => {
    const config: Record<string, unknown> = JSON.parse(
      readFileSync(join(folder, 'toy.east.json'), 'utf8'),
    );
    change(config);
    const { advice } = advise(JSON.stringify(config), join(folder, 'toy.east.json'), folder);
    return advice
      .filter(({ code }) => code === 'stream')
      .map(({ severity, message }) => ({ severity, message }));
  };

  it('is told what it saves', () => {
    expect(adviceFor(() => undefined)).toEqual([
      {
        severity: 'info',
        message: expect.stringMatching(/^a step of 2 rows takes [\d,]+ mult.*anew: end$/),
      },
    ]);
  });

  it('is told what keeps it from saving', () => {
    const found = adviceFor((config) => {
      const layers = MODEL.layers.map((layer) =>
        layer.name === 'first' ? { ...layer, padding: 'same' } : layer,
      );
      config['model'] = { ...MODEL, layers };
    });
    expect(found).toEqual([
      { severity: 'warning', message: expect.stringMatching(/anew: "first" pads time behind/) },
    ]);
  });

  it('is refused where a step is no shorter than the window', async () => {
    const found = adviceFor((config) => {
      config['firmware'] = { stream: 8 };
    });
    expect(found).toEqual([
      { severity: 'error', message: expect.stringMatching(/step of 8 is as long as .* window/) },
    ]);
    const config = run.loadConfig();
    await expect(
      actions.plan({ ...config, firmware: { ...config.firmware, stream: 9 } }),
    ).rejects.toThrow(/step of 9 is as long/);
  });
});
