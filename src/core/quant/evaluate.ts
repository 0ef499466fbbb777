/** How well a quantised model does its task on samples, as the chip would see them. */
import type { Normalization, Samples } from '../dataset/dataset';
import { normalized } from '../dataset/normalization';
import { targetSize } from '../dataset/targets';
import { INPUT, outputSize, outputTensors, shapeOf } from '../graph/graph';
import { elements } from '../ops/shape';
import type { Task } from '../tasks/task';
import { UserError } from '../util/errors';
import { createFastExecutor } from './fast-executor';
import { clamp, roundHalfAwayFromZero } from './fixed-point';
import type { QuantizedModel, TensorQuantization } from './model';
import { INT8_MAX, INT8_MIN, isLossless } from './quantization';
import { tensorOf } from './model';
import { elapsedMs } from '../util/clock';

export interface Evaluation {
  /** Samples that were run, the first of the set. */
  readonly count: number;
  /** What the network answered for each of them, row by row. */
  readonly answers: Float32Array;
  /** The task's metric over them. */
  readonly value: number;
}

/** Longest time without a turn of the event loop, in milliseconds: stop requests and progress must get through. */
const BREATH = 50;

/**
 * Runs the first `limit` samples (all of them without it), each output read as the task says.
 * `onProgress` hears samples done and their total. Throws UserError where samples and model do not fit each other.
 */
export async function evaluate(
  model: QuantizedModel,
  task: Task,
  samples: Samples,
  normalization: Normalization,
  limit: number = samples.count,
  onProgress?: (done: number, total: number) => void,
): Promise<Evaluation> {
  const count = Math.min(limit, samples.count);
  checkSamples(model, samples, count);
  const answers = new Float32Array(count * task.answerSize(outputSize(model.graph)));
  const answer = createRespondent(model, task, samples, normalization, answers);
  const breathe = createBreath();
  for (let i = 0; i < count; i++) {
    answer(i);
    await breathe(() => onProgress?.(i + 1, count));
  }
  onProgress?.(count, count);
  return evaluationOf(task, samples, answers, count);
}

/** What the answers to the first `count` samples amount to. */
export function evaluationOf(
  task: Task,
  samples: Samples,
  answers: Float32Array,
  count: number,
): Evaluation {
  const targets = samples.targets.subarray(0, count * targetSize(samples));
  return { count, answers, value: task.measure(answers, targets) };
}

/** @throws UserError where samples and model do not fit each other, or `count` is not positive */
export function checkSamples(model: QuantizedModel, samples: Samples, count: number): void {
  if (samples.shape.join() !== model.graph.inputShape.join()) {
    throw new UserError(
      `The samples have shape ${samples.shape.join('×')}, the network takes ${model.graph.inputShape.join('×')}.`,
    );
  }
  if (!(count > 0)) throw new UserError('There are no samples to evaluate.');
}

/**
 * A function that runs sample `index` and writes what the network answers to its place in `answers`.
 * @throws UserError for a sample that is not numbers
 */
export function createRespondent(
  model: QuantizedModel,
  task: Task,
  samples: Samples,
  normalization: Normalization,
  answers: Float32Array,
): (index: number) => void {
  const executor = createFastExecutor(model);
  const tensor = tensorOf(model, INPUT);
  const scales = outputScales(model);
  const input = new Int8Array(elements(samples.shape));
  const size = outputSize(model.graph);
  const output = new Float64Array(size);
  const width = task.answerSize(size);
  const [first = tensor] = scales;
  const readCodes = task.readCodes?.(tensor, first);
  return (index) => {
    quantizeInput(samples, index, normalization, tensor, input);
    const codes = executor.run(input);
    const answer = answers.subarray(index * width, (index + 1) * width);
    if (readCodes) {
      readCodes(input, codes, answer);
      return;
    }
    codes.forEach((code, i) => {
      const { scale, zeroPoint } = scales[i]!;
      output[i] = (code - zeroPoint) * scale;
    });
    task.read(output, answer);
  };
}

/** Of each number that the network gives: outputs lie one after the other, each with a quantisation of its own. */
function outputScales(model: QuantizedModel): TensorQuantization[] {
  return outputTensors(model.graph).flatMap((name) => {
    const count = elements(shapeOf(model.graph, name));
    return new Array<TensorQuantization>(count).fill(tensorOf(model, name));
  });
}

/** To be called often; lets the event loop have a turn when one is due, after `before`. */
export function createBreath(): (before?: () => void) => Promise<void> | undefined {
  let pause = elapsedMs() + BREATH;
  return (before) => {
    if (elapsedMs() < pause) return undefined;
    before?.();
    return new Promise((resolve) =>
      setImmediate(() => {
        pause = elapsedMs() + BREATH;
        resolve();
      }),
    );
  };
}

/**
 * Writes sample `index` as int8 codes of the input tensor into `out` (H·W·C). Bytes normalised as images are are taken
 * over as pixel − 128, exactly, where the tensor has the quantisation that goes with it; everything else is normalised,
 * scaled and rounded half away from zero, saturating.
 */
export function quantizeInput(
  samples: Samples,
  index: number,
  normalization: Normalization,
  tensor: TensorQuantization,
  out: Int8Array,
): void {
  const size = elements(samples.shape);
  if (out.length !== size || index < 0 || index >= samples.count) {
    throw new Error(
      `Sample ${index} of ${samples.count} with ${size} values does not fit ${out.length} codes.`,
    );
  }
  const { data } = samples;
  const start = index * size;
  if (data instanceof Uint8Array && isLossless(normalization, tensor)) {
    for (let i = 0; i < size; i++) out[i] = data[start + i]! - 128;
    return;
  }
  requireChannels(normalization, samples.shape[2]);
  for (let i = 0; i < size; i++) {
    const real = normalized(normalization, data[start + i]!, i);
    if (Number.isNaN(real)) {
      throw new UserError(`Sample ${index} holds a value that is not a number (element ${i}).`);
    }
    const code = roundHalfAwayFromZero(real / tensor.scale) + tensor.zeroPoint;
    out[i] = clamp(code, INT8_MIN, INT8_MAX);
  }
}

function requireChannels({ mean, std }: Normalization, channels: number): void {
  for (const [what, { length }] of Object.entries({ mean, std })) {
    if (length === channels || length === 1) continue;
    throw new UserError(
      `The normalisation has ${length} values of ${what}; it needs one, or one for each of ${channels} channels.`,
    );
  }
}
