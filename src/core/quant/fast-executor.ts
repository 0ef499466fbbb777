/**
 * The same bytes as executor.ts, fast enough to run whole test sets: convolutions as sums over lists of non-zero weights
 * (see simd-kernel.ts), and what else an operation knows to do faster. Exact because int32 sums do not depend on their
 * order, and checkModel guarantees that none overflows.
 */

import { isWeighted } from '../graph/graph';
import type { Step } from '../ops/execute-op';
import { executeOp } from '../ops/execute-ops';
import type { WeightedLayer } from '../ops/graph-ops';
import { elements } from '../ops/shape';
import type { Executor } from './executor';
import { executorOf, referenceStep } from './executor';
import type { QuantizedModel } from './model';
import { tensorOf, weightsOf } from './model';
import { activationRange } from './quantization';
import { requantizer } from './requantize';
import { checkModel } from './quantize-model';
import type { ShiftedPlanes } from './shifted-planes';
import { shiftedPlanes, spread } from './shifted-planes';
import type { SimdKernel } from './simd-kernel';
import { BLOCK, createSimdKernel } from './simd-kernel';

const SUM_BYTES = 4;

/** The next multiple of four, where int32 values may lie. */
function aligned(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** As createExecutor, except that `tensor` gives arrays the next run writes over. */
export function createFastExecutor(model: QuantizedModel): Executor {
  checkModel(model);
  const plans = new Map<string, ShiftedPlanes>();
  let planeBytes = 0;
  let sumBytes = 0;
  let layerBytes = 0;
  for (const layer of model.graph.layers) {
    const sums = executeOp(layer.kind).sums?.(layer);
    if (sums === undefined || !isWeighted(layer)) continue;
    const plan = shiftedPlanes(layer, weightsOf(model, layer.name).weights, sums);
    plans.set(layer.name, plan);
    planeBytes = Math.max(planeBytes, plan.planeBytes);
    sumBytes = Math.max(sumBytes, plan.blocks * BLOCK * SUM_BYTES);
    layerBytes += plan.taps.byteLength + aligned(elements(layer.outputShape));
  }
  // Memory: one layer's input planes, its sums for one channel, then the taps and the output of every layer.
  const kernel = createSimdKernel(planeBytes + sumBytes + layerBytes);
  let free = planeBytes + sumBytes;
  return executorOf(model, (layer) => {
    const plan = plans.get(layer.name);
    if (plan === undefined || !isWeighted(layer)) {
      return executeOp(layer.kind).fast?.(layer, model) ?? referenceStep(model, layer);
    }
    const place = { sums: planeBytes, taps: free, output: free + plan.taps.byteLength };
    free = place.output + aligned(elements(layer.outputShape));
    return weightedStep(model, layer, plan, kernel, place);
  });
}

/** Byte offsets in the kernel's memory; the input planes lie at 0. */
interface Place {
  readonly sums: number;
  readonly taps: number;
  readonly output: number;
}

function weightedStep(
  model: QuantizedModel,
  layer: WeightedLayer,
  plan: ShiftedPlanes,
  kernel: SimdKernel,
  at: Place,
): Step {
  const { bias, multiplier, shift } = weightsOf(model, layer.name);
  const { zeroPoint: inputZero } = tensorOf(model, layer.inputs[0]);
  const outputQuantization = tensorOf(model, layer.name);
  const { min, max } = activationRange(layer.activation, outputQuantization);
  const [outHeight, outWidth, channels] = layer.outputShape;
  const planes = new Int16Array(kernel.memory, 0, plan.planeBytes / 2);
  const taps = new Int32Array(kernel.memory, at.taps, plan.taps.length);
  const output = new Int8Array(kernel.memory, at.output, elements(layer.outputShape));
  taps.set(plan.taps);
  const roundedOnce = layer.rounding === 'once' ? requantizer(layer, model) : undefined;
  const sums = new Int32Array(kernel.memory, at.sums, plan.blocks * BLOCK);

  return (inputs) => {
    spread(plan, inputs[0]!, inputZero, planes);
    for (let o = 0; o < channels; o++) {
      const from = at.taps + plan.tapStarts[o]!;
      const to = at.taps + plan.tapStarts[o + 1]!;
      kernel.accumulate(at.sums, 0, from, to, plan.blocks, bias[o]!);
      if (roundedOnce !== undefined) {
        for (let y = 0; y < outHeight; y++) {
          for (let x = 0; x < outWidth; x++) {
            const code = roundedOnce(sums[y * plan.phaseWidth + x]!, o);
            output[(y * outWidth + x) * channels + o] = code;
          }
        }
        continue;
      }
      const left = Math.max(0, shift[o]!);
      const right = Math.max(0, -shift[o]!);
      kernel.requantize(
        at.sums,
        at.output + o,
        outHeight,
        outWidth,
        plan.phaseWidth * SUM_BYTES,
        channels,
        multiplier[o]!,
        left,
        right,
        right > 0 ? 1 << (right - 1) : 0,
        right > 0 ? -1 : 0,
        outputQuantization.zeroPoint,
        min,
        max,
      );
    }
    return output;
  };
}
