// A network that PyTorch trained, from its file in the Explorer to verified C: wizard, training, dashboard, sources; then the
// same quantised, and what is said of files that are missing, cut off, unsupported or somewhere else.
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { root } from './lib/environment';
import { useSession } from './lib/session';
import { expectNoProblems, generateAndVerify, trainAndShow } from './lib/steps';
import { limit, waitFor } from './lib/wait';
import { answerAll } from './lib/wizard';
import type { Workspace } from './lib/workspace';

const FIXTURES = path.join(root, 'test/fixtures/models');
const NETWORK = path.join(FIXTURES, 'meter_torch.onnx');
const outside: string[] = [];
afterAll(() => Promise.all(outside.map((folder) => rm(folder, { recursive: true }))));

const session = useSession({ workspace: { train: 1000, test: 300 }, prepare });

async function prepare(workspace: Workspace): Promise<void> {
  await rm(workspace.config);
  await mkdir(workspace.file('models'));
  await cp(NETWORK, workspace.file('models/digits.onnx'));
  const bytes = await readFile(NETWORK);
  await writeFile(workspace.file('models/cut.onnx'), bytes.subarray(0, bytes.length / 2));
  await cp(path.join(FIXTURES, 'keras/lambda.keras'), workspace.file('models/lambda.keras'));
  const elsewhere = await mkdtemp(path.join(os.tmpdir(), 'east-e2e-outside-'));
  outside.push(elsewhere);
  await cp(NETWORK, path.join(elsewhere, 'linked.onnx'));
  await symlink(path.join(elsewhere, 'linked.onnx'), workspace.file('models/linked.onnx'));
}

const config = (workspace: Workspace): string => workspace.file('digits.east.json');

it('offers a config for a model file in the Explorer', async () => {
  const { workbench } = session();
  await workbench.expand(/^models$/);
  const item = workbench.page.getByRole('menuitem', { name: 'EAST: Create Config from Model...' });
  // The menu does not learn of commands that come while it is open, and closes when the theme changes.
  const open = (): Promise<true> =>
    waitFor('the menu to offer it', 60, async (attempt) => {
      if (await item.isVisible()) return true;
      await workbench.treeItem('digits.onnx').click({ button: 'right' });
      const there = await item.waitFor({ timeout: 2000 * attempt }).then(
        () => true as const,
        () => undefined,
      );
      if (there === undefined) await workbench.page.keyboard.press('Escape');
      return there;
    });
  await open();
  await workbench.shot('model-menu');
  await open();
  await item.click();
});

it('asks what there is room for, what the network is used for, and for data', async () => {
  const { workbench, workspace } = session();
  const asked = await answerAll(
    workbench,
    [
      { step: /^models\/digits\.onnx: ONNX/, shows: 'too much' },
      { step: /Data/, shows: '24×16×1 · 10 classes' },
      { step: /Flash/, types: '13KiB' },
      { step: /RAM/, types: '16KiB' },
    ],
    'model-wizard',
  );
  expect(asked).toHaveLength(7);
  await workbench.editor('digits.east.json').waitFor();
  const text = await readFile(config(workspace), 'utf8');
  expect(text).toContain('"file": "models/digits.onnx"');
  expect(text).toContain('"use": "fit"');
  expect(text).toContain('train-images.idx.gz');
});

it('has made one that nothing is wrong with, and that says what the network is', async () => {
  const { workbench, workspace } = session();
  await expectNoProblems(workbench);
  await waitFor('what the network takes, behind its file', 30, async () => {
    const texts = await workbench.decorations();
    return texts.some((text) => /24×16×1 · \d+ layers · [\d.]+ KiB dense int8/.test(text))
      ? true
      : undefined;
  });
  await workbench.shot('model-config');
  const text = await readFile(config(workspace), 'utf8');
  await workbench.goToText(text, 'models/digits.onnx');
  await workbench.command('Show or Focus Hover');
  const hover = workbench.page.locator('.monaco-hover:visible', { hasText: 'as dense int8' });
  await hover.waitFor();
  expect(await hover.innerText()).toMatch(/Conv/);
  await workbench.shot('model-hover');
  await workbench.page.keyboard.press('Escape');
});

