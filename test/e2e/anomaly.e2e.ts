// Normal sounds alone to train on, anomalies in the test set: an autoencoder, from the wizard to its threshold.
import { readFile, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useSession } from './lib/session';
import { expectNoProblems, generateAndVerify, trainAndShow } from './lib/steps';
import { drawTones } from './lib/tones';
import { answerAll } from './lib/wizard';

const session = useSession({
  prepare: async (workspace) => {
    await rm(workspace.config);
    await rm(workspace.file('data'), { recursive: true });
    await drawTones(workspace.folder, [
      { folder: 'motor/train/normal', hertz: 300, count: 80 },
      { folder: 'motor/test/normal', hertz: 300, count: 20 },
      { folder: 'motor/test/whining', hertz: 1900, count: 20 },
    ]);
  },
});

it('offers to learn what is normal where there is nothing else to train on', async () => {
  const { workbench, workspace } = session();
  await workbench.command('EAST: Create Model Config...');
  const asked = await answerAll(
    workbench,
    [
      { step: /Data to train on/, shows: /80 training examples/ },
      { step: /What shall the network tell/, shows: 'Something unusual' },
      { step: /Network/, shows: 'autoencoder' },
      { step: /Width/, types: '16' },
      { step: /Flash/, types: '128KiB' },
      { step: /RAM/, types: '64KiB' },
      { step: /File/, types: 'motor.east.json' },
    ],
    'anomaly-wizard',
  );
  expect(asked).toContain('What shall the network tell?');
  await workbench.editor('motor.east.json').waitFor();
  const text = await readFile(workspace.file('motor.east.json'), 'utf8');
  expect(text).toContain('"anomaly"');
  expect(text).toContain('"autoencoder"');
  await expectNoProblems(workbench);
  await workbench.shot('anomaly-config');
});

it('trains on normal sounds, and shows how far anomalies are from them', async () => {
  const { workbench, workspace } = session();
  await workspace.edit(
    (text) => text.replace(/"epochs": \d+/, '"epochs": 10'),
    workspace.file('motor.east.json'),
  );
  const run = await trainAndShow(session(), 'motor', 'anomaly');
  const report = JSON.parse(await readFile(`${run.path}/report.json`, 'utf8'));
  expect(report.details).toMatchObject({ kind: 'anomaly', positives: 20, negatives: 20 });
  const roc = workbench.webview.locator('.task-picture.curve');
  await roc.scrollIntoViewIfNeeded();
  expect(await roc.locator('.mark').count()).toBe(1);
  const histogram = workbench.webview.locator('.task-picture.histogram');
  expect(await histogram.locator('rect.bar-0').count()).toBeGreaterThan(0);
  expect(await histogram.locator('rect.bar-1').count()).toBeGreaterThan(0);
  await workbench.shot('anomaly-pictures');
  const seen = workbench.webview.getByRole('region', { name: 'As the chip sees it' });
  await seen.scrollIntoViewIfNeeded();
  await seen.getByText(/of the test set, it is normal$/).waitFor();
  await seen.getByRole('button', { name: 'Previous example' }).click();
  await seen.getByText(/of the test set, it is anomalous$/).waitFor();
  await workbench.shot('anomaly-spectrogram');
});

it('writes sources that give score and verdict, and verifies them', async () => {
  await generateAndVerify(session().workbench, 'motor', 'anomaly');
});
