/** A recorded run as the extension would show it, at any point of its history. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EncodedModel } from '../../src/core/firmware/encoded-model';
import { savingsOf } from '../../src/core/report/measure-savings';
import type { Report } from '../../src/core/report/report';
import { effectiveEvents, EventLog } from '../../src/core/run/event-log';
import type { RunEvent } from '../../src/core/run/events';
import { RunFolder } from '../../src/core/run/run-folder';
import { withMeasurement, type Measurement } from '../../src/core/tasks/measurement';
import { loadConfig } from '../../src/core/config/load-config';
import { loadModel } from '../../src/core/models/models';
import { expectationOf } from '../../src/extension/dashboard/expect';
import type { Expectation } from '../../src/extension/dashboard/expectation';
import { seenExample } from '../../src/extension/dashboard/seen-example';
import type { ComparedRun } from '../../src/extension/dashboard/run-summary';
import type { SeenExample } from '../../src/protocol/dashboard';
import { defined } from '../../src/core/util/defined';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const METER_CONFIG = join(root, 'examples/meter/meter.east.json');

export interface RecordedRun {
  readonly id: string;
  readonly events: readonly RunEvent[];
  readonly report: Report;
  readonly model: EncodedModel;
  /** Of the test set as the network is given them, where a front end makes them; by index. */
  readonly seen?: readonly SeenExample[];
}

/** Of the example in examples/meter, trained for all its 16 epochs. */
export function meterRun(): RecordedRun {
  return readRun(join(root, 'test/fixtures/dashboard/meter-run'), 'meter-20261122-190149-00');
}

export function readRun(folder: string, id: string): RecordedRun {
  const run = new RunFolder(folder);
  const report = run.loadReport();
  const model = run.loadModel();
  if (!existsSync(folder) || report === undefined || model === undefined) {
    throw new Error(`${folder} holds no finished run`);
  }
  const events = effectiveEvents(new EventLog(join(folder, 'events.jsonl')).read());
  const { encoded } = model;
  // Recorded before reports said what saved the bytes.
  const layers = report.layers.map((layer) => {
    const stored = encoded.layers.find(({ name }) => name === layer.name);
    return { ...layer, ...defined({ savings: stored && savingsOf(stored) }) };
  });
  const examples = encoded.model.frontend === undefined ? undefined : run.loadExamples();
  const seen = examples?.vectors.inputs.map((_, i) =>
    seenExample(encoded.model, model, examples, i),
  );
  return { id, events, report: { ...report, layers }, model: encoded, ...defined({ seen }) };
}

export function meterExpectation(): Expectation {
  const config = loadConfig(METER_CONFIG, { workspace: dirname(METER_CONFIG) });
  return expectationOf(config, loadModel(config.model));
}

/** What the run's first `count` events say; with all of them, and so its report, where there are no more. */
export function runAfter(
  { id, events, report }: RecordedRun,
  count: number = events.length,
  configFile = METER_CONFIG,
): ComparedRun {
  const seen = events.slice(0, count);
  const finished = count >= events.length;
  const measured = seen.reduce<readonly Measurement[]>(
    (known, event) => (event.type === 'evaluation' ? withMeasurement(known, event) : known),
    [],
  );
  const started = seen.find(
    (event): event is RunEvent & { type: 'started' } => event.type === 'started',
  );
  const lastStep = seen.findLast((event) => event.type === 'step');
  const lastPrune = seen.findLast((event) => event.type === 'prune');
  return {
    id,
    configFile,
    activity: finished ? 'finished' : 'running',
    measured,
    config: { east: { method: report.method } },
    ...(started === undefined ? {} : { startedAt: started.time, trainedWith: started.trainedWith }),
    ...(lastStep === undefined ? {} : { lastStep, totalSteps: lastStep.totalSteps }),
    ...defined({ lastPrune }),
    ...(finished ? { report } : {}),
  };
}