it('trains it until it fits, and the dashboard shows what that took', async () => {
  const { workbench, workspace } = session();
  await workspace.edit(
    (text) => text.replace(/"pruneEpochs": \d+/, '"pruneEpochs": 4'),
    config(workspace),
  );
  await trainAndShow(session(), 'digits', 'model');
  await workbench.webview.locator('.layers').scrollIntoViewIfNeeded();
  await workbench.shot('model-layers');
  for (const tab of ['Weight map', 'Curves']) {
    await workbench.webview.getByRole('tab', { name: tab }).click();
    await workbench.shot(`model-${tab.toLowerCase().replace(' ', '-')}`);
  }
});

it('writes the sources and verifies them', async () => {
  await generateAndVerify(session().workbench, 'digits', 'model');
});

it('quantises it, and shows which layer that costs most', async () => {
  const { workbench, workspace } = session();
  await workspace.edit(
    (text) => text.replace('"use": "fit"', '"use": "quantize"').replace('"13KiB"', '"32KiB"'),
    config(workspace),
  );
  await workbench.command('EAST: Run Training');
  await workspace.untilRun('finished', 2);
  await workbench.notification(/digits: .* finished/).waitFor();
  await workbench.shot('model-quantised');
  await workbench.clearNotifications();
  await workbench.command('EAST: Open Dashboard');
  await workbench.webview.locator('.layers tbody tr').first().waitFor();
  await workbench.webview.getByText(/dB/).first().waitFor();
  await workbench.shot('model-quantised-dashboard');
});

it('calls sources out of date when the file holds another network', async () => {
  const { workbench, workspace } = session();
  await workbench.openFile('digits.east.json');
  await workbench.command('EAST: Regenerate Firmware Sources');
  await workbench.notification(/digits: \d+ files/).waitFor({ timeout: limit(60) });
  await workbench.clearNotifications();
  await workbench.showProblems();
  const stale = workbench.problem(
    /sources are of a network that models\/digits\.onnx does not hold/,
  );
  await stale.waitFor({ state: 'detached' });
  await cp(path.join(FIXTURES, 'onnx/torch_cnn.onnx'), workspace.file('models/digits.onnx'));
  await stale.waitFor();
  await workbench.shot('model-stale');
  await cp(NETWORK, workspace.file('models/digits.onnx'));
  await stale.waitFor({ state: 'detached' });
});

it.each([
  ['digit.onnx', /digit\.onnx: there is no such file/, /Take models\/digits\.onnx/],
  ['cut.onnx', /cut\.onnx: .*(cut off|damaged)/, /Show what can be read/],
  ['lambda.keras', /lambda\.keras: .*Lambda/, /Show what can be read/],
  ['linked.onnx', /linked\.onnx.*outside the workspace/, undefined],
])('says what is wrong with %s, and what to do', async (name, message, fix) => {
  const { workbench, workspace } = session();
  const before = await readFile(config(workspace), 'utf8');
  await workspace.edit((text) => text.replace('digits.onnx', name), config(workspace));
  await workbench.problem(message).waitFor();
  const after = await readFile(config(workspace), 'utf8');
  if (fix !== undefined) {
    await workbench.goToText(after, `models/${name}`);
    await workbench.showQuickFixes();
    await workbench.page.locator('.action-widget', { hasText: fix }).waitFor();
  }
  await workbench.shot(`model-problem-${name.replace('.', '-')}`);
  if (fix !== undefined) await workbench.page.keyboard.press('Escape');
  await workspace.edit(() => before, config(workspace));
  await workbench.problem(message).waitFor({ state: 'detached' });
});
