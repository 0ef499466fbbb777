/** `east import` and `east inspect`, on small files that a converter wrote. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseFile } from '../../../src/core/config/load-config';
import { loadConfigAndModel, openModel } from '../../../src/core/models/gather-model';
import { weightedLayers } from '../../../src/core/graph/graph';
import type { ModelUse } from '../../../src/core/config/config';
import { east } from './fixtures';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

const FILES = resolve('test/fixtures/models/tflite');

function workspace(...names: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'east-import-'));
  made.push(folder);
  mkdirSync(join(folder, '.vscode'), { recursive: true });
  for (const name of names) copyFileSync(join(FILES, name), join(folder, name));
  return folder;
}

describe('east import', () => {
  it('takes an int8 network as it is, and asks for nothing', async () => {
    const folder = workspace('cnn-int8.tflite');
    const { code, out, err } = await east(folder, ['import', 'cnn-int8.tflite', '--name', 'net']);
    expect([code, err]).toEqual([0, expect.stringMatching(/^cnn-int8\.tflite: int8, takes /)]);
    expect(out).toContain('east run net.east.json --generate');
    const { config } = await loadConfigAndModel(join(folder, 'net.east.json'));
    expect(config).toMatchObject({
      name: 'net',
      model: { file: join(folder, 'cnn-int8.tflite'), use: 'as-is' },
      east: { method: 'dense' },
    });
    expect(config.dataset).toBeUndefined();
    expect(config.model.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says what was changed in reading the file, as east inspect does', async () => {
    const folder = workspace('lstm-int8.tflite');
    const { out } = await east(folder, ['inspect', 'lstm-int8.tflite']);
    const notes = out.split('\n').filter((line) => line.startsWith('note: '));
    expect(notes.length).toBeGreaterThan(0);
    const { err } = await east(folder, ['import', 'lstm-int8.tflite']);
    for (const note of notes) expect(err).toContain(note);
  });

  it('makes fit what is over the flash there is, and float networks int8', async () => {
    const folder = workspace('cnn-int8.tflite', 'cnn-float32.tflite');
    const small = ['import', 'cnn-int8.tflite', '--name', 'small', '--flash', '6KiB'];
    expect((await east(folder, small)).code).toBe(0);
    const float = await east(folder, ['import', 'cnn-float32.tflite', '--out', 'float']);
    expect(float.out).toContain('say in "dataset" where the examples are');
    const uses = ['small', 'float'].map(
      (name) => parseFile(join(folder, `${name}.east.json`)).model?.use,
    );
    expect(uses).toEqual(['fit', 'quantize']);
  });

  it('promises nothing that no way of using the network can meet', async () => {
    const folder = workspace('autoencoder-int8.tflite', 'cnn-int8.tflite');
    const cases: [string[], RegExp][] = [
      [['autoencoder-int8.tflite', '--ram', '71'], /--ram: the activations alone take 72 B/],
      [['cnn-int8.tflite', '--flash', '2KiB'], /--flash: .* the fewest weights take \d/],
      [
        ['cnn-int8.tflite', '--use', 'fit', '--flash', '2KiB'],
        /--flash: .* the fewest weights take/,
      ],
      [['cnn-int8.tflite', '--use', 'as-is', '--flash', '2KiB'], /--flash: .* the fewest weights/],
      [
        ['cnn-int8.tflite', '--use', 'quantize'],
        /--use quantize: .* int8 already; use as-is or fit/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await east(folder, ['import', ...args]);
      expect([args, code === 0, err]).toEqual([args, false, expect.stringMatching(message)]);
    }
  });

  it('refuses, each with what to do', async () => {
    const folder = workspace('cnn-float32.tflite');
    writeFileSync(join(folder, 'empty.tflite'), '');
    writeFileSync(
      join(folder, 'cut.tflite'),
      readFileSync(join(FILES, 'cnn-int8.tflite')).subarray(0, 900),
    );
    copyFileSync(join(FILES, 'cnn-int8.tflite'), join(folder, 'other.onnx'));
    symlinkSync(join(FILES, 'cnn-int8.tflite'), join(folder, 'link.tflite'));
    const cases: [string[], RegExp][] = [
      [['cnn-float32.tflite', '--use', 'as-is'], /computes in floating point; use quantize or fit/],
      [['none.tflite'], /no such file/],
      [['empty.tflite'], /the file is empty/],
      [['cut.tflite'], /[Dd]amaged/],
      [['other.onnx'], /this is a TFLite file; give it a name that ends in \.tflite/],
      [['model.pt2'], /exported by PyTorch; export the network as ONNX or TFLite first: type/],
      [['model.pth'], /torch\.onnx\.export\(/],
      [['saved_model.pb'], /tf2onnx\.convert --saved-model/],
      [['notes.txt'], /no model file; their names end in \.tflite/],
      [[join(FILES, 'cnn-int8.tflite')], /outside the workspace folder .* cp /s],
      [['link.tflite'], /workspace folder/],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await east(folder, ['import', ...args]);
      expect([args, code === 0, err]).toEqual([args, false, expect.stringMatching(message)]);
    }
  });
});

describe('east inspect', () => {
  it('counts the RAM of weights that are read where they lie, and so does east import', async () => {
    const folder = workspace('autoencoder-int8.tflite');
    const { out } = await east(folder, ['inspect', 'autoencoder-int8.tflite', '--json']);
    expect(JSON.parse(out)).toMatchObject({ ram: 72 });
    const limits = ['--name', 'net', '--ram', '72'];
    expect((await east(folder, ['import', 'autoencoder-int8.tflite', ...limits])).code).toBe(0);
    expect(parseFile(join(folder, 'net.east.json')).model?.use).toBe('as-is');
  });

  it('names each of several outputs as model.output may', async () => {
    const folder = workspace('heads-int8.tflite');
    const { out } = await east(folder, ['inspect', 'heads-int8.tflite']);
    const outputs = out.split('\n').filter((line) => line.startsWith('output '));
    expect(outputs.length).toBeGreaterThan(1);
    for (const line of outputs) expect(line).toMatch(/^output +\d+×\d+×\d+ {2}\S+ \(\w+\)$/);
  });

  it('lists operators, shapes and sizes, as text and as JSON', async () => {
    const folder = workspace('cnn-int8.tflite');
    const { code, out } = await east(folder, ['inspect', 'cnn-int8.tflite']);
    expect(code).toBe(0);
    expect(out).toMatch(/CONV_2D +\d/);
    expect(out).toContain('✓ can be imported');
    const json: unknown = JSON.parse(
      (await east(folder, ['inspect', 'cnn-int8.tflite', '--json'])).out,
    );
    expect(json).toMatchObject({ format: 'TFLite', weightsType: 'int8', supported: true });
  });
});

describe('what cannot be imported', () => {
  it('ends east inspect with exit code 1', async () => {
    const folder = workspace();
    copyFileSync(resolve('test/fixtures/models/keras/lambda.keras'), join(folder, 'lambda.keras'));
    const { code, out } = await east(folder, ['inspect', 'lambda.keras']);
    expect([code, out]).toEqual([1, expect.stringMatching(/✗ cannot be imported: .*Lambda/)]);
    expect((await east(folder, ['inspect', 'lambda.keras', '--json'])).code).toBe(1);
  });

  it('is told apart: the folder of a SavedModel by what lies in it, whatever it is called', async () => {
    const folder = workspace();
    for (const name of ['exported', 'named.keras']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'saved_model.pb'), 'x');
      const { code, err } = await east(folder, ['inspect', name]);
      expect([code, err]).toEqual([1, expect.stringMatching(/this is a SavedModel.*tf2onnx/s)]);
    }
  });
});

describe('a config with a model file', () => {
  it('rounds as the file does where it is taken as it is, and as all is that is trained here elsewhere', async () => {
    const folder = workspace('cnn-int8.tflite');
    const roundings = async (use: ModelUse): Promise<unknown[]> => {
      const { model } = await openModel({ file: join(folder, 'cnn-int8.tflite'), use });
      return weightedLayers(model.graph).map((layer) => layer.rounding);
    };
    const asIs = await roundings('as-is');
    expect(asIs).toContain('once');
    expect(asIs).toContain(undefined);
    expect(new Set(await roundings('fit'))).toEqual(new Set([undefined]));
  });

  const problems = async (folder: string, model: object): Promise<string> => {
    const file = join(folder, 'a.east.json');
    writeFileSync(file, JSON.stringify({ model }));
    try {
      await loadConfigAndModel(file, { workspace: folder });
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  it('is refused where the file is none that can be, or says otherwise than the config', async () => {
    const folder = workspace('cnn-int8.tflite', 'cnn-float32.tflite');
    mkdirSync(join(folder, 'folder.tflite'));
    const cases: [object, RegExp][] = [
      [{ file: 'cnn-int8.tflite', width: 3 }, /model\.width: the network comes from "file"/],
      [{ file: 'cnn-int8.tflite', layers: [{ type: 'softmax' }] }, /model\.layers: the network/],
      [{ architecture: 'mlp', use: 'fit', input: [1, 1, 2], classes: 2 }, /model\.use: says what/],
      [{ file: '../x.tflite' }, /model\.file: .*leads out of the workspace folder/],
      [{ file: 'none.tflite' }, /none\.tflite: cannot be read: no such file/],
      [{ file: 'folder.tflite' }, /this is a folder/],
      [{ file: 'cnn-int8.tflite', input: [9, 9, 9] }, /takes .*, but "input" says 9×9×9/],
      [{ file: 'cnn-int8.tflite', classes: 999 }, /outputs, but "classes" says 999/],
      [{ file: 'cnn-float32.tflite' }, /set "use" to "quantize" or "fit"/],
      [{ file: 'cnn-int8.tflite', use: 'quantize' }, /is int8 already, .* set "use" to "as-is"/],
    ];
    for (const [model, message] of cases) {
      expect([model, await problems(folder, model)]).toEqual([
        model,
        expect.stringMatching(message),
      ]);
    }
    expect(await problems(folder, { file: 'cnn-int8.tflite' })).toBe('');
  });
});
