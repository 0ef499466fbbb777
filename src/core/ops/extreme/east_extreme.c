/*
 * east_extreme.c - of two operands, brought to the output's scale, the larger or the smaller one.
 */
#include "east_extreme.h"

#include "east_fixed_point.h"

static int32_t operand(const struct east_extreme_params *params, int i, int32_t x)
{
    return east_scale(x - params->zero_point[i], params->multiplier[i], params->shift[i]);
}

void east_extreme(const struct east_task *task)
{
    const struct east_extreme_params *const params = (const struct east_extreme_params *)task->params;
    const int8_t *const second = east_operand_values(&params->operand, task);
    const int8_t *input = task->input;
    int8_t *output = task->output;
    int8_t *const end = output + params->operand.count;

    while (output < end) {
        uint32_t i;
        for (i = 0; i < params->operand.period; i++) {
            const int32_t other = operand(params, 1, second[i]);
            uint32_t left;
            for (left = params->operand.repeat; left > 0U; left--) {
                const int32_t one = operand(params, 0, *input++);
                const int32_t chosen = (one > other) == (params->maximum != 0U) ? one : other;
                *output++ = (int8_t)east_clamp_to(chosen + params->zero_point[2], -128, 127);
            }
        }
    }
}
