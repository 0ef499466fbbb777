/** A stream's steps against the network over the whole window, which is the slow way to the same bytes. */
import { describe, expect, it } from 'vitest';
import { streamStep, timeAxis, type StreamStep } from '../../../src/core/graph/stream';
import { buildGraph } from '../../../src/core/graph/build';
import { totalMacs, type Graph } from '../../../src/core/graph/graph';
import { loadModel } from '../../../src/core/models/models';
import { elements } from '../../../src/core/ops/shape';
import type { LayerConfig } from '../../../src/core/ops/graph-ops';
import { createExecutor } from '../../../src/core/quant/executor';
import type { QuantizedModel } from '../../../src/core/quant/model';
import { createStreamExecutor } from '../../../src/core/quant/stream-executor';
import { createRandom } from '../../../src/core/util/random';
import { randomModel } from '../firmware/random-model';
import { randomStream } from '../firmware/random-stream';

function codes(count: number, seed: number): Int8Array {
  const random = createRandom(seed);
  return Int8Array.from({ length: count }, () => random.int(256) - 128);
}

/** Moments of a stream that is several windows long, and what each step gives. */
function run(model: QuantizedModel, step: StreamStep, seed: number, steps: number) {
  const moment = elements(model.graph.inputShape) / model.graph.inputShape[step.axis];
  const stream = codes(steps * step.hop * moment, seed);
  const executor = createStreamExecutor(model, step);
  const outputs = Array.from({ length: steps }, (_, i) =>
    executor.step(stream.slice(i * step.hop * moment, (i + 1) * step.hop * moment)),
  );
  return { moment, stream, outputs };
}

describe('a stream', () => {
  it('gives what the network gives of each window', () => {
    let streamed = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const graph = randomStream(seed);
      const model = randomModel(graph, seed, 0.3);
      const length = graph.inputShape[timeAxis(graph)];
      const whole = createExecutor(model);
      for (const hop of [1, 2, 4, 5, 8]) {
        const step = streamStep(graph, hop);
        expect(step.exact, `seed ${seed}`).toBe(true);
        streamed += step.streamed.length;
        const steps = step.warmUp + 5;
        const { moment, stream, outputs } = run(model, step, seed * 10 + hop, steps);
        outputs.forEach((output, i) => {
          const end = (i + 1) * hop * moment;
          if (end < length * moment) {
            expect(output, `seed ${seed}, hop ${hop}, step ${i}`).toBeUndefined();
            return;
          }
          const window = stream.slice(end - length * moment, end);
          expect(output, `seed ${seed}, hop ${hop}, step ${i}`).toEqual(whole.run(window));
        });
      }
    }
    // Most layers go step by step at most of these hops.
    expect(streamed).toBeGreaterThan(1000);
  });

  it('gives what a causal network gives of all that has come', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const graph = randomStream(seed, { causal: true, lastOnly: true });
      const model = randomModel(graph, seed, 0.3);
      const axis = timeAxis(graph);
      const step = streamStep(graph, 3);
      const steps = step.warmUp + 4;
      const { stream, outputs } = run(model, step, seed, steps);
      const long = randomStream(seed, { causal: true, lastOnly: true, length: steps * 3 });
      expect(long.inputShape[axis]).toBe(steps * 3);
      const output = createExecutor({ ...model, graph: long }).run(stream);
      expect(outputs.at(-1), `seed ${seed}`).toEqual(output);
    }
  });

  it('begins anew after a reset', () => {
    const graph = randomStream(3);
    const model = randomModel(graph, 3);
    const step = streamStep(graph, 2);
    const executor = createStreamExecutor(model, step);
    const input = codes(elements(step.graph.inputShape), 1);
    const first = Array.from({ length: step.warmUp + 2 }, () => executor.step(input));
    executor.step(codes(input.length, 2));
    executor.reset();
    const again = Array.from({ length: step.warmUp + 2 }, () => executor.step(input));
    expect(again).toEqual(first);
  });
});

describe('the network of a step', () => {
  it.each([[[49, 10, 1]], [[98, 40, 1]], [[50, 1, 2]], [[1, 64, 6]]] as const)(
    'of ds-cnn-streaming on %j computes only what is new',
    (input) => {
      const { graph } = loadModel({ architecture: 'ds-cnn-streaming', input, classes: 5 });
      const step = streamStep(graph, 4);
      expect(step.exact).toBe(true);
      const anew = graph.layers.map(({ name }) => name).filter((n) => !step.streamed.includes(n));
      expect(anew).toEqual(['global_pool', 'dense']);
      expect(totalMacs(step.graph)).toBeLessThan(totalMacs(graph) / 4);
    },
  );

  const sequence = (layers: LayerConfig[], length = 32): Graph =>
    buildGraph({
      input: [1, length, 2],
      classes: 3,
      layers: [...layers, { type: 'dense', units: 3 }],
    });
  const conv = (extra: Partial<LayerConfig>): LayerConfig => ({
    type: 'conv1d',
    filters: 4,
    kernel: 3,
    padding: 'valid',
    ...extra,
  });

  it('computes and keeps what is needed and no more', () => {
    const { graph, streamed, warmUp } = streamStep(
      sequence([conv({ name: 'a' }), conv({ name: 'b', stride: 2 })]),
      4,
    );
    expect(streamed).toEqual(['a', 'b']);
    expect(warmUp).toBe(8);
    expect(graph.inputShape).toEqual([1, 4, 2]);
    const [a, b, dense] = graph.layers;
    expect(a).toMatchObject({ inputShape: [1, 6, 2], outputShape: [1, 4, 4] });
    // 30 moments: the last one is in no window of three at stride two, so the windows begin one earlier.
    expect(b).toMatchObject({ inputShape: [1, 5, 4], outputShape: [1, 2, 4] });
    expect(dense).toMatchObject({ inputShape: [1, 14, 4] });
    expect(graph.kept).toEqual([
      expect.objectContaining({ tensor: 'input', past: 2 * 2, fresh: 4 * 2 }),
      expect.objectContaining({ tensor: 'a', past: 2 * 4, fresh: 4 * 4 }),
      expect.objectContaining({ tensor: 'b', past: 12 * 4, fresh: 2 * 4 }),
    ]);
  });

  it.each<[string, LayerConfig[], string[], number]>([
    ['pads behind', [conv({ name: 'a' }), conv({ name: 'b', padding: 'same' })], ['a'], 4],
    [
      'moves on by more than a step brings',
      [conv({ name: 'a' }), conv({ name: 'b', stride: 3 })],
      ['a'],
      4,
    ],
    ['is longer than what is left', [conv({ name: 'a', kernel: 31 })], [], 4],
    [
      'reads the past alone',
      [conv({ name: 'a' }), { type: 'slice', begin: [0, 0, 0], extent: [1, 20, 4] }],
      ['a'],
      4,
    ],
    ['runs through time', [conv({ name: 'a' }), { type: 'gru', units: 4 }], ['a'], 4],
  ])('computes anew what %s, and all behind it', (_, layers, streamed, hop) => {
    expect(streamStep(sequence(layers), hop).streamed).toEqual(streamed);
  });
});
