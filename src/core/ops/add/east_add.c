/*
 * east_add.c - element-wise sum of two tensors with scales of their own: both are brought to a common scale with 20
 * bits of headroom, added, and scaled to the output's.
 */
#include "east_fixed_point.h"
#include "east_kernels.h"

#define EAST_ADD_LEFT_SHIFT 20

static int32_t operand(const struct east_add_params *params, int i, int32_t x)
{
    const int32_t shifted = (x - params->zero_point[i]) * (1 << EAST_ADD_LEFT_SHIFT);
    return east_scale(shifted, params->multiplier[i], params->shift[i]);
}

void east_add(const struct east_task *task)
{
    const struct east_add_params *const params = (const struct east_add_params *)task->params;
    const int8_t *a = task->input;
    const int8_t *b = task->arena + params->other;
    int8_t *output = task->output;
    uint32_t left;

    for (left = params->count; left > 0U; left--) {
        const int32_t sum = operand(params, 0, *a++) + operand(params, 1, *b++);
        const int32_t scaled = east_scale(sum, params->multiplier[2], params->shift[2]);
        *output++ = (int8_t)east_clamp_to(scaled + params->zero_point[2], params->activation_min,
                                          params->activation_max);
    }
}
