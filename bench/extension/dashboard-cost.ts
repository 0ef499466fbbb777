/** What the dashboard's page costs while events pour in: the real page in Chromium, fed as the extension feeds it. */
import type { RunEvent } from '../../src/core/run/events';
import { openDashboard, startBrowser } from '../../test/dashboard/page';
import { curvesMessage, runsMessage, stateMessage } from '../../test/dashboard/messages';
import { METER_CONFIG, meterRun, runAfter } from '../../test/dashboard/recorded-run';

const EVENTS_A_SECOND = 50;
/** As src/extension/dashboard/panel.ts sends them. */
const BATCH_MS = 250;
const SECONDS = 10;
/** Of the run so far, so that the curves are long. */
const HISTORY = 20_000;

/** Share of one processor core that the page's main thread is busy with, and the milliseconds each batch takes. */
export async function dashboardCost(): Promise<{ readonly busy: number; readonly batch: number }> {
  const run = longRun();
  const browser = await startBrowser();
  const dashboard = await openDashboard(browser, { configFile: METER_CONFIG });
  try {
    const client = await dashboard.page.context().newCDPSession(dashboard.page);
    await client.send('Performance.enable');
    const busySeconds = async (): Promise<number> => {
      const { metrics } = await client.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
    };
    let sent = HISTORY;
    const shown = (): ReturnType<typeof runAfter> => runAfter(run, sent);
    await dashboard.send(
      stateMessage(shown()),
      curvesMessage(run, 0, sent),
      runsMessage([shown()]),
    );
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const before = await busySeconds();
    const start = performance.now();
    const batches = (SECONDS * 1000) / BATCH_MS;
    for (let i = 0; i < batches; i++) {
      const until = sent + (EVENTS_A_SECOND * BATCH_MS) / 1000;
      const curves = curvesMessage(run, Math.floor(sent), Math.floor(until));
      sent = Math.floor(until);
      await dashboard.sendRaw(stateMessage(shown()));
      await dashboard.sendRaw(curves);
      const due = start + (i + 1) * BATCH_MS;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
    const seconds = (performance.now() - start) / 1000;
    const busy = (await busySeconds()) - before;
    if (dashboard.complaints.length > 0) throw new Error(dashboard.complaints.join('\n'));
    return { busy: busy / seconds, batch: (1000 * busy) / batches };
  } finally {
    await dashboard.close();
    await browser.close();
  }
}

/** The recorded run again and again, each time with later steps. */
function longRun(): ReturnType<typeof meterRun> {
  const run = meterRun();
  const last = run.events.findLast(({ type }) => type === 'step')?.step ?? 0;
  const events: RunEvent[] = [];
  for (let round = 0; events.length < HISTORY + EVENTS_A_SECOND * (SECONDS + 2); round++) {
    for (const event of run.events) {
      if (event.type !== 'step' && event.type !== 'prune') continue;
      events.push({ ...event, step: event.step + round * last });
    }
  }
  return { ...run, events };
}
