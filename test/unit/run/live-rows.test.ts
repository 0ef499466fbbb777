/** A layer takes as many bytes in the log of a run as in its report. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/run/events';
import type { Report } from '../../../src/core/report/report';
import { newToyRun, trainToyRun } from '../../integration/toy-run';
import { makeToyWorkspace } from '../../integration/toy-workspace';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type PruneEvent = Extract<RunEvent, { type: 'prune' }>;

async function trained(
  budget: object,
  codec: 'lz4' | 'auto' = 'lz4',
): Promise<{ readonly prunes: readonly PruneEvent[]; readonly report: Report }> {
  const training = { epochs: 1, pruneEpochs: 2, shards: 1 };
  const workspace = makeToyWorkspace('east-rows-', training, { budget, east: { codec } });
  folders.push(workspace);
  const { result, events } = await trainToyRun(newToyRun(workspace));
  if (result.status !== 'finished') throw new Error('the run was stopped');
  const prunes = events.filter((event) => event.type === 'prune');
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

  it('leave room for a header that names codecs, which a blob of LZ4 alone does not have', async () => {
    const { prunes, report } = await trained({ weights: '40%' }, 'auto');
    const header = report.flash.weights - sum(report.layers);
    const reserved = new Set(prunes.map(({ layers, blobBytes }) => blobBytes - sum(layers)));
    expect(reserved.size).toBe(1);
    expect(Math.min(...reserved)).toBeGreaterThanOrEqual(header);
  });
});
