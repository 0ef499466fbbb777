/** An int8 file from the config to sources, as it is: its codes and outputs are the file's, and another file makes them stale. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfigAndModel } from '../../src/core/models/gather-model';
import { loadModelFile } from '../../src/core/models/model-files';
import { createExecutor } from '../../src/core/quant/executor';
import { actions } from '../../src/core/run/all-actions';
import { elements } from '../../src/core/ops/shape';
import { npy, npz } from '../unit/dataset/files-for-tests';
import type { RunFolder } from '../../src/core/run/run-folder';
import { RunStore } from '../../src/core/run/run-store';

const FILES = resolve('test/fixtures/models/tflite');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'east-as-is-'));
  mkdirSync(join(folder, '.vscode'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function begin(name: string, config: object): Promise<RunFolder> {
  const file = join(folder, `${name}.east.json`);
  const text = JSON.stringify({ firmware: { directory: `fw_${name}` }, ...config });
  writeFileSync(file, text);
  const sound = await loadConfigAndModel(file, { workspace: folder });
  return new RunStore(folder).create(sound.config, text);
}

async function run(started: RunFolder, onNote: (note: string) => void = () => undefined) {
  return actions.run({
    config: started.loadConfig(),
    folder: started,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    onNote,
  });
}

const check = async (name: string) => {
  const file = join(folder, `${name}.east.json`);
  return actions.checkSources((await loadConfigAndModel(file, { workspace: folder })).config);
};

describe('an int8 file as it is', () => {
  it('ends in its own codes, and examples have the outputs of its network', async () => {
    copyFileSync(join(FILES, 'cnn-int8.tflite'), join(folder, 'net.tflite'));
    const started = await begin('net', { model: { file: 'net.tflite' } });
    const result = await run(started);
    expect(result).toMatchObject({ status: 'finished', report: { method: 'as it is' } });
    const { quantization, graph } = await loadModelFile(join(folder, 'net.tflite'));
    const stored = started.loadModel();
    expect(stored?.encoded.model).toEqual({ graph, ...quantization });
    const examples = started.loadExamples();
    const executor = createExecutor({ graph, ...quantization! });
    expect(examples?.vectors.inputs).toHaveLength(200);
    examples?.vectors.inputs.slice(0, 20).forEach((input, i) => {
      expect([...executor.run(input)]).toEqual([...(examples.vectors.outputs[i] ?? [])]);
    });
  });

  it('takes examples without labels for what sources are verified with, and measures nothing', async () => {
    copyFileSync(join(FILES, 'unet-int8.tflite'), join(folder, 'map.tflite'));
    const { graph } = await loadModelFile(join(folder, 'map.tflite'));
    const [count, size] = [12, elements(graph.inputShape)];
    const pixels = Uint8Array.from({ length: count * size }, (_, i) => (i * 37) % 251);
    writeFileSync(
      join(folder, 'map.npz'),
      npz({ x: npy('|u1', [count, ...graph.inputShape], pixels) }),
    );
    const started = await begin('map', {
      model: { file: 'map.tflite' },
      dataset: {
        format: 'numpy',
        train: 'map.npz',
        test: 'map.npz',
        normalize: { mean: 128, std: 64 },
      },
    });
    const notes: string[] = [];
    const result = await run(started, (note) => notes.push(note));
    expect(result).toMatchObject({ status: 'finished', report: { measured: [], testExamples: 0 } });
    expect(notes.join()).toContain('the examples have no labels: nothing is measured');
    const { inputs } = started.loadExamples()!.vectors;
    expect(inputs).toHaveLength(count);
    const { scale, zeroPoint } = started.loadModel()!.encoded.model.tensors['input']!;
    const expected = Math.round((pixels[1]! - 128) / 64 / scale) + zeroPoint;
    expect(Math.abs(inputs[0]![1]! - Math.max(-128, Math.min(127, expected)))).toBeLessThanOrEqual(
      1,
    );
    expect(existsSync(join(folder, 'fw_map'))).toBe(false);
    const sources = { config: started.loadConfig(), folder: started };
    await actions.generate(sources, { force: false });
    expect((await check('map')).state).toBe('current');
  });

  it('gives sources that are current until the file holds another network, wherever the file lies', async () => {
    copyFileSync(join(FILES, 'cnn-int8.tflite'), join(folder, 'same.tflite'));
    const started = await begin('same', { model: { file: 'same.tflite' } });
    await run(started);
    await actions.generate({ config: started.loadConfig(), folder: started }, { force: false });
    expect((await check('same')).state).toBe('current');
    appendFileSync(join(folder, 'same.tflite'), 'x');
    const stale = await check('same');
    expect([stale.state, stale.details.join()]).toEqual([
      'stale',
      expect.stringContaining('config'),
    ]);
    // A run that was started with the one file does not go on with the other.
    const again = await begin('again', { model: { file: 'same.tflite' } });
    copyFileSync(join(FILES, 'cnn-int8.tflite'), join(folder, 'same.tflite'));
    await expect(run(again)).rejects.toThrow(/has changed since the run was started/);
    expect((await check('same')).state).toBe('current');
  });

  it('over budget says by how much, and what to set', async () => {
    copyFileSync(join(FILES, 'cnn-int8.tflite'), join(folder, 'big.tflite'));
    const model = { file: 'big.tflite' };
    const started = await begin('big', { model, budget: { weights: 500 } });
    await expect(run(started)).rejects.toThrow(
      /budget\.weights is too small by \d+ bytes: as it is, the network takes \d+ bytes there; raise it, or set model\.use to "fit"/,
    );
  });
});
