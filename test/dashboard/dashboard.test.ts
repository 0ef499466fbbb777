/** The dashboard in a real browser, with the messages of a real run: what a user can see and do, in every theme. */
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/core/run/events';
import { formatCount } from '../../src/core/report/format';
import { parseToPage } from '../../src/protocol/dashboard';
import {
  curvesMessage,
  finishedMessages,
  runsMessage,
  stateMessage,
  weightsMessage,
} from './messages';
import { findChromium } from '../../scripts/lib/chromium.mjs';
import { axeSource, openDashboard, startBrowser, type Dashboard, type OpenOptions } from './page';
import { SEGMENT_KINDS } from '../../src/protocol/dashboard';
import { METER_CONFIG, meterRun, runAfter } from './recorded-run';
import { THEMES, type ThemeKind } from './themes';

const installed = findChromium() !== undefined;
if (!installed) {
  process.stderr.write(
    'Chromium is missing, so the dashboard is not tested: npm run setup installs it.\n',
  );
}
const run = meterRun();

/** Where the events of the run have got to when `count` choices of masks have been made. */
function afterPrunes(count: number): number {
  let seen = 0;
  return run.events.findIndex((event) => event.type === 'prune' && ++seen === count) + 1;
}

describe.skipIf(!installed)('dashboard', () => {
  let browser: Browser;
  const open: Dashboard[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    const complaints = open.flatMap((dashboard) => dashboard.complaints);
    await Promise.all(open.splice(0).map((dashboard) => dashboard.close()));
    // Neither errors nor anything the content security policy kept out.
    expect(complaints).toEqual([]);
  });

  async function dashboard(options: Partial<OpenOptions> = {}): Promise<Dashboard> {
    const opened = await openDashboard(browser, { configFile: METER_CONFIG, ...options });
    open.push(opened);
    return opened;
  }

  async function finished(options: Partial<OpenOptions> = {}): Promise<Dashboard> {
    const opened = await dashboard(options);
    await opened.send(...finishedMessages(run));
    return opened;
  }

  async function weights(options: Partial<OpenOptions> = {}): Promise<Dashboard> {
    const opened = await finished(options);
    await opened.page.getByRole('button', { name: 'dense1', exact: true }).click();
    await opened.page.waitForFunction(() =>
      document.querySelector('.weights vscode-progress-ring:not([hidden])'),
    );
    await opened.send(weightsMessage(run, opened.sent));
    await opened.page.locator('.weights canvas').waitFor();
    return opened;
  }

  async function curvesAreDrawn({ page }: Dashboard): Promise<void> {
    await expect.poll(() => page.locator('.curves figure svg').count()).toBe(4);
  }

  const layerNames = (opened: Dashboard): Promise<string[]> =>
    opened.page.locator('.layers tbody th button').allTextContents();

  function header({ page }: Dashboard, name: string): Locator {
    return page.locator('.layers').getByRole('columnheader', { name, exact: true });
  }

  it('says that it is ready, and shows fit, accuracy and layers of a finished run', async () => {
    const { page, sent } = await finished();
    expect(sent[0]).toEqual({ type: 'ready' });
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('meter');
    expect(await page.locator('.gauge.flash .total').textContent()).toBe('19.6 KiB of 32.0 KiB');
    expect(await page.locator('.gauge.ram .verdict').textContent()).toBe('✓ 3.2 KiB free');
    expect(await page.locator('.stages .big').allTextContents()).toEqual([
      '98.6 %',
      '98.6 %',
      '98.1 %',
    ]);
    expect(await page.locator('.layers tbody tr').count()).toBe(run.report.layers.length);
  });

  it('says what saved the bytes of each layer, and only of a finished run', async () => {
    const opened = await finished();
    const section = opened.page.getByRole('region', { name: 'What saved the bytes' });
    const bar = section.getByRole('img', { name: /^dense1, / });
    const { savings, blobBytes } = run.report.layers.find(({ name }) => name === 'dense1')!;
    expect(await bar.getAttribute('aria-label')).toBe(
      `dense1, 49,152 bytes as dense int8: left ${formatCount(blobBytes)}, saved by few levels 0, ` +
        `by pruning ${formatCount(savings!.zeros)}, by the encoding of the rest ${formatCount(savings!.coding)}`,
    );
    expect(await section.getByText('raw: LZ4 would take 2 bytes more').count()).toBe(1);
    await opened.send(stateMessage(runAfter(run, afterPrunes(2))));
    expect(await section.isVisible()).toBe(false);
  });

  it.each(['vscode-dark', 'vscode-light', 'vscode-high-contrast'] as const)(
    'shows an example as the chip sees it, one after another (%s)',
    async (theme) => {
      const opened = await finished({ theme });
      const section = opened.page.getByRole('region', { name: 'As the chip sees it' });
      expect(await section.isVisible()).toBe(false);
      const { state } = stateMessage(runAfter(run));
      await opened.send({ type: 'state', state: { ...state, hasExamples: true } });
      const asked = async (index: number): Promise<number> => {
        const find = () => opened.sent.findLast((message) => message.type === 'example');
        await expect.poll(() => find()).toMatchObject({ index, runId: run.id });
        return find()?.request ?? -1;
      };
      // The first frame holds the least, the second the largest code at the lowest feature.
      const axes = {
        time: { title: 'time in ms', ticks: [{ at: 0.5, label: '20' }] },
        feature: { title: 'frequency in Hz', ticks: [{ at: 0.25, label: '500' }] },
      };
      const words = { label: 'yes', told: 'no' };
      const example = { index: 0, count: 3, frames: 2, features: 2, ...axes, ...words };
      const codes = Int8Array.of(-128, -128, 127, -128);
      await opened.send({
        type: 'example',
        request: await asked(0),
        runId: run.id,
        example: { ...example, codes },
      });
      const canvas = section.getByRole('img', {
        name: 'Example 1 of 3 of the test set, it is yes, the network says no',
      });
      await canvas.waitFor();
      const pixels = await canvas.evaluate((element) => {
        if (!(element instanceof HTMLCanvasElement)) throw new Error('no canvas');
        return [...(element.getContext('2d')?.getImageData(0, 0, 2, 2).data ?? [])];
      });
      const [topLeft, topRight, bottomLeft, bottomRight] = [0, 4, 8, 12].map((at) =>
        pixels.slice(at, at + 4).join(),
      );
      expect([topRight, bottomLeft]).toEqual([topLeft, topLeft]);
      expect(bottomRight).not.toBe(topLeft);
      await section.getByRole('button', { name: 'Next example' }).click();
      await asked(1);
      await section.getByRole('button', { name: 'Previous example' }).click();
      const request = await asked(0);
      await opened.send({ type: 'exampleFailed', request, message: 'the file is missing' });
      await section.getByText('It cannot be shown: the file is missing').waitFor();
      expect(await section.getByRole('img').count()).toBe(0);
    },
  );

  it('sorts the layers with the keyboard and says so', async () => {
    const opened = await finished();
    const bytes = header(opened, 'Bytes');
    await bytes.getByRole('button').focus();
    await opened.page.keyboard.press('Enter');
    const byBytes = [...run.report.layers]
      .sort((a, b) => b.blobBytes - a.blobBytes)
      .map(({ name }) => name);
    await expect.poll(() => layerNames(opened)).toEqual(byBytes);
    expect(await bytes.getAttribute('aria-sort')).toBe('descending');
    await opened.page.keyboard.press('Space');
    await expect.poll(() => layerNames(opened)).toEqual(byBytes.reverse());
    expect(await bytes.getAttribute('aria-sort')).toBe('ascending');
    expect(await header(opened, 'Layer').getAttribute('aria-sort')).toBeNull();
    expect(await opened.saved()).toMatchObject({
      layerSort: { column: 'bytes', descending: false },
    });
  });

  it('changes tabs with the keyboard and remembers the choice', async () => {
    const opened = await finished();
    await opened.page.getByRole('tab', { name: 'Curves' }).focus();
    await opened.page.keyboard.press('ArrowRight');
    await opened.page.keyboard.press('ArrowRight');
    await expect
      .poll(() => opened.page.getByRole('tab', { name: 'Compare' }).getAttribute('aria-selected'))
      .toBe('true');
    await expect.poll(() => opened.page.locator('.compare table').isVisible()).toBe(true);
    await expect.poll(() => opened.saved()).toMatchObject({ tab: 'compare' });
  });

  it('comes back as it was left: tab, run, layer and order', async () => {
    const saved = {
      configFile: METER_CONFIG,
      runId: run.id,
      tab: 'weights',
      layer: 'conv2',
      layerSort: { column: 'sparsity', descending: true },
    };
    const opened = await finished({ saved });
    expect(opened.sent[0]).toEqual({ type: 'ready', runId: run.id });
    await expect
      .poll(() =>
        opened.page.getByRole('tab', { name: 'Weight map' }).getAttribute('aria-selected'),
      )
      .toBe('true');
    await expect.poll(async () => (await layerNames(opened))[0]).toBe('dense1');
    await expect
      .poll(() => opened.sent.filter(({ type }) => type === 'weights'))
      .toMatchObject([{ runId: run.id, layer: 'conv2' }]);
  });

  it('starts anew where what was kept is no use', async () => {
    const opened = await finished({ saved: { tab: 'gone', layerSort: 7 } });
    await expect
      .poll(() => opened.page.getByRole('tab', { name: 'Curves' }).getAttribute('aria-selected'))
      .toBe('true');
    await expect
      .poll(() => opened.saved())
      .toMatchObject({ configFile: METER_CONFIG, tab: 'curves' });
  });

  it('ignores what is no valid message, and reports it', async () => {
    const opened = await finished();
    // The tabs' own elements settle in a time of their own, and charts are drawn where they are shown.
    await curvesAreDrawn(opened);
    const before = await opened.page.locator('main').innerText();
    const { state } = stateMessage(runAfter(run));
    const bad: unknown[] = [
      'hello',
      null,
      { type: 'unknown' },
      { type: 'state', state: { ...state, layers: 'none' } },
      { type: 'state', state: { ...state, gauges: [{ key: 'flash', parts: [], total: -1 }] } },
      { type: 'curves', reset: true, steps: [{ step: 1 }], prunes: [], evaluations: [] },
      { type: 'weights', request: 1, runId: 'x', layer: 'x', tiles: [{ segments: [1, 2, 3] }] },
    ];
    for (const message of bad) await opened.sendRaw(message);
    await expect
      .poll(() => opened.sent.filter(({ type }) => type === 'problem').length)
      .toBe(bad.length);
    expect(await opened.page.locator('main').innerText()).toBe(before);
  });

  it('draws the curves of a run as soon as it has them, on a page just opened, too', async () => {
    const opened = await dashboard();
    await opened.page.evaluate(() => {
      performance.now = () => 100;
    });
    await opened.send(...finishedMessages(run));
    await curvesAreDrawn(opened);
  });

  it('follows a run while it trains, without taking the focus away', async () => {
    const opened = await dashboard();
    const [early, late] = [afterPrunes(3), afterPrunes(12)];
    await opened.send(stateMessage(runAfter(run, early)), curvesMessage(run, 0, early));
    expect(await opened.page.locator('.status').textContent()).toBe('Training');
    const cell = opened.page
      .getByRole('row')
      .filter({ has: opened.page.getByRole('button', { name: 'dense1', exact: true }) })
      .locator('.column-bytes');
    const bytesAt = (count: number): string | undefined => {
      const prune = run.events
        .slice(0, count)
        .findLast((event): event is RunEvent & { type: 'prune' } => event.type === 'prune');
      return prune?.layers.find(({ name }) => name === 'dense1')?.blobBytes.toLocaleString('en-US');
    };
    expect(await cell.textContent()).toBe(bytesAt(early));
    const link = opened.page.getByRole('button', { name: 'conv2', exact: true });
    await link.focus();
    await opened.send(stateMessage(runAfter(run, late)), curvesMessage(run, early, late));
    expect(bytesAt(late)).not.toBe(bytesAt(early));
    await expect.poll(() => cell.textContent()).toBe(bytesAt(late));
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    // Steps are not announced; a change of state is.
    expect(await opened.page.getByRole('status').textContent()).toBe('');
    await opened.send(stateMessage(runAfter(run)));
    await expect.poll(() => opened.page.getByRole('status').textContent()).toBe('meter: Finished');
  });

  it('draws the metric that training was followed by, not that of the test set on the same axis', async () => {
    const opened = await finished();
    const error = { name: 'reconstruction error', unit: '', better: 'lower' } as const;
    const auc = { name: 'area under the ROC curve', unit: '', better: 'higher' } as const;
    const evaluation = { stage: 'float', set: 'validation' } as const;
    await opened.send({
      type: 'curves',
      reset: true,
      steps: [],
      prunes: [],
      evaluations: [
        { ...evaluation, step: 1, metric: error, value: 0.25 },
        { ...evaluation, step: 2, metric: error, value: 0.125 },
        { ...evaluation, set: 'test', step: 3, metric: auc, value: 1 },
      ],
    });
    const chart = opened.page.locator('figure', { hasText: 'Reconstruction error' }).locator('svg');
    await expect
      .poll(() => chart.last().getAttribute('aria-description'))
      .toBe('Latest evaluation: 0.1250 on the validation set at step 2.');
  });

  it('draws long runs with few points', async () => {
    const opened = await dashboard();
    const steps = Array.from({ length: 30_000 }, (_, i) => ({
      step: i,
      phase: 'float' as const,
      epoch: 1,
      loss: 1 / (1 + i) + (i % 7) / 50,
      value: Math.min(1, i / 30_000),
    }));
    await opened.send(stateMessage(runAfter(run)), {
      type: 'curves',
      reset: true,
      steps,
      prunes: [],
      evaluations: [],
    });
    const path = opened.page
      .locator('figure', { hasText: 'Loss' })
      .locator('[data-mark="line"] path');
    await expect
      .poll(async () => (await path.getAttribute('d'))?.split('L').length ?? 0)
      .toBeGreaterThan(500);
    expect((await path.getAttribute('d'))?.split('L').length).toBeLessThanOrEqual(1000);
  });

  it('tells how a weight is stored, with the pointer and with the keyboard', async () => {
    const opened = await weights();
    const canvas = opened.page.locator('.weights canvas');
    const tip = opened.page.locator('.weights .tip');
    await canvas.hover({ position: { x: 1, y: 1 } });
    const [first] = run.model.model.layers['dense1']!.weights;
    await expect.poll(() => tip.innerText()).toContain(`Weight 0 = ${first} · channel 0`);
    await canvas.focus();
    await opened.page.keyboard.press('End');
    const last = 64 * 768 - 1;
    await expect
      .poll(() => opened.page.locator('.weights p[aria-live]').textContent())
      .toContain(
        `Weight ${last.toLocaleString('en-US')} = ${run.model.model.layers['dense1']!.weights[last]}`,
      );
    expect(await opened.page.locator('.weights .summary').textContent()).toContain(
      '49,152 weights',
    );
  });

  it('finds zero runs and what matches repeat', async () => {
    const opened = await weights();
    await opened.page.locator('.weights canvas').focus();
    const spoken = opened.page.locator('.weights p[aria-live]');
    const seen = new Set<string>();
    await opened.page.keyboard.press('Home');
    for (let i = 0; i < 12; i++) {
      seen.add(((await spoken.textContent()) ?? '').replace(/ of .*| weights.*/, ''));
      await opened.page.keyboard.press('PageDown');
    }
    expect([...seen].some((text) => text.startsWith('Zero run'))).toBe(true);
    expect(await spoken.textContent()).toMatch(/Zero run|Match|literal/);
  });

  it('tells how many bits each weight of an entropy coder takes', async () => {
    const opened = await weights();
    const request = opened.sent.findLast((message) => message.type === 'weights');
    if (request?.type !== 'weights') throw new Error('nothing asked for');
    const [zeros, coded] = [SEGMENT_KINDS.indexOf('zeros'), SEGMENT_KINDS.indexOf('coded')];
    const codes = Int8Array.from({ length: 64 }, (_, i) => (i < 32 ? 0 : i % 2 === 0 ? -1 : 1));
    const bits = Float32Array.from({ length: 256 }, (_, symbol) =>
      symbol === 0 ? 0.5 : symbol === 1 ? 2 : symbol === 255 ? 7 : 0,
    );
    await opened.send({
      ...request,
      codes,
      order: { channels: 8, channelStep: 8 },
      // Of their format's; the coder does not pack.
      weightsPerByte: 5,
      tiles: [
        {
          weights: 64,
          storedBytes: 25,
          segments: Uint32Array.of(zeros, 32, 0, coded, 32, 0),
          bits,
        },
      ],
    });
    const { page } = opened;
    await expect
      .poll(() => page.locator('.weights .summary').textContent())
      .toMatch(/64 weights in 25 bytes, one tile. 25 B entropy-coded, 3.13 bits a weight./);
    expect(await page.locator('.code-lengths').innerText()).toMatch(/0\.50 bits\s*7\.0 bits/);
    await page.locator('.weights canvas').focus();
    const spoken = page.locator('.weights p[aria-live]');
    await page.keyboard.press('Home');
    expect(await spoken.textContent()).toMatch(
      /^Zero run of 32 weights in 2 bytes\. Weight 0 = 0 in 0\.50 bits · channel 0$/,
    );
    await page.keyboard.press('PageDown');
    expect(await spoken.textContent()).toMatch(
      /^Entropy-coded, 32 weights in 18 bytes\. Weight 32 = -1 in 7\.0 bits · channel 4$/,
    );
  });

  it('shows a layer of a million weights', async () => {
    const opened = await weights();
    const request = opened.sent.findLast((message) => message.type === 'weights');
    if (request?.type !== 'weights') throw new Error('nothing asked for');
    const total = 1 << 20;
    // By turns 3 literals and a run of 61.
    const count = total / 64;
    const segments = new Uint32Array(6 * count);
    const [literal, zeros] = [SEGMENT_KINDS.indexOf('literal'), SEGMENT_KINDS.indexOf('zeros')];
    for (let i = 0; i < count; i++) segments.set([literal, 3, 0, zeros, 61, 1], 6 * i);
    await opened.send({
      ...request,
      codes: Int8Array.from({ length: total }, (_, i) => (i % 64 < 2 ? i % 251 : 0)),
      order: { channels: 1024, channelStep: 1024 },
      weightsPerByte: 1,
      tiles: [{ weights: total, storedBytes: 6 * count, segments }],
    });
    await expect
      .poll(() => opened.page.locator('.weights .summary').textContent())
      .toContain('1,048,576 weights');
    await opened.page.locator('.weights canvas').hover({ position: { x: 40, y: 3 } });
    await expect.poll(() => opened.page.locator('.weights .tip').innerText()).toMatch(/Weight/);
  });

  it('says so where tiles contradict themselves', async () => {
    const opened = await weights();
    const message = weightsMessage(run, opened.sent);
    if (message.type !== 'weights') throw new Error('no weights');
    const [tile] = message.tiles;
    await opened.send({ ...message, tiles: [{ ...tile!, segments: Uint32Array.of(0, 5000, 0) }] });
    await expect
      .poll(() => opened.page.locator('.weights .nothing').innerText())
      .toContain('cannot be shown');
  });

  it('exports what is shown, complete and without the theme', async () => {
    const opened = await weights();
    const { page, sent } = opened;
    const exported = async (
      tab: string,
      name: string,
    ): Promise<{ name: string; content: string }> => {
      await page.getByRole('tab', { name: tab }).click();
      const count = sent.length;
      await page
        .locator('vscode-panel-view:not([hidden])')
        .getByRole('button', { name: `Export ${name}` })
        .click();
      await expect
        .poll(() => sent.slice(count).find(({ type }) => type === 'export'))
        .toBeDefined();
      const message = sent.slice(count).find(({ type }) => type === 'export');
      if (message?.type !== 'export') throw new Error('no export');
      expect(message.format).toBe(name.toLowerCase());
      return message;
    };
    const png = await exported('Weight map', 'PNG');
    expect(png.name).toBe('meter-weights-dense1');
    expect(Buffer.from(png.content, 'base64').subarray(1, 4).toString()).toBe('PNG');
    const map = await exported('Weight map', 'CSV');
    expect(map.content).toMatch(/^tile,first,length,kind,offset,weightsPerByte\n0,0,/);
    const svg = await exported('Curves', 'SVG');
    expect(svg.content).toMatch(/^<svg[^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg.content).toContain('Encoded weights');
    expect(svg.content).not.toMatch(/var\(|currentColor/);
    const drawing = await exported('Curves', 'PNG');
    expect(Buffer.from(drawing.content, 'base64').length).toBeGreaterThan(5000);
    const curves = await exported('Curves', 'CSV');
    expect(curves.content.split('\n').length).toBeGreaterThan(run.events.length);
    const runs = await exported('Compare', 'CSV');
    expect(runs.content.split('\n')[1]).toContain(run.id);
    await page.locator('.layers').getByRole('button', { name: 'Export CSV' }).click();
    await expect
      .poll(() => sent.findLast(({ type }) => type === 'export'))
      .toMatchObject({ name: 'meter-layers' });
  });

  it('offers what fits, and refuses with a reason in Restricted Mode', async () => {
    const opened = await dashboard();
    await opened.send(stateMessage(undefined, { restricted: true }));
    const start = opened.page.locator('.actions vscode-button[data-action="run"]');
    expect(await start.getAttribute('aria-disabled')).toBe('true');
    expect(await start.getAttribute('title')).toContain('Trust the workspace');
    await start.click();
    await opened.send(stateMessage(undefined));
    expect(await start.getAttribute('aria-disabled')).toBeNull();
    await start.click();
    await expect.poll(() => opened.sent.at(-1)).toEqual({ type: 'action', action: 'run' });
    expect(opened.sent.filter(({ type }) => type === 'action')).toHaveLength(1);
  });

  it('compares runs and lets one be left out', async () => {
    const opened = await finished();
    const [one] = [runAfter(run)];
    const other = { ...one, id: `${run.id}-2`, report: { ...run.report, method: 'magnitude' } };
    await opened.send(runsMessage([one, other]), { type: 'show', tab: 'compare' });
    const marks = opened.page.locator('.compare svg [data-mark="dot"] path');
    await expect.poll(() => opened.page.locator('.compare .legend li').count()).toBe(2);
    const before = await marks.count();
    await opened.page.locator('.compare vscode-checkbox').nth(1).click();
    await expect.poll(() => marks.count()).toBeLessThan(before);
    await expect.poll(() => opened.page.locator('.compare .legend li').count()).toBe(1);
  });

  it('follows a switch of the theme', async () => {
    const opened = await weights();
    const colors = (): Promise<{ cell: string; line: string }> =>
      opened.page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.weights canvas');
        const text = document.querySelector('.card h2');
        return {
          cell: canvas?.toDataURL() ?? '',
          line: text === null ? '' : getComputedStyle(text).color,
        };
      });
    const dark = await colors();
    await opened.theme('vscode-high-contrast-light');
    await expect.poll(async () => (await colors()).cell).not.toBe(dark.cell);
    expect((await colors()).line).not.toBe(dark.line);
  });

  describe.each(Object.keys(THEMES) as ThemeKind[])('%s', (theme) => {
    it('has nothing that axe objects to', async () => {
      const opened = await weights({ theme });
      const violations: string[] = [];
      const check = async (what: string): Promise<void> => {
        await opened.page.evaluate(axeSource());
        const found: unknown = await opened.page.evaluate(
          `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap((v) =>
             v.nodes.map((node) => v.id + ': ' + node.target.join(' ') + ' ' + (node.any[0]?.message ?? ''))))`,
        );
        if (Array.isArray(found))
          violations.push(...found.map((each) => `${what}: ${String(each)}`));
      };
      await check('weights');
      await opened.send({ type: 'show', tab: 'compare' });
      await check('compare');
      await opened.send({ type: 'show', tab: 'curves' });
      await check('curves');
      const shown = runAfter(run);
      const report = { ...run.report, budget: { flash: 16384, ram: 12800 }, withinBudget: false };
      await opened.send(stateMessage({ ...shown, report }, { restricted: true }));
      await check('over budget');
      await opened.send(stateMessage(undefined));
      await check('empty');
      expect(violations).toEqual([]);
    });
  });

  it('gets only messages that the page accepts', () => {
    for (const message of finishedMessages(run))
      expect(parseToPage(message)).toMatchObject({ ok: true });
  });
});
