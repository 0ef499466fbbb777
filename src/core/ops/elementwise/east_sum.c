/*
 * east_sum.c - sum or difference of two operands with scales of their own, the second of which may be a constant or be
 * repeated. Both are brought to a common scale with 20 bits of headroom, added, and scaled to the output's.
 */
#include "east_sum.h"

#include "east_fixed_point.h"

#define EAST_SUM_LEFT_SHIFT 20

static int32_t operand(const struct east_sum_params *params, int i, int32_t x)
{
    const int32_t shifted = (x - params->zero_point[i]) * (1 << EAST_SUM_LEFT_SHIFT);
    return params->sign[i] * east_scale(shifted, params->multiplier[i], params->shift[i]);
}

void east_sum(const struct east_task *task)
{
    const struct east_sum_params *const params = (const struct east_sum_params *)task->params;
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
                const int32_t sum = operand(params, 0, *input++) + other;
                const int32_t scaled = east_scale(sum, params->multiplier[2], params->shift[2]);
                *output++ = (int8_t)east_clamp_to(scaled + params->zero_point[2], params->activation_min,
                                                  params->activation_max);
            }
        }
    }
}
