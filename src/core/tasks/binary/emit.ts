/** The application asks whether the output is above the threshold. */
import { signed } from '../../firmware/c-text';
import type { EmitTask } from '../emit-task';

/** Codes above it are alarms. */
const LEAST = -129;
const MOST = 127;

export const binary: EmitTask = {
  output: (number) =>
    `${number} = (int8 - EAST_OUTPUT_ZERO_POINT) * EAST_OUTPUT_SCALE; the higher, the surer. east_detected() holds it against the threshold.`,
  declarations: ([name = '""'], { facts: { threshold = 0 }, output: { scale, zeroPoint } }) => `\
/* What is detected. */
#define EAST_DETECTS ${name}
/* Largest int8 of the output that is no detection: chosen on the validation set for the wanted rate of false alarms. */
#define EAST_THRESHOLD ${signed(
    Math.min(MOST, Math.max(LEAST, Math.floor(threshold / scale) + zeroPoint)),
  )}`,
  functions: () => `
/* Whether what the model detects is there, by the output that east_invoke() has written. */
static inline int east_detected(const int8_t *output)
{
    return (int)output[0] > EAST_THRESHOLD;
}
`,
};
