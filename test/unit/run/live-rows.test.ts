/** A layer takes as many bytes in the log of a run as in its report. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { actions } from '../../../src/core/run/all-actions';
import type { RunEvent } from '../../../src/core/run/events';
import { RunStore } from '../../../src/core/run/run-store';
import { loadConfigAndModel } from '../../../src/core/models/check-config';
import type { Report } from '../../../src/core/report/report';
import { makeToyWorkspace } from '../../integration/toy-workspace';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type PruneEvent = Extract<RunEvent, { type: 'prune' }>;

async function trained(
  budget: object,
): Promise<{ readonly prunes: readonly PruneEvent[]; readonly report: Report }> {
  const workspace = makeToyWorkspace('east-rows-', { epochs: 1, pruneEpochs: 2 }, { budget });
  folders.push(workspace);
  const file = join(workspace, 'toy.east.json');
  const { config } = await loadConfigAndModel(file);
  const folder = new RunStore(workspace).create(config, readFileSync(file, 'utf8'));
  const prunes: PruneEvent[] = [];
  const result = await actions.run({
    config: { ...config, training: { ...config.training, shards: 1 } },
    folder,
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.type === 'prune') prunes.push(event);
    },
    onNote: () => undefined,
  });
  if (result.status !== 'finished') throw new Error('the run was stopped');
  return { prunes, report: result.report };
}

const sum = (layers: readonly { readonly blobBytes: number }[]): number =>
  layers.reduce((total, { blobBytes }) => total + blobBytes, 0);

describe('the rows of the last choice of masks', () => {
  it('are those of the report where nothing needs to be pruned', async () => {
    // Room for all weights, and so little RAM that layers are cut into tiles.
    const { prunes, report } = await trained({ weights: '64KiB', ram: '1KiB' });
    const rows = (layers: readonly { readonly name: string; readonly blobBytes: number }[]) =>
      layers.map(({ name, blobBytes }) => ({ name, blobBytes }));
    expect(report.layers.some(({ tiles }) => tiles > 1)).toBe(true);
    expect(rows(prunes.at(-1)!.layers)).toEqual(rows(report.layers));
    expect(prunes.at(-1)!.blobBytes).toBe(report.flash.weights);
  });

  it('add up to the blob, its header apart, where weights are pruned', async () => {
    const { prunes, report } = await trained({ weights: '40%' });
    expect(prunes.length).toBeGreaterThan(1);
    const header = report.flash.weights - sum(report.layers);
    expect(header).toBeGreaterThan(0);
    for (const { layers, blobBytes } of prunes) expect(blobBytes - sum(layers)).toBe(header);
  });
});
