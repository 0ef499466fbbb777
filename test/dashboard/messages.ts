/** What the extension would send for a recorded run. */
import { curvesOf } from '../../src/extension/dashboard/curves';
import { summaryOf, type ComparedRun } from '../../src/extension/dashboard/run-summary';
import { runLabel } from '../../src/extension/dashboard/run-label';
import { dashboardState, type StateInput } from '../../src/extension/dashboard/state';
import { weightMapOf } from '../../src/extension/dashboard/weights';
import type { ToHost, ToPage } from '../../src/protocol/dashboard';
import { METER_CONFIG, meterExpectation, runAfter, type RecordedRun } from './recorded-run';

export function stateMessage(
  run: ComparedRun | undefined,
  change: Partial<StateInput> = {},
): Extract<ToPage, { type: 'state' }> {
  return {
    type: 'state',
    state: dashboardState({
      configFile: METER_CONFIG,
      configLabel: 'meter.east.json',
      name: 'meter',
      restricted: false,
      run,
      following: true,
      runs: run === undefined ? [] : [{ id: run.id, label: runLabel(run) }],
      expectation: meterExpectation(),
      runCount: run === undefined ? 0 : 1,
      ...change,
    }),
  };
}

export function curvesMessage(
  { events }: RecordedRun,
  from = 0,
  to: number = events.length,
): ToPage {
  return { type: 'curves', reset: from === 0, ...curvesOf(events.slice(from, to)) };
}

export function runsMessage(runs: readonly ComparedRun[]): ToPage {
  return { type: 'runs', runs: runs.map((run) => summaryOf(run, 'meter.east.json')) };
}

/** The answer to the page's latest request for weights. */
export function weightsMessage({ model }: RecordedRun, sent: readonly ToHost[]): ToPage {
  const request = sent.findLast((message) => message.type === 'weights');
  if (request?.type !== 'weights') throw new Error('the page asked for no weights');
  return { ...request, ...weightMapOf(model, request.layer) };
}

/** The answer to the page's latest request for an example. */
export function exampleMessage({ id, seen }: RecordedRun, sent: readonly ToHost[]): ToPage {
  const request = sent.findLast((message) => message.type === 'example');
  const example = seen?.[request?.index ?? 0];
  if (request === undefined || example === undefined) throw new Error('no example to show');
  return { type: 'example', request: request.request, runId: id, example };
}

/** All that a finished run gives. */
export function finishedMessages(run: RecordedRun): ToPage[] {
  const shown = runAfter(run);
  const { type, state } = stateMessage(shown);
  const hasExamples = run.seen !== undefined;
  return [{ type, state: { ...state, hasExamples } }, curvesMessage(run), runsMessage([shown])];
}
