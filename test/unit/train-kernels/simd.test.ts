import type { KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileSimd } from '../../../scripts/generate/simd-kernels';
import type { Engine } from '../../../src/core/train/engines/engine';
import { openEngine } from '../../../src/core/train/engines/open-engine';
import { batchNormKernels } from '../../../src/core/train/kernels/batch-norm-kernels';
import { fakeQuantizeKernels } from '../../../src/core/train/kernels/fake-quantize-kernels';
import { simdKernels } from '../../../src/core/train/kernels/simd/simd-kernels';
import { pointer, simdModule } from '../../../src/core/train/kernels/simd/simd-module';
import {
  FUSED_TRAIN_KERNELS_WASM,
  TRAIN_KERNELS_WASM,
} from '../../../src/core/train/kernels/simd/train-kernels.generated';
import { floats, wasmBackend } from '../../../src/core/train/kernels/wasm-heap';
import { createRandom } from '../../../src/core/util/random';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('wasm');
});

const random = createRandom(3);
const plain = [...batchNormKernels(), ...fakeQuantizeKernels()];

function run(
  kernels: KernelConfig[],
  name: string,
  arrays: Record<string, { values: Float32Array; shape: number[] }>,
  attrs: Record<string, number | string>,
): Float32Array[] {
  const { tf } = engine;
  const backend = wasmBackend(tf.backend());
  const tensors = Object.fromEntries(
    Object.entries(arrays).map(([key, { values, shape }]) => [key, tf.tensor(values, shape)]),
  );
  const kernel = kernels.find((k) => k.kernelName === name)!;
  const outputs = kernel.kernelFunc({ inputs: tensors, backend, attrs });
  const list: TensorInfo[] = Array.isArray(outputs) ? outputs : [outputs];
  const copies = list.map((t) => floats(backend, t).slice());
  list.forEach((t) => backend.disposeData(t.dataId));
  tf.dispose(tensors);
  return copies;
}

function expectClose(a: Float32Array, b: Float32Array, tolerance: number): void {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) {
    if (Math.abs(a[i]! - b[i]!) > tolerance * (1 + Math.abs(b[i]!))) {
      throw new Error(`value ${i}: ${a[i]} is not close to ${b[i]}`);
    }
  }
}

describe.each([1, 3, 4, 5, 8, 19, 128])('SIMD batch norm of %i channels', (channels) => {
  it.each(['none', 'relu', 'relu6'])(
    'agrees with the plain kernels, activation %s',
    (activation) => {
      for (const pixels of [1, 2, 63, 64, 65, 1000]) {
        const field = (n: number, scale = 1, add = 0): Float32Array =>
          Float32Array.from({ length: n }, () => random.normal() * scale + add);
        const values = field(pixels * channels, 2, 40);
        const x = { values, shape: [1, 1, pixels, channels] };
        const [mean, variance] = run(plain, 'TrainBatchNormMoments', { x }, {}) as [
          Float32Array,
          Float32Array,
        ];
        const [m, v] = run(simdKernels(), 'TrainBatchNormMoments', { x }, {}) as [
          Float32Array,
          Float32Array,
        ];
        expectClose(m, mean, 1e-5);
        expectClose(v, variance, 1e-4);
        const vector = (values: Float32Array) => ({ values, shape: [channels] });
        const inputs = {
          x,
          mean: vector(mean),
          variance: vector(variance),
          gamma: vector(field(channels, 3)),
          beta: vector(field(channels)),
        };
        const attrs = { epsilon: 1e-3, activation };
        const [y] = run(simdKernels(), 'TrainBatchNormApply', inputs, attrs);
        expectClose(y!, run(plain, 'TrainBatchNormApply', inputs, attrs)[0]!, 1e-3);
        const dy = { values: field(values.length), shape: x.shape };
        const fast = run(simdKernels(), 'TrainBatchNormGradient', { ...inputs, dy }, attrs);
        const slow = run(plain, 'TrainBatchNormGradient', { ...inputs, dy }, attrs);
        // A value within rounding of the activation's corner may fall on either side; with these data none does by much.
        const near = fast[0]!.filter((value, i) => Math.abs(value - slow[0]![i]!) > 1e-2).length;
        expect(near).toBeLessThanOrEqual(Math.ceil(values.length / 1000));
        if (near === 0) {
          expectClose(fast[1]!, slow[1]!, 2e-3);
          expectClose(fast[2]!, slow[2]!, 2e-3);
        }
      }
    },
  );
});

describe('SIMD fake quantisation', () => {
  it('equals the plain kernels bit for bit, at grid points, halves and far outside', () => {
    const grid = Array.from({ length: 1200 }, (_, i) => (i - 600) * 0.25);
    const wild = [
      0,
      -0,
      1e30,
      -1e30,
      3e-39,
      ...Array.from({ length: 333 }, () => random.normal() * 50),
    ];
    const values = Float32Array.from([...grid, ...wild]);
    for (const [scale, zeroPoint] of [
      [0.5, 3],
      [0.0173, -128],
      [2.25, 127],
    ] as const) {
      const attrs = { scale, low: -128 - zeroPoint, high: 127 - zeroPoint };
      const x = { values, shape: [values.length] };
      const dy = { values: values.map((_, i) => i + 1), shape: [values.length] };
      const forward = [plain, simdKernels()].map(
        (k) => run(k, 'TrainFakeQuantize', { x }, attrs)[0]!,
      );
      // + 0 makes −0 and 0 the same.
      expect(forward[1]!.map((v) => v + 0)).toEqual(forward[0]!.map((v) => v + 0));
      const backward = [plain, simdKernels()].map(
        (k) => run(k, 'TrainFakeQuantizeGradient', { x, dy }, attrs)[0]!,
      );
      expect(backward[1]).toEqual(backward[0]);
    }
  });
});

describe('SIMD gradient of 2×2 max pooling', () => {
  it('gives the bits of that of any windows, with ties, NaN and infinities', () => {
    const backend = wasmBackend(engine.tf.backend());
    const [height, width, channels] = [5, 7, 12];
    const special = [NaN, Infinity, -Infinity, 0, -0, 1, 1, -1];
    const values = Float32Array.from({ length: 4 * height * width * channels }, () =>
      random.int(2) === 0 ? special[random.int(special.length)]! : Math.round(random.normal()),
    );
    const dy = Float32Array.from({ length: height * width * channels }, () => random.normal());
    const [x, g, slow, fast] = [values, dy, values.map(() => 0), values.map(() => 99)].map((v) =>
      engine.tf.tensor1d(v),
    ) as [Tensor, Tensor, Tensor, Tensor];
    const [xAt, gAt, slowAt, fastAt] = [x, g, slow, fast].map((t) => pointer(backend, t)) as [
      number,
      number,
      number,
      number,
    ];
    const module = simdModule(backend);
    const sizes = [2 * height, 2 * width, channels, height, width, 2, 2, 2, 2, 0, 0];
    module.maxPoolGradient(xAt, gAt, slowAt, ...sizes);
    module.maxPool2Gradient(xAt, gAt, fastAt, height, width, channels);
    expect([...fast.dataSync()]).toEqual([...slow.dataSync()]);
    expect(slow.dataSync().filter((v) => v !== 0).length).toBe(dy.length);
    engine.tf.dispose([x, g, slow, fast]);
  });
});

describe('the committed WebAssembly', () => {
  it('is what its AssemblyScript source compiles to', async () => {
    expect(TRAIN_KERNELS_WASM).toBe(await compileSimd({ fused: false }));
    expect(FUSED_TRAIN_KERNELS_WASM).toBe(await compileSimd({ fused: true }));
  });
});
