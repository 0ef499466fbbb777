/** What a network comes from: the config's own words at once, or a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../../src/core/config/config';
import { INPUT } from '../../../src/core/graph/graph';
import { NetworkBuilder } from '../../../src/core/models/network-builder';
import { loadModelFile } from '../../../src/core/models/model-files';
import { loadModel } from '../../../src/core/models/models';
import { parseText } from '../../../src/core/config/parse-config';
import {
  checkAgainstFile,
  checkConfig,
  type CheckedConfig,
  type ModelFact,
} from '../../../src/core/models/check-config';
import { gatherModel } from '../../../src/core/models/gather-model';

const MLP: ModelConfig = { architecture: 'mlp', input: [4, 4, 1], classes: 3 };
const LIST: ModelConfig = {
  input: [4, 4, 1],
  classes: 3,
  layers: [
    { type: 'dense', name: 'wide', units: 8 },
    { type: 'relu' },
    { type: 'dense', name: 'last', units: 3 },
  ],
};

function checked(model: ModelConfig, gathered: ModelFact): CheckedConfig {
  const dataset = { format: 'images', train: 'a', test: 'b' };
  const text = JSON.stringify({ model, dataset, budget: { weights: '50%' } });
  return checkConfig(parseText(text, '/ws/a.east.json', '/ws'), gathered);
}

describe('a network in the config', () => {
  it('that is a list of layers tells which entries became which layer', () => {
    const { graph, entries } = loadModel(LIST);
    expect(graph.layers.map(({ name }) => name)).toEqual(['wide', 'last']);
    expect(Object.fromEntries(entries)).toEqual({ wide: [0, 1], last: [2] });
  });

  it('that is a named architecture has no entries', () => {
    const { graph, entries } = loadModel(MLP);
    expect(graph.layers).toHaveLength(3);
    expect(entries.size).toBe(0);
  });

  it('counts as gathered only for the text it was gathered for', async () => {
    const gathered = await gatherModel(MLP);
    if (!('model' in gathered)) throw new Error('it is a network');
    expect(checked(MLP, gathered).sound?.model).toBe(gathered.model);
    const wider = checked({ ...MLP, width: 5 }, gathered).sound?.model;
    expect(wider).toMatchObject({ graph: { layers: [{ units: 5 }, {}, {}] } });
    const broken = checked({ ...LIST, classes: 4 }, gathered);
    expect(broken.sound).toBeUndefined();
    expect(broken.problems).toMatchObject([{ path: ['model', 'layers', 2], severity: 'error' }]);
  });
});

describe('a network in a file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'east-models-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read by the end of its name, and what is wrong names the file', async () => {
    const file = join(folder, 'net.TFLITE');
    writeFileSync(file, 'no flatbuffer');
    await expect(loadModelFile(file)).rejects.toMatchObject({ name: 'UserError', file });
    await expect(loadModelFile(join(folder, 'gone.tflite'))).rejects.toThrow('cannot be read');
  });

  it.each([
    [
      'net.tflite',
      '\x08\x0a\x12\x07pytorch',
      'this is an ONNX file; give it a name that ends in .onnx',
    ],
    ['net.onnx', '\x1c\0\0\0TFL3', 'this is a TFLite file; give it a name that ends in .tflite'],
    ['net.onnx', '\x89HDF\r\n', 'this is an HDF5 file; give it a name that ends in .h5'],
    ['net.tflite', 'PK\x03\x04', 'this is a zip archive; give it a name that ends in .keras'],
    ['net.keras', 'version https://git-lfs.github.com/spec/v1', 'run `git lfs pull`'],
  ])('called %s, though its content is another: %j', async (name, content, message) => {
    const file = join(folder, name);
    writeFileSync(file, content, 'latin1');
    await expect(loadModelFile(file)).rejects.toThrow(message);
  });

  it('outside the workspace folder is refused and not looked at, whether it is there or not', () => {
    for (const name of ['../a.tflite', '/etc/passwd']) {
      const text = JSON.stringify({ model: { file: name }, budget: { flash: '64KiB' } });
      const parsed = parseText(text, join(folder, 'a.east.json'), folder);
      expect(parsed.model).toBeUndefined();
      expect(parsed.problems.map(({ path }) => path)).toEqual([['model', 'file']]);
    }
  });

  it('without weights is refused, for there is nothing to make fit', () => {
    const net = new NetworkBuilder([4, 4, 3]);
    const end = net.add({
      ...{ config: { type: 'tanh' }, wanted: 'only', inputs: [INPUT], where: 'only' },
    });
    const facts = { format: 'test', operators: [], weightsType: 'float32', notes: [] } as const;
    const { graph } = net.finish([end], facts);
    expect(() => {
      checkAgainstFile({ use: 'quantize' }, { graph, int8: false });
    }).toThrow('has no layer with weights');
  });

  it('of another kind is refused with the kinds there are', async () => {
    await expect(loadModelFile(join(folder, 'net.bin'))).rejects.toThrow(
      'this is no model file; their names end in .tflite',
    );
  });
});
