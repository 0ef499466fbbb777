// From data in a folder to a config that trains, through the wizard.
import { readFile, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useSession } from './lib/session';
import { expectNoProblems } from './lib/steps';
import { answerAll } from './lib/wizard';

const session = useSession({ prepare: (workspace) => rm(workspace.config) });

it('creates a config for the data it finds', async () => {
  const { workbench, workspace } = session();
  await workbench.command('EAST: Create Model Config...');
  const asked = await answerAll(
    workbench,
    [
      { step: /Data to train on/, shows: '24×16×1 · 10 classes' },
      { step: /Flash/, types: '48KiB' },
      { step: /RAM/, types: '32KiB' },
      { step: /File/, types: 'digits.east.json' },
    ],
    'wizard',
  );
  expect(asked.length).toBeGreaterThan(6);
  await workbench.editor('digits.east.json').waitFor();
  await workbench.shot('wizard-result');
  const text = await readFile(workspace.file('digits.east.json'), 'utf8');
  expect(text).toContain('"flash": "48KiB"');
  expect(text).toContain('train-images.idx.gz');
  expect(text).toMatch(/24,\s*16,\s*1/);
});

it('has made one that nothing is wrong with', async () => {
  await expectNoProblems(session().workbench);
});
