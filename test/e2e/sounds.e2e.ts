// A folder of WAV files, from the wizard to verified C that takes raw samples.
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
      { folder: 'sounds/train/high', hertz: 1800, count: 30 },
      { folder: 'sounds/train/low', hertz: 300, count: 30 },
      { folder: 'sounds/train/middle', hertz: 800, count: 30 },
      { folder: 'sounds/test/high', hertz: 1800, count: 10 },
      { folder: 'sounds/test/low', hertz: 300, count: 10 },
      { folder: 'sounds/test/middle', hertz: 800, count: 10 },
    ]);
  },
});

it('finds the sounds and asks what the network shall tell', async () => {
  const { workbench, workspace } = session();
  await workbench.command('EAST: Create Model Config...');
  const asked = await answerAll(
    workbench,
    [
      { step: /Data to train on/, shows: /3 classes · 90 training examples/ },
      { step: /What shall the network tell/, shows: 'Which of several it is' },
      { step: /Width/, types: '8' },
      { step: /Flash/, types: '48KiB' },
      { step: /RAM/, types: '48KiB' },
      { step: /File/, types: 'tones.east.json' },
    ],
    'sounds-wizard',
  );
  expect(asked).toContain('What shall the network tell?');
  await workbench.editor('tones.east.json').waitFor();
  const text = await readFile(workspace.file('tones.east.json'), 'utf8');
  expect(text).toContain('"wav"');
  expect(text).toContain('"log-mel"');
  // Ninety sounds are few: with batches of the usual size there would be hardly a step.
  expect(text).toContain('"batchSize": 16');
  await expectNoProblems(workbench);
  await workbench.shot('sounds-config');
});

it('trains, and shows what the chip sees and tells', async () => {
  const { workbench } = session();
  const run = await trainAndShow(session(), 'tones', 'sounds');
  const report = JSON.parse(await readFile(`${run.path}/report.json`, 'utf8'));
  expect(report.details).toMatchObject({
    kind: 'classification',
    names: ['high', 'low', 'middle'],
  });
  const fitted = report.measured.find(({ stage }: { stage: string }) => stage === 'fitted');
  expect(fitted.value).toBeGreaterThan(0.9);
  const matrix = workbench.webview.locator('.task-picture.matrix');
  await matrix.scrollIntoViewIfNeeded();
  expect(await matrix.locator('tr').count()).toBe(4);
  await workbench.shot('sounds-matrix');
  const seen = workbench.webview.getByRole('region', { name: 'As the chip sees it' });
  await seen.scrollIntoViewIfNeeded();
  await seen.getByText(/^Example 1 of \d+ of the test set, it is high, the network says/).waitFor();
  await workbench.shot('sounds-spectrogram');
  await seen.getByRole('button', { name: 'Previous example' }).click();
  await seen.getByText(/it is middle, the network says/).waitFor();
  await workbench.shot('sounds-spectrogram-last');
});

it('writes sources that turn raw samples into the same answers', async () => {
  await generateAndVerify(session().workbench, 'tones', 'sounds');
});
