import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layerCoding } from '../../../src/core/codecs/coding';
import { blobVersion, writeBlob } from '../../../src/core/firmware/blob';
import { encodeModel as encodeFirmware } from '../../../src/core/firmware/encode-model';
import { planMemory } from '../../../src/core/plan/memory';
import { encodeContainer, readContainer } from '../../../src/core/run/container';
import { decodeExamples } from '../../../src/core/run/examples-file';
import { decodeModel, encodeModel } from '../../../src/core/run/model-file';
import { RunStore } from '../../../src/core/run/run-store';
import { UserError } from '../../../src/core/util/errors';
import { nibbleCodings, WITH_NIBBLE } from '../../fixtures/codecs/nibble/set';
import { encodedModel } from './encoded-model-fixture';
import { resolvedConfig, scratchFolders } from './fixtures';

const scratch = scratchFolders();

const info = {
  normalization: { kind: 'float' as const, mean: [0.5], std: [2] },
  task: 'classification' as const,
  outputNames: ['zero', 'öne', 'two', 'three'],
};

describe('model file', () => {
  it('reads back what was written, through the run folder', () => {
    const workspace = scratch();
    const run = new RunStore(workspace).create(resolvedConfig(workspace), '{}');
    expect(run.loadModel()).toBeUndefined();
    run.saveModel(encodedModel(), info);
    expect(run.loadModel()).toEqual({ encoded: encodedModel(), ...info });
    writeFileSync(join(run.path, 'model.east'), 'x');
    expect(() => run.loadModel()).toThrow(UserError);
  });

  it('is written as the first version wrote it, byte for byte', () => {
    const file = join(import.meta.dirname, '../../fixtures/dashboard/meter-run/model.east');
    const { encoded, ...read } = decodeModel(readContainer(file, 'model'), file);
    expect(read.task).toBe('classification');
    expect(read.outputNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(Buffer.from(encodeContainer(encodeModel(encoded, read)))).toEqual(readFileSync(file));
    expect(blobVersion(encoded.layers)).toBe(1);
    expect([...encoded.blob.subarray(0, 6)]).toEqual([...Buffer.from('EAST'), 1, 0]);
    expect(Buffer.from(writeBlob(encoded.layers)).equals(encoded.blob)).toBe(true);
  });

  it('keeps that its normalisation is a guess', () => {
    const normalization = { ...info.normalization, guessed: true as const };
    const file = encodeModel(encodedModel(), { ...info, normalization });
    expect(decodeModel(file, 'f').normalization).toEqual(normalization);
  });

  it('is refused where its task is of another version', () => {
    const { meta, arrays } = encodeModel(encodedModel(), info);
    const other = { ...(meta as object), task: 'composing' };
    expect(() => decodeModel({ meta: other, arrays }, 'f')).toThrow(
      "the model's task is composing, which this version of EAST does not know; train it again in a new run",
    );
  });

  it('keeps each layer’s format, and refuses one it does not know', () => {
    const { model } = encodedModel();
    const small = {
      ...model,
      layers: Object.fromEntries(
        Object.entries(model.layers).map(([name, layer]) => [
          name,
          { ...layer, weights: layer.weights.map((code) => code % 8) },
        ]),
      ),
    };
    const int4 = { conv: layerCoding('int4'), fc: layerCoding('int4') };
    const encoded = encodeFirmware(small, planMemory(model.graph, undefined), int4);
    const file = encodeModel(encoded, info);
    expect(decodeModel(file, 'f').encoded).toEqual(encoded);
    // Written by earlier versions, with other codes in its two bits than the format of today.
    const meta = JSON.parse(JSON.stringify(file.meta).replaceAll('int4', 'int2')) as unknown;
    expect(() => decodeModel({ ...file, meta }, 'f')).toThrow(
      'layer conv has weights in the format int2, which this version of EAST does not know; train it again',
    );
  });

  it('refuses other containers and incomplete ones', () => {
    expect(() => decodeModel({ meta: { step: 1 }, arrays: {} }, 'f')).toThrow(
      /the encoded model is damaged, or of another version of EAST \(kind: /,
    );
    const { meta, arrays } = encodeModel(encodedModel(), info);
    for (const name of Object.keys(arrays)) {
      const rest = Object.fromEntries(Object.entries(arrays).filter(([key]) => key !== name));
      expect(() => decodeModel({ meta, arrays: rest }, 'f')).toThrow(`${name} is missing`);
    }
  });

  it('believes no field: each of any other kind or size is refused by one message that names the file', () => {
    const container = encodeModel(encodedModel(), info);
    const plain: unknown = JSON.parse(JSON.stringify(container.meta));
    let changed = 0;
    for (const [path, value] of fieldsOf(plain)) {
      // Names of outputs may be any text, and what is said twice of a graph is said once too often.
      if (/^(classNames\.\d|graph\.classes|task)$/.test(path)) continue;
      for (const wrong of wrongValues(value)) {
        // Any finite number may be what was taken off, or what a real value was scaled by.
        if (typeof wrong === 'number' && /^normalization\.(mean|std)\.|\.scale$/.test(path))
          continue;
        const meta = withField(plain, path.split('.'), wrong);
        const where = `${path} = ${JSON.stringify(wrong)}`;
        expect(() => decodeModel({ ...container, meta }, 'f.east'), where).toThrow(UserError);
        changed++;
      }
    }
    expect(changed).toBeGreaterThan(300);
  });

  it.each(['conv/weights', 'fc/weightScales', 'fc/bias', 'conv/multiplier', 'fc/shift', 'blob'])(
    'holds the array %s against the network',
    (name) => {
      const { meta, arrays } = encodeModel(encodedModel(), info);
      const array = arrays[name]!;
      for (const other of [array.slice(1), array.slice(0, 0), new Uint32Array(4)]) {
        const forged = { meta, arrays: { ...arrays, [name]: other } };
        expect(() => decodeModel(forged, 'f')).toThrow(UserError);
      }
      const more = { meta, arrays: { ...arrays, [`${name}/more`]: array } };
      expect(() => decodeModel(more, 'f')).toThrow('is of nothing');
    },
  );

  it('refuses weights, tiles and blob that are not the same', () => {
    const flip = (name: string): void => {
      const { meta, arrays } = encodeModel(encodedModel(), info);
      const bytes = arrays[name]!.slice();
      bytes[bytes.length - 1]! ^= 1;
      expect(() => decodeModel({ meta, arrays: { ...arrays, [name]: bytes } }, 'f')).toThrow(
        UserError,
      );
    };
    for (const name of ['conv/weights', 'fc/weights', 'conv/tile/0', 'fc/tile/0', 'blob']) {
      flip(name);
    }
  });

  describe('with tables that tiles share', () => {
    const { codecs } = WITH_NIBBLE;
    const { model } = encodedModel();
    const encoded = encodeFirmware(
      model,
      planMemory(model.graph, undefined),
      nibbleCodings(model),
      codecs,
    );
    const file = encodeModel(encoded, info);
    const meta: unknown = JSON.parse(JSON.stringify(file.meta));
    const read = (change: Partial<typeof file>) =>
      decodeModel({ ...file, ...change }, 'f.east', codecs);

    it('keeps them, each once', () => {
      expect(blobVersion(encoded.layers, codecs)).toBe(2);
      expect(Object.keys(file.arrays).filter((name) => name.startsWith('table/'))).toEqual([
        'table/0',
      ]);
      expect(read({}).encoded).toEqual(encoded);
    });

    it('believes no field of them', () => {
      const paths = fieldsOf(meta).flatMap(([path]) => (path.endsWith('.table') ? [path] : []));
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths) {
        for (const wrong of ['0', -1, 1, 0.5, null, 1e300, [0]]) {
          const other = withField(meta, path.split('.'), wrong);
          expect(() => read({ meta: other }), `${path} = ${String(wrong)}`).toThrow(UserError);
        }
      }
      const none = JSON.parse(JSON.stringify(meta).replaceAll(',"table":0', '')) as unknown;
      expect(() => read({ meta: none })).toThrow(UserError);
    });

    it('holds them against tiles and blob', () => {
      const table = file.arrays['table/0']!;
      for (const other of [table.slice(1), table.slice(0, 0), table.slice().reverse()]) {
        const arrays = { ...file.arrays, 'table/0': other };
        expect(() => read({ arrays })).toThrow(UserError);
      }
      // Longer by a code that no tile has: all weights decode, but the blob's table is another one.
      const longer = Uint8Array.of(...table, 100);
      expect(() => read({ arrays: { ...file.arrays, 'table/0': longer } })).toThrow(UserError);
      const more = { ...file.arrays, 'table/1': table };
      expect(() => read({ arrays: more })).toThrow('is of nothing');
    });
  });
});

/** Every value in it by its path, objects and lists included. */
function fieldsOf(value: unknown, path = ''): [path: string, value: unknown][] {
  const own: [string, unknown][] = path === '' ? [] : [[path, value]];
  if (typeof value !== 'object' || value === null) return own;
  const below = Object.entries(value).flatMap(([key, part]: [string, unknown]) =>
    fieldsOf(part, path === '' ? key : `${path}.${key}`),
  );
  return [...own, ...below];
}

function wrongValues(value: unknown): unknown[] {
  switch (typeof value) {
    case 'number':
      return ['1', -1.5, null, 1e300, [value]];
    case 'string':
      return [1, null, `${value}x"; int main(void)\n`, [value], {}];
    case 'boolean':
      return [null, 1, 'true'];
    default:
      return [null, 7, 'x', Array.isArray(value) ? {} : [], undefined];
  }
}

function withField(value: unknown, [key, ...rest]: readonly string[], field: unknown): unknown {
  if (key === undefined) return field;
  if (Array.isArray(value)) {
    return value.map((part: unknown, i) =>
      String(i) === key ? withField(part, rest, field) : part,
    );
  }
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([name, part]: [string, unknown]) => {
      const changed = name === key ? withField(part, rest, field) : part;
      return changed === undefined ? [] : [[name, changed]];
    }),
  );
}

describe('examples file', () => {
  const examples = {
    vectors: {
      inputs: [Int8Array.of(1, 2, -128), Int8Array.of(4, 5, 127)],
      outputs: [Int8Array.of(1, 2), Int8Array.of(3, 4)],
    },
    targets: Float32Array.of(1, 0),
  };

  it('reads back what was written, none included', () => {
    const workspace = scratch();
    const run = new RunStore(workspace).create(resolvedConfig(workspace), '{}');
    expect(run.loadExamples()).toBeUndefined();
    run.saveExamples(examples);
    expect(run.loadExamples()).toEqual(examples);
    const none = {
      vectors: { inputs: [], outputs: [] },
      targets: new Float32Array(0),
    };
    run.saveExamples(none);
    expect(run.loadExamples()).toEqual(none);
  });

  it('refuses another container', () => {
    expect(() => decodeExamples(encodeModel(encodedModel(), info), 'f')).toThrow(UserError);
  });
});
