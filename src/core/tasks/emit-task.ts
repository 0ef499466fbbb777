/** What the C header offers of a task. Text in the runtime's names (`east_`, `EAST_`), which the model's take the place of. */
export interface EmitTask {
  /**
   * What the header says behind `Output:`: how an int8 of the output becomes what the task speaks of, and what that
   * means. `number` is what the network's last layer gives, a score or a probability. One line, or more that begin with ` * `.
   */
  readonly output: (number: 'score' | 'probability') => string;
  /** Declarations below those of the output. `names` of the outputs, as C string literals. */
  readonly declarations: (names: readonly string[]) => string;
}
