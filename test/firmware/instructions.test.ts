import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { codingsOf } from '../../src/core/codecs/choice';
import { decodingOf, storedComputeInstructions } from '../../src/core/firmware/instructions';
import { firmwareTarget } from '../../src/core/firmware/targets/targets';
import { HOST_COMPILER } from '../../src/core/firmware/toolchain';
import { verifyFirmware } from '../../src/core/firmware/verify';
import { writeSources } from '../../src/core/firmware/write-sources';
import type { WeightFormat } from '../../src/core/formats/formats';
import { buildGraph } from '../../src/core/graph/build';
import { weightedLayers, type Graph } from '../../src/core/graph/graph';
import { loadModel } from '../../src/core/models/models';
import { emitRandom, randomVectors } from '../unit/firmware/random-model';
import { haveTools } from './require-tools';

const TARGET = firmwareTarget();
const folder = mkdtempSync(join(tmpdir(), 'east-instructions-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Of the shape of MLPerf Tiny's, with a layer less on each side. */
const autoencoder = buildGraph({
  input: [1, 1, 640],
  classes: 640,
  layers: [
    ...[128, 128, 8, 128, 128].map((units) => ({
      type: 'dense' as const,
      units,
      activation: 'relu' as const,
    })),
    { type: 'dense', units: 640 },
  ],
});

const named = (
  architecture: 'lenet5' | 'ds-cnn' | 'mobilenet-v1' | 'resnet8' | 'mlp',
  input: readonly [number, number, number],
): Graph => loadModel({ architecture, input, classes: 10 }).graph;

/** Network, its weights' format, and whether they are entropy-coded. */
const CASES: readonly (readonly [string, Graph, WeightFormat, 'usual' | 'entropy'])[] = [
  ['lenet', named('lenet5', [28, 28, 1]), 'int8', 'usual'],
  ['words', named('ds-cnn', [49, 10, 1]), 'int8', 'usual'],
  ['mobile', named('mobilenet-v1', [32, 32, 3]), 'int8', 'usual'],
  ['unpacked', named('resnet8', [32, 32, 3]), 'int4', 'usual'],
  ['mlp', named('mlp', [1, 1, 30]), 'int8', 'usual'],
  ['plain', autoencoder, 'int8', 'usual'],
  ['four', autoencoder, 'int4', 'usual'],
  ['two', autoencoder, 'quaternary', 'usual'],
  ['three', autoencoder, 'ternary', 'usual'],
  ['one', autoencoder, 'binary', 'usual'],
  ['coded', autoencoder, 'int4', 'entropy'],
];

const ready = haveTools(HOST_COMPILER, TARGET.compiler, TARGET.sizeProgram, TARGET.simulator.tool);

describe.runIf(ready)('instructions of an inference, estimated', () => {
  it.each(CASES)(
    'are within a tenth of what is counted: %s',
    async (name, graph, format, codec) => {
      const formats = Object.fromEntries(
        weightedLayers(graph).map((layer) => [layer.name, format]),
      );
      const emitted = emitRandom(graph, {
        name,
        formats,
        sparsity: 0,
        ...(codec !== 'usual' && {
          codings: () =>
            codingsOf(
              formats,
              Object.fromEntries(Object.keys(formats).map((l) => [l, codec])),
              {},
              [codec],
            ),
        }),
      });
      const directory = join(folder, name);
      writeSources(directory, emitted.files);
      const { onTarget, cost } = await verifyFirmware({
        directory,
        name,
        vectors: randomVectors(emitted.model, 2, 3),
        target: TARGET,
      });
      expect(onTarget.status).toBe('passed');
      const estimate =
        storedComputeInstructions(emitted.encoded, TARGET) + decodingOf(emitted.encoded, TARGET);
      const ratio = estimate / cost!.instructionsPerInference;
      expect(ratio).toBeGreaterThan(0.9);
      expect(ratio).toBeLessThan(1.1);
    },
  );
});
