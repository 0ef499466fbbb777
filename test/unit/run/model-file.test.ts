import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeContainer, readContainer } from '../../../src/core/run/container';
import { decodeExamples } from '../../../src/core/run/examples-file';
import { decodeModel, encodeModel } from '../../../src/core/run/model-file';
import { RunStore } from '../../../src/core/run/run-store';
import { UserError } from '../../../src/core/util/errors';
import { encodedModel } from './encoded-model-fixture';
import { resolvedConfig, scratchFolders } from './fixtures';

const scratch = scratchFolders();

const info = {
  normalization: { kind: 'float' as const, mean: [0.5, 1], std: [1, 2] },
  task: 'classification' as const,
  outputNames: ['zero', 'öne'],
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
  });

  it('is refused where its task is of another version', () => {
    const { meta, arrays } = encodeModel(encodedModel(), info);
    const other = { ...(meta as object), task: 'composing' };
    expect(() => decodeModel({ meta: other, arrays }, 'f')).toThrow(
      "the model's task is composing, which this version of EAST does not know; train it again in a new run",
    );
  });

  it('keeps each layer’s format, and refuses one it does not know', () => {
    const encoded = encodedModel();
    const packing = (packing: 'int4') => ({
      ...encoded,
      layers: encoded.layers.map((layer) => ({
        ...layer,
        representation: { bits: 4, packing, order: 'storage' as const },
      })),
    });
    const file = encodeModel(packing('int4'), info);
    expect(decodeModel(file, 'f').encoded).toEqual(packing('int4'));
    // Written by earlier versions, with other codes in its two bits than the format of today.
    const meta = JSON.parse(JSON.stringify(file.meta).replaceAll('int4', 'int2')) as unknown;
    expect(() => decodeModel({ ...file, meta }, 'f')).toThrow(
      'layer conv has weights in the format int2, which this version of EAST does not know; train it again',
    );
  });

  it('refuses other containers and incomplete ones', () => {
    expect(() => decodeModel({ meta: { step: 1 }, arrays: {} }, 'f')).toThrow(
      /not an encoded model/,
    );
    const { meta, arrays } = encodeModel(encodedModel(), info);
    for (const name of Object.keys(arrays)) {
      const rest = Object.fromEntries(Object.entries(arrays).filter(([key]) => key !== name));
      expect(() => decodeModel({ meta, arrays: rest }, 'f')).toThrow(`${name} is missing`);
    }
  });
});

describe('examples file', () => {
  const examples = {
    vectors: {
      inputs: [Int8Array.of(1, 2, -128), Int8Array.of(4, 5, 127)],
      outputs: [Int8Array.of(1, 2), Int8Array.of(3, 4)],
    },
    labels: Uint16Array.of(1, 0),
  };

  it('reads back what was written, none included', () => {
    const workspace = scratch();
    const run = new RunStore(workspace).create(resolvedConfig(workspace), '{}');
    expect(run.loadExamples()).toBeUndefined();
    run.saveExamples(examples);
    expect(run.loadExamples()).toEqual(examples);
    const none = { ...examples, vectors: { inputs: [], outputs: [] }, labels: new Uint16Array(0) };
    run.saveExamples(none);
    expect(run.loadExamples()).toEqual(none);
  });

  it('refuses another container', () => {
    expect(() => decodeExamples(encodeModel(encodedModel(), info), 'f')).toThrow(UserError);
  });
});
