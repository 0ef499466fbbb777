/** What the header says of an output that is the index of the largest score, whatever the task. */
import { elements } from '../ops/shape';
import type { Layer } from '../ops/graph-ops';
import type { EmitTask } from '../tasks/emit-task';

/**
 * @param at which of several outputs it is: each has a number of scores and a zero point of its own, and the names are not of its
 * indices alone. Absent where it is the only one.
 */
export function indexWords({ inputShape, outputShape }: Layer, at?: number): EmitTask {
  const count = inputShape[2];
  const [height, width] = outputShape;
  const places =
    elements(outputShape) === 1 ? 'it is' : `each of ${height} x ${width}, row by row, is`;
  const alone = at === undefined;
  const which = alone ? 'the output' : `output ${at}`;
  const zeroPoint = alone ? 'EAST_OUTPUT_ZERO_POINT' : `EAST_OUTPUT_${at}_ZERO_POINT`;
  const countName = alone ? 'EAST_INDEX_COUNT' : `EAST_OUTPUT_${at}_INDEX_COUNT`;
  const helper = alone ? 'east_index' : `east_output_${at}_index`;
  return {
    output: () =>
      `the index of the largest of ${count} scores, of equal ones the first; ${places}\n` +
      ` * int8 - ${zeroPoint}, from 0 on; ${helper}() does it.`,
    declarations: (names) => `\
/* Scores of which the largest is looked for${alone ? '' : `, of ${which}`}. */
#define ${countName} ${count}
${
  !alone || names.length !== count
    ? ''
    : `/* Initialiser of a const char *const [EAST_INDEX_COUNT], by index; takes no flash where it is not used. */
#define EAST_CLASS_NAMES \\
    {${names.join(', ')}}
`
}`,
    functions: () => `
/* The index that a byte of ${which} stands for: 0 .. ${countName} - 1. */
static inline unsigned ${helper}(int8_t output)
{
    return (unsigned)(output - ${zeroPoint});
}
`,
  };
}
