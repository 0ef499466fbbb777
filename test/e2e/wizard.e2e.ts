// From data in a folder to a config that trains, through the wizard.
import { readFile, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { useSession } from './lib/session';
import { waitFor } from './lib/wait';

const session = useSession({ prepare: (workspace) => rm(workspace.config) });

it('creates a config for the data it finds', async () => {
  const { workbench, workspace } = session();
  await workbench.command('EAST: Create Model Config...');
  await workbench.quickInputWidget.getByText('24×16×1 · 10 classes').waitFor();
  // By what each step asks; all others take what is offered.
  const typed: Readonly<Record<string, string>> = {
    Flash: '48KiB',
    RAM: '32KiB',
    File: 'digits.east.json',
  };
  const asked: string[] = [];
  for (;;) {
    const step = await workbench.inputStep();
    asked.push(step.question);
    const answer = typed[step.question];
    await workbench.shot(`wizard-${step.number}`);
    if (answer !== undefined) await workbench.quickInputWidget.locator('input').fill(answer);
    await workbench.page.keyboard.press('Enter');
    if (step.number === step.total) break;
    await waitFor(`the step after ${step.number}`, 15, async () =>
      (await workbench.inputStep()).number > step.number ? true : undefined,
    );
  }
  expect(asked.length).toBeGreaterThan(6);
  await workbench.editor('digits.east.json').waitFor();
  await workbench.shot('wizard-result');
  const text = await readFile(workspace.file('digits.east.json'), 'utf8');
  expect(text).toContain('"flash": "48KiB"');
  expect(text).toContain('train-images.idx.gz');
  expect(text).toMatch(/24,\s*16,\s*1/);
});

it('has made one that nothing is wrong with', async () => {
  const { workbench } = session();
  await workbench.codeLens('Run').waitFor();
  const problems = await workbench.problems();
  expect(problems.filter((problem) => /error/i.test(problem))).toEqual([]);
});
