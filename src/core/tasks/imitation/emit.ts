/** The application takes the outputs as they are. */
import type { EmitTask } from '../emit-task';

export const imitation: EmitTask = {
  output: (number) => `${number} = (int8 - EAST_OUTPUT_ZERO_POINT) * EAST_OUTPUT_SCALE.`,
  declarations: () => '',
};
