/** What a network answers for many examples at once. */
import type { Task } from './task';

/**
 * @param outputs row by row, `size` numbers of each example
 * @param inputs what the network was given, row by row, normalised; tasks that compare with it need it
 */
export function readAnswers(
  task: Task,
  outputs: Float32Array,
  size: number,
  inputs?: Float32Array,
): Float32Array {
  const width = task.answerSize(size);
  const examples = outputs.length / size;
  const answers = new Float32Array(examples * width);
  const given = (inputs?.length ?? 0) / examples;
  for (let i = 0; i < examples; i++) {
    task.read(
      outputs.subarray(i * size, (i + 1) * size),
      answers.subarray(i * width, (i + 1) * width),
      inputs?.subarray(i * given, (i + 1) * given),
    );
  }
  return answers;
}
