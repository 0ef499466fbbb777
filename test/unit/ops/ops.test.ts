import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layerKeys, schemaAt } from '../../../src/core/config/schema';
import { runtimePath } from '../../../src/core/firmware/runtime-files';
import { isWeighted } from '../../../src/core/graph/graph';
import { EMIT_OPS, emitOp } from '../../../src/core/ops/emit-ops';
import { EXECUTE_OPS } from '../../../src/core/ops/execute-ops';
import type { Place } from '../../../src/core/ops/graph-op';
import type { Kind, Layer } from '../../../src/core/ops/graph-ops';
import { GRAPH_OPS, graphOp } from '../../../src/core/ops/graph-ops';
import { TRAIN_OPS, trainOp } from '../../../src/core/ops/train-ops';
import { writtenTypes } from '../../../src/core/ops/written';
import { UserError } from '../../../src/core/util/errors';

const isKind = (name: string): name is Kind => name in GRAPH_OPS;
const kinds = Object.keys(GRAPH_OPS).filter(isKind);
const fail = (message: string): never => {
  throw new UserError(message);
};

describe('the tables of operations', () => {
  it('have the same kinds', () => {
    for (const table of [EXECUTE_OPS, EMIT_OPS, TRAIN_OPS])
      expect(Object.keys(table)).toEqual(kinds);
  });

  it('are those of the schema that the editor and the command line have', () => {
    const types = writtenTypes();
    expect(types.map(({ type }) => type)).toEqual(schemaAt(['model', 'layers', 0, 'type'])?.enum);
    for (const { type, keys } of types) {
      expect([type, ...layerKeys(type)]).toEqual([
        type,
        ...['type', 'name', 'inputs'],
        ...keys.map(({ name }) => name),
      ]);
    }
  });
});

/** From an image, or, where the kind reads none, from a sequence. */
function anyLayer(kind: Kind, inputs: readonly string[]): readonly [Place, Layer] {
  const op = graphOp(kind);
  for (const shape of [[6, 5, 4] as const, [1, 5, 4] as const]) {
    const place = { name: 'it', inputs, inputShape: shape };
    try {
      const shapes = inputs.map(() => shape);
      return [place, op.layer(op.example, place, shapes, fail)];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  throw new Error(`no layer of kind ${kind}`);
}

describe.each(kinds)('%s', (kind) => {
  const op = graphOp(kind);
  const inputs = ['a', 'b', 'c'].slice(0, op.inputs);
  const [place, layer] = anyLayer(kind, inputs);

  it('makes a layer of its kind from its example', () => {
    expect(layer).toMatchObject({ kind, ...place });
    for (const n of layer.outputShape) expect(n).toBeGreaterThan(0);
  });

  it('says in every facet whether it has weights', () => {
    expect('weightShape' in trainOp(kind)).toBe(isWeighted(layer));
    if (isWeighted(layer)) expect(op.weights?.macs(layer)).toBeGreaterThan(0);
  });

  it('has its C files', () => {
    const { kernel, uses = [] } = emitOp(layer);
    for (const file of kernel === undefined ? [] : [kernel, ...uses]) {
      expect(existsSync(runtimePath(`${file}.c`))).toBe(true);
    }
  });
});
