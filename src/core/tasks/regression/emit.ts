/** The application reads numbers in the units of the training data. */
import { floatLiteral } from '../../firmware/c-text';
import type { EmitTask } from '../emit-task';

export const regression: EmitTask = {
  output: () =>
    'number = (int8 - EAST_OUTPUT_ZERO_POINT) * EAST_OUTPUT_SCALE * std + mean, in the units of the training data;\n' +
    ' * mean and std of each output are below; east_value() does it.',
  declarations: (names, { facts }) => {
    const { mean, std } = facts.targets ?? { mean: names.map(() => 0), std: names.map(() => 1) };
    return `\
/* Initialiser of a const char *const [EAST_OUTPUT_BYTES]; takes no flash where it is not used. */
#define EAST_OUTPUT_NAMES \\
    {${names.join(', ')}}
#define EAST_TARGET_MEAN {${mean.map(floatLiteral).join(', ')}}
#define EAST_TARGET_STD {${std.map(floatLiteral).join(', ')}}`;
  },
  functions: () => `
/*
 * One number of the output in the units of the training data. output: what east_invoke() has written; number:
 * 0 .. EAST_OUTPUT_BYTES - 1.
 */
static inline float east_value(const int8_t *output, unsigned number)
{
    static const float means[] = EAST_TARGET_MEAN;
    static const float deviations[] = EAST_TARGET_STD;

    return (float)(output[number] - EAST_OUTPUT_ZERO_POINT) * EAST_OUTPUT_SCALE * deviations[number] + means[number];
}
`,
};
