/** What Keras's files are refused for: each message names what, where and what to do. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadKeras } from '../../../../src/core/models/keras/keras';
import { Hdf5File } from '../../../../src/core/models/keras/hdf5';
import { readNetwork } from '../../../../src/core/models/keras/network';
import { inspectModelFile, loadModelFile } from '../../../../src/core/models/model-files';
import { UserError } from '../../../../src/core/util/errors';

const fixtures = path.resolve('test/fixtures/models/keras');
const bytesOf = (name: string): Buffer => readFileSync(path.join(fixtures, name));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'east-keras-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function messageOf(name: string): Promise<string> {
  try {
    await loadModelFile(path.join(fixtures, name));
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('a network that cannot be computed here', () => {
  it.each([
    ['lambda.keras', /^Layer "lambda" \(Lambda\) is not supported\. Use layers of Keras that do/],
    ['bidirectional.keras', /^Layer "bidirectional" \(Bidirectional\) is not supported\. Use one/],
    [
      'conv3d.keras',
      /^Input "input_layer_\d" has the shape \(None, 4, 4, 4, 1\); one to three fixed/,
    ],
    [
      'softplus.keras',
      /^Layer "odd" \(Dense\) has the activation "softplus"; supported are relu, /,
    ],
    ['channels_first.keras', /^Layer "max_pooling2d" \(MaxPooling2D\) has data_format "channels_/],
    [
      'any_length.keras',
      /^Input "input_layer_\d" has the shape \(None, None, 3\); .* keras\.Input of/,
    ],
  ])('%s: names layer, class and what to change', async (name, message) => {
    expect(await messageOf(name)).toMatch(message);
  });

  it('can be inspected', async () => {
    const { operators, format } = await inspectModelFile(path.join(fixtures, 'lambda.keras'));
    expect(format).toMatch(/^Keras 3\./);
    expect(operators).toEqual([
      { name: 'Dense', count: 1 },
      { name: 'Lambda', count: 1, unsupported: true },
    ]);
  });
});

describe('a damaged file', () => {
  it.each(['residual_keras2.h5', 'plain.keras', 'nested.keras'])(
    'is refused at every length it may be cut to: %s',
    (name) => {
      const bytes = bytesOf(name);
      // An archive's list is at its end; HDF5 says its size at the beginning. Steps that meet all offsets modulo 8.
      for (let length = 0; length < bytes.length; length += length < 3000 ? 1 : 61) {
        expect(() => loadKeras(bytes.subarray(0, length)), `${length} bytes`).toThrow(UserError);
      }
    },
  );

  it('is refused where an address leads out of it, a tree into itself or a size is too large', () => {
    const bytes = bytesOf('plain.h5');
    const tree = bytes.indexOf('TREE');
    const cases: [string, (copy: Buffer) => void][] = [
      ['an address outside of it', (copy) => copy.writeBigUInt64LE(1n << 40n, tree + 32)],
      ['a group refers to itself', (copy) => copy.writeBigUInt64LE(BigInt(tree), tree + 32)],
      ['parts of it lie on top', (copy) => copy.writeUInt16LE(0xffff, tree + 6)],
      ['cut off', (copy) => copy.writeBigUInt64LE(1n << 50n, 40)],
    ];
    for (const [message, change] of cases) {
      const copy = Buffer.from(bytes);
      change(copy);
      expect(() => loadKeras(copy)).toThrow(message);
    }
  });

  it('holds weights alone', () => {
    // The name of the attribute that has the description, changed.
    const copy = Buffer.from(bytesOf('plain.h5'));
    copy.write('x', copy.indexOf('model_config'));
    expect(() => loadKeras(copy)).toThrow('Save both with model.save');
  });

  it('reads a dataset once, not as often as a name leads to it', () => {
    const file = new Hdf5File(bytesOf('plain.h5'));
    const weight = 'model_weights/dense/plain/dense/kernel';
    expect(file.tensor(weight)?.shape).toEqual([48, 5]);
    expect(() => {
      for (let i = 0; i < 100; i++) file.tensor(weight);
    }).toThrow('parts of it lie on top of each other');
  });
});

describe('a hostile description', () => {
  const dense = (name: string, from: string): object => ({
    class_name: 'Dense',
    config: { name, units: 1 },
    inbound_nodes: [[[from, 0, 0, {}]]],
  });
  const input = {
    class_name: 'InputLayer',
    config: { name: 'in', batch_input_shape: [null, 4] },
    inbound_nodes: [],
  };
  const functional = (layers: readonly object[], to: string): object => ({
    class_name: 'Functional',
    config: { name: 'net', layers, input_layers: [['in', 0, 0]], output_layers: [[to, 0, 0]] },
  });

  it('whose layers read each other in a circle', () => {
    const network = functional([input, dense('a', 'b'), dense('b', 'a')], 'b');
    expect(() => readNetwork(network)).toThrow('layers read each other in a circle ("a", "b")');
  });

  it('with a layer that is not there, twice the same name, or networks in networks without an end', () => {
    expect(() => readNetwork(functional([input, dense('a', 'c')], 'a'))).toThrow('no layer "c"');
    const twice = functional([input, dense('a', 'in'), dense('a', 'in')], 'a');
    expect(() => readNetwork(twice)).toThrow('two layers "a"');
    let deep: object = { class_name: 'Sequential', config: { name: 's', layers: [] } };
    for (let i = 0; i < 40; i++) {
      deep = { class_name: 'Sequential', config: { name: 's', layers: [input, deep] } };
    }
    expect(() => readNetwork(deep)).toThrow('more than 32 networks in networks');
  });

  it('that grows as its networks are put in place', () => {
    let grown: object = { class_name: 'Sequential', config: { name: 's0', layers: [input] } };
    for (let i = 1; i < 30; i++) {
      const layers = [
        input,
        { ...grown, inbound_nodes: [[['in', 0, 0, {}]], [[`s${i - 1}`, 0, 0, {}]]] },
      ];
      const config = {
        name: `s${i}`,
        layers,
        input_layers: [['in', 0, 0]],
        output_layers: [[`s${i - 1}`, 1, 0]],
      };
      grown = { class_name: 'Functional', config };
    }
    expect(() => readNetwork(grown)).toThrow('more than 10000 layers');
  });

  it('of a class of the user', () => {
    const own = { class_name: 'MyModel', config: {} };
    expect(() => readNetwork(own)).toThrow('Build it of keras.Input and layers');
  });
});

describe('a model of TensorFlow.js', () => {
  const at = (name: string): string => path.join(folder, name, 'model.json');
  function made(name: string, change: (model: Model) => void): string {
    mkdirSync(path.join(folder, name));
    const model: Model = JSON.parse(String(bytesOf('tfjs_residual/model.json')));
    change(model);
    writeFileSync(at(name), JSON.stringify(model));
    for (const shard of ['group1-shard1of2.bin', 'group1-shard2of2.bin']) {
      writeFileSync(path.join(folder, name, shard), bytesOf(`tfjs_residual/${shard}`));
    }
    return at(name);
  }
  interface Model {
    format: string;
    weightsManifest: { paths: string[]; weights: { shape: number[] }[] }[];
  }

  it('reads no file outside of its own folder', async () => {
    const outside = made('outside', (model) => {
      model.weightsManifest[0]!.paths[0] = '../outside/group1-shard1of2.bin';
    });
    await expect(loadModelFile(outside)).rejects.toThrow('which does not lie in its own folder');
    writeFileSync(path.join(folder, 'secret.bin'), bytesOf('tfjs_residual/group1-shard1of2.bin'));
    const linked = made('linked', () => undefined);
    rmSync(path.join(folder, 'linked', 'group1-shard1of2.bin'));
    symlinkSync('../secret.bin', path.join(folder, 'linked', 'group1-shard1of2.bin'));
    await expect(loadModelFile(linked)).rejects.toThrow('which does not lie in its own folder');
  });

  it('needs all of its weights and no more', async () => {
    const missing = made('missing', () => undefined);
    rmSync(path.join(folder, 'missing', 'group1-shard2of2.bin'));
    await expect(loadModelFile(missing)).rejects.toMatchObject({
      file: path.join(folder, 'missing', 'group1-shard2of2.bin'),
    });
    const larger = made('larger', (model) => {
      model.weightsManifest[0]!.weights[0]!.shape = [3, 3, 3, 2 ** 40];
    });
    await expect(loadModelFile(larger)).rejects.toThrow('cut off or not those of this model.json');
    const fewer = made('fewer', (model) => {
      model.weightsManifest[0]!.weights.pop();
    });
    await expect(loadModelFile(fewer)).rejects.toThrow('not those of this model.json');
  });

  it('that has no layers any more is told apart', async () => {
    const graph = made('graph', (model) => {
      model.format = 'graph-model';
    });
    await expect(loadModelFile(graph)).rejects.toThrow('tfjs_layers_model');
  });
});
