/**
 * The same bytes as executor.ts, fast enough to run whole test sets: convolutions as sums over lists of non-zero weights
 * (see simd-kernel.ts), additions as table look-ups. Exact because int32 sums do not depend on their order, and
 * checkModel guarantees that none overflows.
 */

import type { AddLayer } from '../ops/add/graph';
import type { Layer, WeightedLayer } from '../ops/graph-ops';
import type { Pair, Shape } from '../ops/shape';
import { INPUT, isWeighted } from '../graph/graph';
import { elements } from '../ops/shape';
import { UserError } from '../util/errors';
import type { Executor } from './executor';
import { checkInput, runLayer, weightsOf } from './executor';
import type { QuantizedLayer, QuantizedModel } from './model';
import { add } from './operators/add';
import { paddingBefore } from './operators/window';
import { activationRange } from './quantization';
import { checkModel, tensorOf } from './quantize-model';
import type { SimdKernel } from './simd-kernel';
import { BLOCK, createSimdKernel, POSITION_BYTES, TAP_BYTES } from './simd-kernel';

const SUM_BYTES = 4;

/** The next multiple of four, where int32 values may lie. */
function aligned(bytes: number): number {
  return (bytes + 3) & ~3;
}

type Step = (inputs: readonly Int8Array[]) => Int8Array;

/** As createExecutor, except that `tensor` gives arrays the next run writes over. */
export function createFastExecutor(model: QuantizedModel): Executor {
  checkModel(model);
  const plans = new Map<string, Plan>();
  let planeBytes = 0;
  let sumBytes = 0;
  let layerBytes = 0;
  for (const layer of model.graph.layers) {
    if (!isWeighted(layer)) continue;
    const plan = planLayer(layer, weightsOf(model, layer.name));
    plans.set(layer.name, plan);
    planeBytes = Math.max(planeBytes, plan.planeBytes);
    sumBytes = Math.max(sumBytes, plan.blocks * BLOCK * SUM_BYTES);
    layerBytes += plan.taps.byteLength + aligned(elements(layer.outputShape));
  }
  // Memory: one layer's input planes, its sums for one channel, then the taps and the output of every layer.
  const kernel = createSimdKernel(planeBytes + sumBytes + layerBytes);
  let free = planeBytes + sumBytes;
  const steps = new Map<string, Step>();
  for (const layer of model.graph.layers) {
    const plan = plans.get(layer.name);
    if (plan !== undefined && isWeighted(layer)) {
      const place = { sums: planeBytes, taps: free, output: free + plan.taps.byteLength };
      steps.set(layer.name, weightedStep(model, layer, plan, kernel, place));
      free = place.output + aligned(elements(layer.outputShape));
    } else if (layer.kind === 'add') steps.set(layer.name, addStep(model, layer));
    else steps.set(layer.name, (inputs) => runLayer(model, layer, inputs));
  }
  return executorOf(model, steps);
}

function executorOf(model: QuantizedModel, steps: ReadonlyMap<string, Step>): Executor {
  const tensors = new Map<string, Int8Array>();
  const tensor = (name: string): Int8Array => {
    const values = tensors.get(name);
    if (values === undefined) throw new UserError(`There is no tensor '${name}' yet.`);
    return values;
  };
  return {
    tensor,
    run(input) {
      checkInput(model, input);
      tensors.set(INPUT, input.slice());
      let output = input;
      for (const layer of model.graph.layers) {
        output = stepOf(steps, layer)(layer.inputs.map(tensor));
        tensors.set(layer.name, output);
      }
      return output.slice();
    },
  };
}

function stepOf(steps: ReadonlyMap<string, Step>, layer: Layer): Step {
  const step = steps.get(layer.name);
  if (step === undefined) throw new Error(`Layer '${layer.name}' was not planned.`);
  return step;
}

/**
 * A weighted layer as sums over shifted planes. The padded input is split by stride phase, so that for every tap the
 * positions of one output plane lie one after the other; a row of a phase plane may be wider than the output's, then
 * the sums in between are computed and never read.
 */
interface Plan {
  readonly inputShape: Shape;
  readonly stride: Pair;
  readonly top: number;
  readonly left: number;
  /** Of the padded input that any tap reaches; further rows and columns are not read. */
  readonly paddedHeight: number;
  readonly paddedWidth: number;
  readonly phaseHeight: number;
  readonly phaseWidth: number;
  /** Bytes of all planes of the input: channel pairs × phases × positions, and what the last block reads beyond. */
  readonly planeBytes: number;
  /** Blocks of positions that cover one output plane. */
  readonly blocks: number;
  /** Non-zero taps of all output channels, TAP_BYTES each. */
  readonly taps: Int32Array;
  /** Where each channel's taps begin in `taps`, in bytes, and after the last one where they end. */
  readonly tapStarts: Int32Array;
}

