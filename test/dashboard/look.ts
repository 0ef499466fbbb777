/**
 * Takes pictures of the dashboard in every theme and in the sizes that matter, for people to look at:
 * `npx tsx test/dashboard/look.ts <folder> [<folder of a run> [<layer>]]`.
 */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withMeasurement } from '../../src/core/tasks/measurement';
import {
  curvesMessage,
  exampleMessage,
  finishedMessages,
  runsMessage,
  stateMessage,
  weightsMessage,
} from './messages';
import { openDashboard, startBrowser, type Dashboard, type OpenOptions } from './page';
import { meterRun, METER_CONFIG, readRun, runAfter } from './recorded-run';
import type { ThemeKind } from './themes';

const [out = 'dashboard-pictures', folder, wanted] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const run = folder === undefined ? meterRun() : readRun(folder, basename(folder));
/** The one that is compressed most, where none is named. */
const layer = wanted ?? [...run.report.layers].sort((a, b) => b.ratio - a.ratio)[0]?.name ?? '';
const half = Math.floor(run.events.length * 0.62);
const browser = await startBrowser();

async function picture(
  name: string,
  options: Partial<OpenOptions>,
  fill: (dashboard: Dashboard) => Promise<void>,
): Promise<void> {
  const dashboard = await openDashboard(browser, { configFile: METER_CONFIG, ...options });
  await fill(dashboard);
  await dashboard.page.waitForTimeout(300);
  // A picture of the full page would take the pointer away.
  const fullPage = !name.startsWith('weights');
  await dashboard.page.screenshot({ path: join(out, `${name}.png`), fullPage });
  for (const complaint of dashboard.complaints) process.stderr.write(`${name}: ${complaint}\n`);
  await dashboard.close();
}

async function tab(dashboard: Dashboard, name: 'curves' | 'weights' | 'compare'): Promise<void> {
  if (name !== 'weights') return dashboard.send({ type: 'show', tab: name });
  await dashboard.page.getByRole('button', { name: layer, exact: true }).click();
  while (!dashboard.sent.some(({ type }) => type === 'weights'))
    await dashboard.page.waitForTimeout(20);
  await dashboard.send(weightsMessage(run, dashboard.sent));
}

const variants = (['east', 'magnitude', 'group', 'dense'] as const).map((method, i) => {
  const base = runAfter(run);
  const { flash } = run.report;
  const report = {
    ...run.report,
    method,
    flash: { ...flash, weights: Math.round(flash.weights * [1, 1.06, 1.12, 3.7][i]!) },
    measured: withMeasurement(run.report.measured, {
      metric: 'accuracy',
      stage: 'fitted',
      value: 0.981 - [0, 0.006, 0.013, -0.004][i]!,
    }),
  };
  return { ...base, id: i === 0 ? base.id : `${base.id}${i}`, report };
});

async function live(dashboard: Dashboard): Promise<void> {
  await dashboard.send(stateMessage(runAfter(run, half)), curvesMessage(run, 0, half));
}
async function finished(dashboard: Dashboard): Promise<void> {
  await dashboard.send(...finishedMessages(run), runsMessage(variants));
  if (run.seen === undefined) return;
  while (!dashboard.sent.some(({ type }) => type === 'example'))
    await dashboard.page.waitForTimeout(20);
  await dashboard.send(exampleMessage(run, dashboard.sent));
}

for (const theme of [
  'vscode-dark',
  'vscode-light',
  'vscode-high-contrast',
  'vscode-high-contrast-light',
] satisfies ThemeKind[]) {
  const short = theme.replace('vscode-', '');
  await picture(`live-${short}`, { theme }, live);
  for (const name of ['curves', 'weights', 'compare'] as const) {
    await picture(`${name}-${short}`, { theme }, async (dashboard) => {
      await finished(dashboard);
      await tab(dashboard, name);
      if (name === 'weights')
        await dashboard.page.locator('.map canvas').hover({ position: { x: 330, y: 140 } });
    });
  }
}
await picture('900x700', { width: 900, height: 700 }, finished);
await picture('900x700-weights', { width: 900, height: 700 }, async (dashboard) => {
  await finished(dashboard);
  await tab(dashboard, 'weights');
});
await picture('480', { width: 480, height: 900, theme: 'vscode-light' }, finished);
await picture('480-compare', { width: 480, height: 900 }, async (dashboard) => {
  await finished(dashboard);
  await tab(dashboard, 'compare');
});
await picture('zoom-200', { width: 700, height: 450, scale: 2 }, finished);
await picture('empty', {}, (dashboard) => dashboard.send(stateMessage(undefined)));
await picture('restricted', { theme: 'vscode-light' }, (dashboard) =>
  dashboard.send(stateMessage(undefined, { restricted: true })),
);
await picture('over-budget', {}, async (dashboard) => {
  const shown = runAfter(run);
  const report = { ...run.report, budget: { flash: 16384, ram: 12800 }, withinBudget: false };
  await dashboard.send(stateMessage({ ...shown, report }), curvesMessage(run));
});
await picture('broken', {}, (dashboard) =>
  dashboard.send(
    stateMessage(undefined, {
      expectation: new Error('meter.east.json:4:3: model.width must be at least 1'),
    }),
  ),
);
await browser.close();
