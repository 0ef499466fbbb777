/** Small data sets of other people's, where somebody keeps them beside the repository; each says what is right. */
import { readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireDataset } from '../../../src/core/config/require-dataset';
import { loadConfig } from '../../../src/core/config/load-config';
import type { Dataset } from '../../../src/core/dataset/dataset';
import { findDatasets } from '../../../src/core/dataset/find-datasets';
import { loadDataset } from '../../../src/core/dataset/load-dataset';
import { caseCopies, haveSharedCases } from '../../shared-cases';

const there = haveSharedCases();
const copied = caseCopies();

async function load(file: string, classes?: number): Promise<Dataset> {
  const config = loadConfig(file);
  const { model, training, workspace } = config;
  const described = { input: model.input!, classes: classes ?? model.classes! };
  return loadDataset(requireDataset(config), described, training.seed, workspace);
}

describe.runIf(there)('the shared cases', () => {
  it('11 has three columns and a label', async () => {
    const { shape, outputNames } = await load(join(copied('11'), 'm.east.json'));
    expect(shape).toEqual([1, 1, 3]);
    expect(outputNames).toEqual(['idle', 'move']);
  });

  it('13 has three classes, and says so where four are asked for', async () => {
    const file = join(copied('13'), 'm.east.json');
    await expect(load(file)).rejects.toThrow('set model.classes to 3');
    expect((await load(file, 3)).outputNames).toEqual(['1', '2', '3']);
  });

  it('14 has 26 classes, for the wizard as well', async () => {
    const project = copied('14');
    expect((await load(join(project, 'm.east.json'))).outputNames).toHaveLength(26);
    expect(await findDatasets(project)).toMatchObject([{ classes: 26 }]);
  });

  it('15 has the activity for a label', async () => {
    expect(await findDatasets(copied('15'))).toMatchObject([
      { label: 'activity', columns: ['x', 'y', 'z'], classes: 3 },
    ]);
  });

  it('16 and 17 have two classes', async () => {
    const linked = copied('16');
    // A copy that does not know links has what they hold in their place.
    for (const set of ['train', 'test']) {
      for (const name of ['cat', 'dog']) {
        const link = join(linked, 'data', set, name);
        if (!statSync(link).isFile()) continue;
        const target = readFileSync(link, 'utf8');
        rmSync(link);
        symlinkSync(target, link);
      }
    }
    expect((await load(join(linked, 'm.east.json'))).outputNames).toEqual(['cat', 'dog']);
    const forms = await load(join(copied('17'), 'm.east.json'));
    expect(forms.outputNames).toEqual(['Kette', 'Nüsse']);
  });

  it('22 is read from within its folder', async () => {
    const project = copied('22');
    const config = loadConfig(join(project, 'meter (copy)', 'gesture.east.json'));
    const { input, classes } = config.model;
    const described = { input: input!, classes: classes! };
    const data = await loadDataset(requireDataset(config), described, 1, dirname(project));
    expect(data.train.count).toBeGreaterThan(0);
  });
});
