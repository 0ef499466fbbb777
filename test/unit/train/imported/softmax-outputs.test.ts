/** A softmax that no loss has: of one output of several and of a map, numbers are compared with what the chip puts out. */
import { beforeAll, describe, expect, it } from 'vitest';
import { INPUT } from '../../../../src/core/graph/graph';
import type { Shape } from '../../../../src/core/ops/shape';
import { NetworkBuilder } from '../../../../src/core/models/network-builder';
import type { Engine } from '../../../../src/core/train/engines/engine';
import { openEngine } from '../../../../src/core/train/engines/open-engine';
import type { FloatNetwork } from '../../../../src/core/train/imported/float-network';
import { floatNetwork } from '../../../../src/core/train/imported/float-network';
import { outputsOf } from '../../../../src/core/train/imported/observe';
import { imitatedBy } from '../../../../src/core/train/imported/teacher';
import { createRandom } from '../../../../src/core/util/random';
import { network, normalization, pictures } from './nets';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

const EXAMPLES = 3;
const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);

/** Two convolutions over the input, of 2 and of 4 channels, and a softmax over the second. */
function heads(input: Shape, outputs: readonly ('box' | 'scores' | 'classes')[]): FloatNetwork {
  const net = new NetworkBuilder(input);
  const random = createRandom(3);
  const [height, width, channels] = input;
  const kernel = [height, width] as const;
  const conv = (wanted: string, filters: number): string =>
    net.add({
      config: {
        type: 'conv2d',
        filters,
        kernel,
        padding: 'same',
        stride: kernel,
        batchNorm: false,
      },
      ...{ wanted, inputs: [INPUT], where: wanted },
      weights: {
        weights: Float32Array.from({ length: filters * height * width * channels }, () =>
          random.normal(),
        ),
        bias: new Float32Array(filters),
      },
    });
  const names = { box: conv('box', 2), scores: conv('scores', 4), classes: '' };
  names.classes = net.add({
    ...{ config: { type: 'softmax' }, wanted: 'classes', inputs: [names.scores], where: 'classes' },
  });
  const facts = { format: 'test', operators: [], weightsType: 'float32', notes: [] } as const;
  return floatNetwork(
    net.finish(
      outputs.map((name) => names[name]),
      facts,
    ),
  );
}

describe('what a float network gives', () => {
  it('is probabilities where a softmax ends one output of several', async () => {
    const given = async (...outputs: ('box' | 'scores' | 'classes')[]): Promise<Float32Array> =>
      outputsOf(engine, heads([8, 8, 3], outputs), pictures(EXAMPLES, 1), normalization);
    const outputs = await given('box', 'classes');
    const logits = await given('box', 'scores');
    for (let i = 0; i < EXAMPLES; i++) {
      expect(outputs.slice(6 * i, 6 * i + 2)).toEqual(logits.slice(6 * i, 6 * i + 2));
      const classes = outputs.slice(6 * i + 2, 6 * i + 6);
      expect(sum(classes)).toBeCloseTo(1, 5);
      const powers = logits.slice(6 * i + 2, 6 * i + 6).map(Math.exp);
      expect([...classes]).toEqual(
        [...powers].map((power) => expect.closeTo(power / sum(powers), 5) as unknown),
      );
    }
  });

  it('is probabilities at every position of a map', async () => {
    const net = new NetworkBuilder([8, 8, 3]);
    const end = net.add({
      ...{ config: { type: 'softmax' }, wanted: 'classes', inputs: [INPUT], where: 'classes' },
    });
    const facts = { format: 'test', operators: [], weightsType: 'float32', notes: [] } as const;
    const map = floatNetwork(net.finish([end], facts));
    const outputs = await outputsOf(engine, map, pictures(1, 1), normalization);
    for (let i = 0; i < 8 * 8 * 3; i += 3) expect(sum(outputs.slice(i, i + 3))).toBeCloseTo(1, 5);
  });

  it('is logits where the loss has the softmax', async () => {
    const outputs = await outputsOf(engine, network(), pictures(1, 1), normalization);
    expect(Math.abs(sum(outputs) - 1)).toBeGreaterThan(0.01);
  });
});

describe('what is imitated', () => {
  it('is classes where a softmax ends the network, though it has as many inputs as outputs', () => {
    expect(imitatedBy(heads([1, 1, 4], ['classes']).graph)).toBe('classes');
  });

  it('is numbers of several outputs, and of an output as large as the input', () => {
    expect(imitatedBy(heads([1, 1, 4], ['box', 'classes']).graph)).toBe('values');
    expect(imitatedBy(heads([1, 1, 4], ['scores']).graph)).toBe('values');
  });
});
