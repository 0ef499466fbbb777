/** Records of runs are checked field by field when they are read: whoever wrote them, one message names what is wrong. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkGraph } from '../../../src/core/graph/stored-graph';
import { GRAPH_OPS } from '../../../src/core/ops/graph-ops';
import { loadModel } from '../../../src/core/models/models';
import { parseEvent } from '../../../src/core/run/event-log';
import { lockOwner } from '../../../src/core/run/lock';
import { RunFolder } from '../../../src/core/run/run-folder';
import { checkSnapshot } from '../../../src/core/train/loop/snapshot-schema';
import { UserError } from '../../../src/core/util/errors';
import { sampleReport } from '../cli/fixtures';
import { encodedModel } from './encoded-model-fixture';
import { scratchFolders, stepEvent } from './fixtures';

const scratch = scratchFolders();

describe('a report', () => {
  const read = (text: string): unknown => {
    const folder = join(scratch(), 'meter-20260101-000000-00');
    mkdirSync(folder);
    writeFileSync(join(folder, 'report.json'), text);
    return new RunFolder(folder).loadReport();
  };

  it('is read as it was written', () => {
    expect(read(JSON.stringify(sampleReport()))).toEqual(sampleReport());
  });

  const { flash, layers } = sampleReport();
  it.each<[string, object, RegExp]>([
    ['a size as text', { denseBytes: '128' }, /denseBytes/],
    ['a size below zero', { flash: { ...flash, code: -5 } }, /flash\.code/],
    ['a total that is none', { flash: { ...flash, total: 1 } }, /flash: Expected a total/],
    ['a layer of another kind', { layers: [{ ...layers[0], shape: 'x' }] }, /layers\.0\.shape/],
    ['a format of another version', { layers: [{ ...layers[0], format: 'x' }] }, /0\.format/],
    ['another version', { version: 99 }, /version/],
  ])('with %s is refused, naming file and field', (_, change, message) => {
    const bad = (): unknown => read(JSON.stringify({ ...sampleReport(), ...change }));
    expect(bad).toThrow(UserError);
    expect(bad).toThrow(message);
    expect(bad).toThrow(expect.objectContaining({ file: expect.stringMatching(/report\.json$/) }));
  });

  it.each(['', '[', 'null', '7', '[]', '1e999'])('that is %j is refused', (text) => {
    expect(() => read(text)).toThrow(UserError);
  });
});

describe('an event', () => {
  const step = stepEvent(3, '2026-01-01T00:00:00.000Z');

  it('is read as it was written', () => {
    expect(parseEvent(JSON.stringify(step))).toEqual(step);
  });

  it('of which a field is missing, of another kind or infinite is none', () => {
    for (const key of Object.keys(step)) {
      for (const value of [undefined, null, {}, [1]]) {
        expect(parseEvent(JSON.stringify({ ...step, [key]: value })), key).toBeUndefined();
      }
    }
    expect(parseEvent(JSON.stringify(step).replace('"loss":1', '"loss":1e999'))).toBeUndefined();
    expect(parseEvent(JSON.stringify({ ...step, type: 'toString' }))).toBeUndefined();
  });
});

describe('a stored graph', () => {
  const { graph } = encodedModel().model;

  it('is what a config could have meant, for every kind of layer', () => {
    expect(checkGraph(graph)).toEqual({ value: graph });
    for (const architecture of [
      'resnet9',
      'ds-cnn',
      'ds-cnn-streaming',
      'mobilenet-v1',
      'lenet5',
      'mlp',
    ] as const) {
      const whole = loadModel({ architecture, input: [32, 32, 3], classes: 10 }).graph;
      expect(checkGraph(JSON.parse(JSON.stringify(whole))), architecture).toEqual({ value: whole });
    }
    for (const architecture of ['cnn1d', 'tcn'] as const) {
      const whole = loadModel({ architecture, input: [1, 40, 3], classes: 10 }).graph;
      expect(checkGraph(JSON.parse(JSON.stringify(whole))), architecture).toEqual({ value: whole });
    }
    expect(Object.keys(GRAPH_OPS).length).toBeGreaterThan(10);
  });

  const [conv, fc] = graph.layers;
  it.each<[string, unknown, RegExp]>([
    ['of no layers', [], /at least one layer/],
    ['of an unknown kind', [{ ...conv, kind: 'attention' }, fc], /layers\.0\.kind/],
    ['of a kind that every object has', [{ ...conv, kind: 'toString' }, fc], /layers\.0\.kind/],
    ['with a line of C as a name', [{ ...conv, name: 'a */ int x;' }, fc], /layers\.0\.name/],
    ['with one name twice', [conv, { ...fc, name: 'conv' }], /another conv/],
    ['that reads what comes later', [{ ...conv, inputs: ['fc'] }, fc], /not before it/],
    ['with a shape that does not follow', [{ ...conv, outputShape: [9, 9, 2] }, fc], /layers\.0/],
    ['of more filters than a config has', [{ ...conv, filters: 1e9 }, fc], /layers\.0/],
    ['with a kernel of text', [{ ...conv, kernel: '3' }, fc], /layers\.0/],
    ['with a layer that nothing reads', [conv, { ...fc, inputs: ['input'] }], /layers\.[01]/],
  ])('%s is refused', (_, layers, message) => {
    const checked = checkGraph({ ...graph, layers });
    expect(checked).toEqual({ problem: expect.stringMatching(message) });
  });
});

it.each<[object, RegExp]>([
  [{ step: -1 }, /step/],
  [{ ranges: [['a', 0]] }, /ranges/],
  [{ measured: null }, /measured/],
  [{ formats: [['conv', 'int3']] }, /formats/],
  [{ best: { step: 1 } }, /best/],
])('a checkpoint with %j is refused', (change, message) => {
  const meta = {
    version: 3,
    step: 1,
    engine: 'x',
    ranges: [],
    lambda: null,
    measured: [],
    best: null,
  };
  expect(checkSnapshot({ meta, arrays: {} })).toHaveProperty('value');
  const checked = checkSnapshot({ meta: { ...meta, ...change }, arrays: {} });
  expect(checked).toEqual({ problem: expect.stringMatching(message) });
});

it('a lock that names no process holds nothing', () => {
  const file = join(scratch(), 'x.lock');
  for (const owner of [
    {},
    [],
    { pid: '1', host: '', start: '' },
    { pid: -1, host: '', start: '' },
  ]) {
    writeFileSync(file, JSON.stringify(owner));
    expect(lockOwner(file)).toBeUndefined();
  }
});