function planLayer(layer: WeightedLayer, quantized: QuantizedLayer): Plan {
  const flat = layer.kind === 'dense';
  const inputShape: Shape = flat ? [1, 1, elements(layer.inputShape)] : layer.inputShape;
  const [kernelHeight, kernelWidth] = flat ? [1, 1] : layer.kernel;
  const stride: Pair = flat ? [1, 1] : layer.stride;
  const { top, left } = flat ? { top: 0, left: 0 } : paddingBefore(layer, layer.kernel);
  const [outHeight, outWidth, channels] = layer.outputShape;
  const depth = inputShape[2];
  const pairs = Math.ceil(depth / 2);

  const paddedHeight = (outHeight - 1) * stride[0] + kernelHeight;
  const paddedWidth = (outWidth - 1) * stride[1] + kernelWidth;
  const phaseHeight = Math.ceil(paddedHeight / stride[0]);
  const phaseWidth = Math.ceil(paddedWidth / stride[1]);
  const plane = phaseHeight * phaseWidth * stride[0] * stride[1];

  const weightAt = (o: number, ky: number, kx: number, i: number): number => {
    if (i >= depth) return 0;
    const { weights } = quantized;
    if (layer.kind !== 'depthwiseConv2d') {
      return weights[((o * kernelHeight + ky) * kernelWidth + kx) * depth + i]!;
    }
    return i === o ? weights[(ky * kernelWidth + kx) * depth + o]! : 0;
  };
  const tapStarts = new Int32Array(channels + 1);
  const taps: number[] = [];
  for (let o = 0; o < channels; o++) {
    const first = layer.kind === 'depthwiseConv2d' ? o >> 1 : 0;
    const last = layer.kind === 'depthwiseConv2d' ? first : pairs - 1;
    for (let pair = first; pair <= last; pair++) {
      for (let ky = 0; ky < kernelHeight; ky++) {
        for (let kx = 0; kx < kernelWidth; kx++) {
          const even = weightAt(o, ky, kx, 2 * pair);
          const odd = weightAt(o, ky, kx, 2 * pair + 1);
          if (even === 0 && odd === 0) continue;
          const phase = (ky % stride[0]) * stride[1] + (kx % stride[1]);
          const position =
            phase * phaseHeight * phaseWidth +
            Math.floor(ky / stride[0]) * phaseWidth +
            Math.floor(kx / stride[1]);
          taps.push((pair * plane + position) * POSITION_BYTES, (even & 0xffff) | (odd << 16));
        }
      }
    }
    tapStarts[o + 1] = (taps.length / 2) * TAP_BYTES;
  }
  return {
    inputShape,
    stride,
    top,
    left,
    paddedHeight,
    paddedWidth,
    phaseHeight,
    phaseWidth,
    planeBytes: (pairs * plane + BLOCK) * POSITION_BYTES,
    blocks: Math.ceil(((outHeight - 1) * phaseWidth + outWidth) / BLOCK),
    taps: Int32Array.from(taps),
    tapStarts,
  };
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
  plan: Plan,
  kernel: SimdKernel,
  at: Place,
): Step {
  const { bias, multiplier, shift } = weightsOf(model, layer.name);
  const { zeroPoint: inputZero } = tensorOf(model.tensors, layer.inputs[0]);
  const outputQuantization = tensorOf(model.tensors, layer.name);
  const { min, max } = activationRange(layer.activation, outputQuantization);
  const [outHeight, outWidth, channels] = layer.outputShape;
  const planes = new Int16Array(kernel.memory, 0, plan.planeBytes / 2);
  const taps = new Int32Array(kernel.memory, at.taps, plan.taps.length);
  const output = new Int8Array(kernel.memory, at.output, elements(layer.outputShape));
  taps.set(plan.taps);

  return ([input]) => {
    if (input === undefined) throw new UserError(`Layer '${layer.name}' has no input.`);
    spread(plan, input, inputZero, planes);
    for (let o = 0; o < channels; o++) {
      const from = at.taps + plan.tapStarts[o]!;
      const to = at.taps + plan.tapStarts[o + 1]!;
      kernel.accumulate(at.sums, 0, from, to, plan.blocks, bias[o]!);
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

/** Copies input [H, W, C] − zero point into pair-interleaved phase planes; padding and a missing odd channel are 0. */
function spread(plan: Plan, input: Int8Array, zeroPoint: number, planes: Int16Array): void {
  const [height, width, depth] = plan.inputShape;
  const [strideY, strideX] = plan.stride;
  const phase = plan.phaseHeight * plan.phaseWidth;
  const pair = 2 * phase * strideY * strideX;
  const rows = Math.min(height, plan.paddedHeight - plan.top);
  const columns = Math.min(width, plan.paddedWidth - plan.left);
  planes.fill(0);
  for (let y = 0; y < rows; y++) {
    const paddedY = y + plan.top;
    const phaseY = paddedY % strideY;
    const row = phaseY * strideX * phase + ((paddedY - phaseY) / strideY) * plan.phaseWidth;
    for (let x = 0; x < columns; x++) {
      const paddedX = x + plan.left;
      const phaseX = paddedX % strideX;
      const position = 2 * (row + phaseX * phase + (paddedX - phaseX) / strideX);
      const from = (y * width + x) * depth;
      for (let c = 0; c < depth; c++) {
        planes[(c >> 1) * pair + position + (c & 1)] = input[from + c]! - zeroPoint;
      }
    }
  }
}

/** All 65,536 sums of two codes, looked up. */
function addStep(model: QuantizedModel, layer: AddLayer): Step {
  const codes = Int8Array.from({ length: 65536 }, (_, i) => (i >> 8) - 128);
  const others = Int8Array.from({ length: 65536 }, (_, i) => (i & 255) - 128);
  const table = add(
    layer,
    codes,
    others,
    tensorOf(model.tensors, layer.inputs[0]),
    tensorOf(model.tensors, layer.inputs[1]),
    tensorOf(model.tensors, layer.name),
  );
  const output = new Int8Array(elements(layer.outputShape));
  return ([first, second]) => {
    if (first === undefined || second === undefined) {
      throw new UserError(`Layer '${layer.name}' adds two tensors.`);
    }
    for (let i = 0; i < output.length; i++) {
      output[i] = table[((first[i]! + 128) << 8) + second[i]! + 128]!;
    }
    return output;
  };
}
