/*
 * east_prelu.c - brings each value to the output's scale, negative ones times the slope of their channel or place.
 */
#include "east_prelu.h"

#include "east_fixed_point.h"

void east_prelu(const struct east_task *task)
{
    const struct east_prelu_params *const params = (const struct east_prelu_params *)task->params;
    const int8_t *const slopes = east_operand_values(&params->operand, task);
    const int8_t *input = task->input;
    int8_t *output = task->output;
    int8_t *const end = output + params->operand.count;

    while (output < end) {
        uint32_t i;
        for (i = 0; i < params->operand.period; i++) {
            const int32_t slope = slopes[i] - params->zero_point[1];
            uint32_t left;
            for (left = params->operand.repeat; left > 0U; left--) {
                const int32_t distance = *input++ - params->zero_point[0];
                const int side = distance >= 0 ? 1 : 0;
                const int32_t product = side != 0 ? distance : distance * slope;
                const int32_t scaled = east_scale(product, params->multiplier[side], params->shift[side]);
                *output++ = (int8_t)east_clamp_to(scaled + params->zero_point[2], -128, 127);
            }
        }
    }
}
