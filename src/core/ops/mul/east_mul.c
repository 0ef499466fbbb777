/*
 * east_mul.c - element-wise product of two operands, the second of which may be a constant or be repeated, as where a
 * tensor's channels are weighted by one number each.
 */
#include "east_mul.h"

#include "east_fixed_point.h"

void east_mul(const struct east_task *task)
{
    const struct east_mul_params *const params = (const struct east_mul_params *)task->params;
    const int8_t *const second = east_operand_values(&params->operand, task);
    const int8_t *input = task->input;
    int8_t *output = task->output;
    int8_t *const end = output + params->operand.count;

    while (output < end) {
        uint32_t i;
        for (i = 0; i < params->operand.period; i++) {
            const int32_t other = second[i] - params->zero_point[1];
            uint32_t left;
            for (left = params->operand.repeat; left > 0U; left--) {
                const int32_t product = (*input++ - params->zero_point[0]) * other;
                const int32_t scaled = east_scale(product, params->multiplier, params->shift);
                *output++ = (int8_t)east_clamp_to(scaled + params->zero_point[2], params->activation_min,
                                                  params->activation_max);
            }
        }
    }
}
