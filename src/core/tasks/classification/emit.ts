/** The application takes the largest output, and finds its class's name in a macro. */
import type { EmitTask } from '../emit-task';

export const classification: EmitTask = {
  output: (number) =>
    `${number} = (int8 - EAST_OUTPUT_ZERO_POINT) * EAST_OUTPUT_SCALE; the largest is the answer.`,
  declarations: (names) => `\
/* Initialiser of a const char *const [EAST_OUTPUT_BYTES]; takes no flash where it is not used. */
#define EAST_CLASS_NAMES \\
    {${names.join(', ')}}`,
};
