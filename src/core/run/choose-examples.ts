/** Inputs that are kept with a finished run, with the outputs of the integer executor: what sources are verified with. */
import type { Dataset, RawTest } from '../dataset/dataset';
import { targetOf, targetSize } from '../dataset/targets';
import { INPUT } from '../graph/graph';
import { elements } from '../ops/shape';
import { quantizeInput } from '../quant/evaluate';
import { createExecutor } from '../quant/executor';
import { tensorOf, type QuantizedModel } from '../quant/model';
import { INT8_MAX, INT8_MIN } from '../quant/quantization';
import { createRandom, mixSeed } from '../util/random';
import { defined } from '../util/defined';
import type { Examples } from './examples-file';

const EXAMPLES = 200;
/** What draws them is told apart from all else that a seed is for. */
const DRAWN = 0x17;

/** Test examples spread evenly over the set; behind a front end those of which the raw samples were kept, with these. */
export function chooseExamples(
  dataset: Pick<Dataset, 'test' | 'normalization' | 'rawTest' | 'unlabelled'>,
  model: QuantizedModel,
): Examples {
  const { test, normalization, rawTest, unlabelled } = dataset;
  const executor = createExecutor(model);
  const kept = model.frontend === undefined ? undefined : rawTest;
  const count = kept?.indices.length ?? Math.min(EXAMPLES, test.count);
  const inputs: Int8Array[] = [];
  const outputs: Int8Array[] = [];
  const width = unlabelled === true ? 0 : targetSize(test);
  const targets = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    const index = kept?.indices[i] ?? Math.floor((i * test.count) / count);
    const input = new Int8Array(elements(test.shape));
    quantizeInput(test, index, normalization, model.tensors[INPUT]!, input);
    inputs.push(input);
    outputs.push(executor.run(input).slice());
    if (width > 0) targets.set(targetOf(test, index), i * width);
  }
  const raw = kept && rawExamples(kept);
  return { vectors: { inputs, outputs, ...defined({ raw }) }, targets };
}

function rawExamples({ indices, data, window }: RawTest): Int16Array[] {
  const size = window.samples * window.channels;
  return Array.from(indices, (_, i) => data.slice(i * size, (i + 1) * size));
}

/**
 * Where there are no examples: inputs drawn by the seed. Half of them have any code with the same probability, half lie around
 * zero more or less widely, as real ones do; the first are zero, the least and the largest code throughout.
 */
export function drawExamples(model: QuantizedModel, seed: number): Examples {
  const executor = createExecutor(model);
  const size = elements(model.graph.inputShape);
  const { zeroPoint } = tensorOf(model, INPUT);
  const constant = [zeroPoint, INT8_MIN, INT8_MAX];
  const inputs = Array.from({ length: EXAMPLES }, (_, i) => {
    const random = createRandom(mixSeed(seed, DRAWN, i));
    const same = constant[i];
    if (same !== undefined) return new Int8Array(size).fill(same);
    const width = 4 + random.int(60);
    return Int8Array.from({ length: size }, () =>
      i % 2 === 0
        ? INT8_MIN + random.int(INT8_MAX - INT8_MIN + 1)
        : Math.min(INT8_MAX, Math.max(INT8_MIN, Math.round(zeroPoint + width * random.normal()))),
    );
  });
  const outputs = inputs.map((input) => executor.run(input));
  return { vectors: { inputs, outputs }, targets: new Float32Array(0) };
}
