/** The application asks of each label whether it is there. */
import type { EmitTask } from '../emit-task';

export const multiLabel: EmitTask = {
  output: (number) =>
    `${number} = (int8 - EAST_OUTPUT_ZERO_POINT) * EAST_OUTPUT_SCALE, one for each label, which is there where it is above 0:\n` +
    ' * east_has_label() tells.',
  declarations: (names) => `\
/* Initialiser of a const char *const [EAST_OUTPUT_BYTES]; takes no flash where it is not used. */
#define EAST_LABEL_NAMES \\
    {${names.join(', ')}}`,
  functions: () => `
/* Whether a label is there. output: what east_invoke() has written; label: 0 .. EAST_OUTPUT_BYTES - 1. */
static inline int east_has_label(const int8_t *output, unsigned label)
{
    return (int)output[label] > EAST_OUTPUT_ZERO_POINT;
}
`,
};
