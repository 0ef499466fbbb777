/** A stream to run a network along, made of known examples: what self-test and verification of streams run. */
import { stepOf } from '../graph/stream';
import type { Graph } from '../graph/graph';
import { elements } from '../ops/shape';
import { createStreamExecutor } from '../quant/stream-executor';
import type { QuantizedModel } from '../quant/model';
import type { StreamVectors } from './vectors';

/**
 * The windows of `examples` one after the other, cut into steps, and what each gives by the exact integer executor.
 *
 * @param graph the model's, along the stream
 * @param examples int8 codes of the whole window's input, at least one
 */
export function streamVectors(
  model: QuantizedModel,
  graph: Graph,
  examples: readonly Int8Array[],
): StreamVectors | undefined {
  const step = stepOf(graph);
  if (step === undefined || examples.length === 0) return undefined;
  const bytes = elements(step.graph.inputShape);
  const all = new Int8Array(examples.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const example of examples) {
    all.set(example, at);
    at += example.length;
  }
  // As many steps as the examples fill; at least one behind the first full window shows that the past is kept.
  const steps = Math.max(step.warmUp + 1, Math.floor(all.length / bytes));
  const inputs = Array.from({ length: steps }, (_, i) =>
    Int8Array.from({ length: bytes }, (_, k) => all[(i * bytes + k) % all.length]!),
  );
  const executor = createStreamExecutor(model, step);
  return { inputs, outputs: inputs.map((input) => executor.step(input)) };
}
