/** What the C header offers of a task. Text in the runtime's names (`east_`, `EAST_`), which the model's take the place of. */
import type { CodeScale, TaskFacts } from './facts';

/** What the header's text depends on besides names. */
export interface EmitModel {
  readonly facts: TaskFacts;
  /** Numbers of the input. */
  readonly inputs: number;
  readonly input: CodeScale;
  /** Of the first output. */
  readonly output: CodeScale;
}

export interface EmitTask {
  /**
   * What the header says behind `Output:`: how an int8 of the output becomes what the task speaks of, and what that
   * means. `number` is what the network's last layer gives, a score or a probability. One line, or more that begin with ` * `.
   */
  readonly output: (number: 'score' | 'probability') => string;
  /** Declarations below those of the output. `names` of the outputs, as C string literals. */
  readonly declarations: (names: readonly string[], model: EmitModel) => string;
  /** Functions below those of the interface, `static inline`, so that they take no flash where they are not used. */
  readonly functions?: (model: EmitModel) => string;
}
