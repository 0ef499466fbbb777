/** With files that the first version wrote: the dashboard's run of the meter, and a checkpoint of the toy job. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readContainer } from '../../../src/core/run/container';
import {
  currentCheckpoint,
  currentEvent,
  currentReport,
} from '../../../src/core/run/earlier-versions';
import { EventLog } from '../../../src/core/run/event-log';
import { LogTail } from '../../../src/core/run/log-tail';
import { RunFolder } from '../../../src/core/run/run-folder';
import { valueAt } from '../../../src/core/tasks/measurement';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { train } from '../../../src/core/train/loop/train';
import { checkSnapshot } from '../../../src/core/train/loop/snapshot-schema';
import { sampleReport } from '../cli/fixtures';
import { accuracies } from '../tasks/accuracies';
import { finished, job } from '../train/toy-job';

const fixtures = join(import.meta.dirname, '../../fixtures');
const meterRun = join(fixtures, 'dashboard/meter-run');
const checkpoint = join(fixtures, 'runs/version-1/step-000000101.ckpt');

describe('a run of the first version', () => {
  const log = join(meterRun, 'events.jsonl');

  it('has a log that tells its measurements as today, at once and as it is followed', async () => {
    const written = readFileSync(log, 'utf8');
    expect(written).toContain('"stage":"int8Dense"');
    const events = new EventLog(log).read();
    expect(JSON.stringify(events)).not.toMatch(/int8Dense|int8Sparse|"accuracy":/);
    const evaluations = events.filter((event) => event.type === 'evaluation');
    expect(evaluations.at(-1)).toMatchObject(accuracies({ fitted: 0.981 })[0]!);
    expect(new Set(evaluations.map(({ stage }) => stage))).toEqual(
      new Set(['float', 'quantized', 'fitted']),
    );
    expect(events.find((event) => event.type === 'step')).toMatchObject({
      metric: 'accuracy',
      value: 0.1875,
      loss: 2.4489452838897705,
    });
    expect(events[0]).toMatchObject({
      type: 'started',
      trainedWith: expect.stringMatching(/^WASM/),
    });
    expect(events.filter((event) => event.type === 'prune').at(-1)).toMatchObject({
      targetBytes: 14702,
      blobBytes: 14689,
      layers: [
        { name: 'conv1', blobBytes: 108 },
        { name: 'conv2', blobBytes: 2592 },
        { name: 'conv3', blobBytes: 6863 },
        { name: 'dense1', blobBytes: 4438 },
        { name: 'dense2', blobBytes: 640 },
      ],
    });
    expect((await new LogTail(log).read()).events).toEqual(events);
  });

  it('has a report', () => {
    expect(new RunFolder(meterRun).loadReport()).toMatchObject({
      version: 3,
      trainedWith: expect.stringMatching(/^WASM/),
      measured: accuracies({ float: 0.986, quantized: 0.9855, fitted: 0.981 }),
      testExamples: 2000,
      withinBudget: true,
      layers: [112, 2596, 6870, 4458, 644].map((blobBytes) => ({ blobBytes })),
    });
  });

  it('has examples, whose classes are targets', () => {
    const folder = new RunFolder(join(fixtures, 'runs/version-1'));
    expect(folder.loadExamples()).toEqual({
      vectors: {
        inputs: [Int8Array.of(1, 2, -128), Int8Array.of(4, 5, 127)],
        outputs: [Int8Array.of(1, 2), Int8Array.of(3, 4)],
      },
      targets: Float32Array.of(1, 0),
    });
  });

  it('goes on from its checkpoint', async () => {
    const checked = checkSnapshot(currentCheckpoint(readContainer(checkpoint, 'checkpoint')));
    if ('problem' in checked) throw new Error(checked.problem);
    const snapshot = checked.value;
    expect(snapshot.meta).toMatchObject({
      version: 3,
      measured: accuracies({ float: 0.8291666666666667, quantized: 0.8166666666666667 }),
      best: { step: 90, value: 0.7583333333333333, storedBytes: expect.any(Number) },
    });
    const outcome = finished(await train(job(await openEngine('wasm'), 'east', { snapshot })));
    expect(valueAt(outcome.measured, 'float')).toBe(0.8291666666666667);
    expect(valueAt(outcome.measured, 'quantized')).toBe(0.8166666666666667);
    expect(valueAt(outcome.measured, 'fitted')).toBeGreaterThan(0.7);
  });
});

describe('what the second version wrote', () => {
  it('is a report whose words have others today', () => {
    const { trainedWith, layers, ...rest } = sampleReport();
    const second = {
      ...rest,
      version: 2,
      engine: trainedWith,
      layers: layers.map(({ blobBytes, ...layer }) => ({ ...layer, encodedBytes: blobBytes })),
    };
    expect(currentReport(second)).toEqual({ ...rest, version: 3, trainedWith, layers });
  });

  it.each([
    [
      { step: 3, value: 0.5, encodedBytes: 7 },
      { step: 3, value: 0.5, storedBytes: 7 },
    ],
    [null, null],
  ])('is a checkpoint with the best state %j', (before, now) => {
    expect(currentCheckpoint({ meta: { version: 2, best: before }, arrays: {} }).meta).toEqual({
      version: 3,
      best: now,
    });
  });
});

describe('what needs no translation', () => {
  it.each([
    { type: 'started', step: 0, trainedWith: 'WASM' },
    { type: 'prune', step: 1, blobBytes: 3, layers: [{ name: 'conv', blobBytes: 3 }] },
    { type: 'step', step: 1, metric: 'accuracy', value: 0.5 },
    { type: 'finished', step: 1 },
    'text',
    null,
  ])('comes back as it is: %j', (value) => {
    expect(currentEvent(value)).toBe(value);
    expect(currentReport(value)).toBe(value);
    expect(currentCheckpoint({ meta: value, arrays: {} }).meta).toBe(value);
  });

  it('is a report that is damaged, and stays so', () => {
    const damaged = { version: 1, accuracy: 0.9 };
    expect(currentReport(damaged)).toBe(damaged);
  });
});
