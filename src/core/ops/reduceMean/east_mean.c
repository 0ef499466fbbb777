/*
 * east_mean.c - mean of values along some axes, with a scale of its own.
 */
#include "east_mean.h"

#include "east_fixed_point.h"

void east_mean(const struct east_task *task)
{
    const struct east_mean_params *const params = (const struct east_mean_params *)task->params;
    const struct east_reduced *const reduced = &params->reduced;
    const uint32_t row = (uint32_t)reduced->input[1] * reduced->input[2];
    int8_t *output = task->output;
    uint32_t y, x, c, i, j, k;

    for (y = 0; y < reduced->output[0]; y++) {
        for (x = 0; x < reduced->output[1]; x++) {
            for (c = 0; c < reduced->output[2]; c++) {
                const int8_t *const first = task->input + y * row + x * reduced->input[2] + c;
                int32_t sum = 0;
                for (i = 0; i < reduced->reduced[0]; i++) {
                    for (j = 0; j < reduced->reduced[1]; j++) {
                        const int8_t *const values = first + i * row + j * reduced->input[2];
                        for (k = 0; k < reduced->reduced[2]; k++) {
                            sum += values[k] - params->input_zero_point;
                        }
                    }
                }
                sum = east_scale(sum, params->multiplier, params->shift);
                *output++ = (int8_t)east_clamp_to(sum + params->output_zero_point, -128, 127);
            }
        }
    }
}
