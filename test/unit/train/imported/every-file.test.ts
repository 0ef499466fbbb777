import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Normalization, Samples } from '../../../../src/core/dataset/dataset';
import type { LoadedModel } from '../../../../src/core/models/model';
import { loadModelFile } from '../../../../src/core/models/model-files';
import { elements } from '../../../../src/core/ops/shape';
import { chooseQuantization } from '../../../../src/core/quant/quantization';
import type { Engine } from '../../../../src/core/train/engines/engine';
import { openEngine } from '../../../../src/core/train/engines/open-engine';
import { floatNetwork } from '../../../../src/core/train/imported/float-network';
import { liveGraph, liveParameters } from '../../../../src/core/train/imported/live-batch-norm';
import { outputsOf } from '../../../../src/core/train/imported/observe';
import { quantizeNetwork } from '../../../../src/core/train/imported/quantize-network';
import { restoreParameters } from '../../../../src/core/train/loop/training-state';
import { initialParameters } from '../../../../src/core/train/pass/parameters';
import { sharedConstants } from '../../../../src/core/train/pass/shared-arrays';
import { Network } from '../../../../src/core/train/shards/network';
import { soloTeam } from '../../../../src/core/train/shards/team';
import { sliceBatch } from '../../../../src/core/dataset/batches';
import { ifDefined } from '../../../../src/core/util/defined';
import { UserError } from '../../../../src/core/util/errors';
import { createRandom } from '../../../../src/core/util/random';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

const root = resolve(import.meta.dirname, '../../../fixtures/models');
const FILES = ['tflite', 'onnx', 'keras'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => /float32\.tflite$|\.onnx$|\.keras$|\.h5$/.test(name))
    .map((name) => join(folder, name)),
);
const UNTOUCHED: Normalization = { kind: 'float', mean: [0], std: [1] };

function noise({ graph: { inputShape } }: LoadedModel, count: number): Samples {
  const random = createRandom(17);
  const data = Float32Array.from({ length: count * elements(inputShape) }, () => random.normal());
  return { count, shape: inputShape, data, targets: new Float32Array(0) };
}

/** Files whose operators are not all there yet say so. */
async function load(file: string): Promise<LoadedModel | undefined> {
  try {
    const model = await loadModelFile(join(root, file));
    return model.quantization === undefined ? model : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const MODELS = await Promise.all(FILES.map(async (file) => ({ file, model: await load(file) })));
const FLOAT = MODELS.flatMap(({ file, model }) => (model === undefined ? [] : [{ file, model }]));

it('is tried on files of all formats', () => {
  expect(FLOAT.length).toBeGreaterThan(25);
});

describe.each(FLOAT)('$file', ({ model }) => {
  it('is quantised from examples alone', async () => {
    const samples = noise(model, 24);
    const { noise: found } = await quantizeNetwork(engine, floatNetwork(model), {
      samples,
      normalization: UNTOUCHED,
      inputTensor: chooseQuantization(-5, 5),
    });
    const worst = found.reduce((a, b) => (b.output < a.output ? b : a));
    expect(worst.output).toBeGreaterThan(25);
  });

  it('computes the same with batch norm made live', async () => {
    const samples = noise(model, 24);
    const graph = liveGraph(model.graph);
    const parameters = initialParameters(graph, 1);
    restoreParameters(await liveParameters(engine, model, samples, UNTOUCHED), parameters);
    const constants = ifDefined(model.constants, sharedConstants);
    const live = new Network(soloTeam(engine, graph), graph, parameters, constants);
    const [a, b] = [
      await live.infer(sliceBatch(samples, UNTOUCHED, 0, 24)),
      await outputsOf(engine, floatNetwork(model), samples, UNTOUCHED),
    ];
    const largest = b.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    a.forEach((v, i) => expect(Math.abs(v - b[i]!)).toBeLessThan(1e-3 * largest));
  });
});
