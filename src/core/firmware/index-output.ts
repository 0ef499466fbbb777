/** What the header says of an output that is the index of the largest score, whatever the task. */
import { elements } from '../ops/shape';
import type { Layer } from '../ops/graph-ops';
import type { EmitTask } from '../tasks/emit-task';

/** @param several whether more outputs lie behind it, so that the names are not of its indices alone */
export function indexWords({ inputShape, outputShape }: Layer, several: boolean): EmitTask {
  const count = inputShape[2];
  const [height, width] = outputShape;
  const places =
    elements(outputShape) === 1 ? 'it is' : `each of ${height} x ${width}, row by row, is`;
  return {
    output: () =>
      `the index of the largest of ${count} scores, of equal ones the first; ${places}\n` +
      ' * int8 - EAST_OUTPUT_ZERO_POINT, from 0 on; east_index() does it.',
    declarations: (names) => `\
/* Scores of which the largest is looked for. */
#define EAST_INDEX_COUNT ${count}
${
  several || names.length !== count
    ? ''
    : `/* Initialiser of a const char *const [EAST_INDEX_COUNT], by index; takes no flash where it is not used. */
#define EAST_CLASS_NAMES \\
    {${names.join(', ')}}
`
}`,
    functions: () => `
/* The index that a byte of the output stands for: 0 .. EAST_INDEX_COUNT - 1. */
static inline unsigned east_index(int8_t output)
{
    return (unsigned)(output - EAST_OUTPUT_ZERO_POINT);
}
`,
  };
}
