/** The application asks how far the output is from the input, and whether that is an anomaly. */
import { floatLiteral } from '../../firmware/c-text';
import type { EmitTask } from '../emit-task';
import { scoreFactors } from './score';

/** Scores above it are anomalies. */
const MOST = 2 ** 32 - 1;

export const anomaly: EmitTask = {
  output: () =>
    'the input rebuilt, value = (int8 - EAST_OUTPUT_ZERO_POINT) * EAST_OUTPUT_SCALE; what is not rebuilt well is an\n' +
    ' * anomaly: east_score() says how badly, east_is_anomaly() holds that against the threshold.',
  declarations: (_names, { facts: { threshold = 0 }, input, output }) => {
    const factors = scoreFactors(input, output);
    const most = Math.min(MOST, Math.max(0, Math.floor(threshold / factors.scale)));
    return `\
/* Mean squared error of the rebuilt input, in its normalised units, for each unit of the score. */
#define EAST_SCORE_SCALE ${floatLiteral(factors.scale)}
/* Largest score that is no anomaly: chosen on normal examples for the wanted rate of false alarms. */
#define EAST_THRESHOLD ${most}U`;
  },
  functions: ({ input, output }) => {
    const factors = scoreFactors(input, output);
    return `
/*
 * How badly an example was rebuilt, exactly as in training: the mean over its numbers of the squared difference.
 * input   what east_invoke() was given, in a buffer of your own: that of east_input() is overwritten by then
 * output  what it has written
 */
static inline uint32_t east_score(const int8_t *input, const int8_t *output)
{
    uint64_t sum = 0;
    uint32_t i;

    for (i = 0; i < EAST_INPUT_BYTES; i++) {
        const int32_t given = ((int32_t)input[i] - EAST_INPUT_ZERO_POINT) * ${factors.input};
        const int32_t rebuilt = ((int32_t)output[i] - EAST_OUTPUT_ZERO_POINT) * ${factors.output};
        const uint32_t difference = (uint32_t)(given > rebuilt ? given - rebuilt : rebuilt - given);

        sum += (uint64_t)difference * difference;
    }
    return (uint32_t)(sum / (4U * (uint32_t)EAST_INPUT_BYTES));
}

/* Whether an example is an anomaly: its score is above the threshold. */
static inline int east_is_anomaly(const int8_t *input, const int8_t *output)
{
    return east_score(input, output) > EAST_THRESHOLD;
}
`;
  },
};
