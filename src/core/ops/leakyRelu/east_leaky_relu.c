/*
 * east_leaky_relu.c - brings each value to the output's scale, negative ones by a smaller factor.
 */
#include "east_leaky_relu.h"

#include "east_fixed_point.h"

void east_leaky_relu(const struct east_task *task)
{
    const struct east_leaky_relu_params *const params = (const struct east_leaky_relu_params *)task->params;
    uint32_t i;

    for (i = 0; i < params->count; i++) {
        const int32_t distance = task->input[i] - params->input_zero_point;
        const int side = distance >= 0 ? 1 : 0;
        const int32_t scaled = east_scale(distance, params->multiplier[side], params->shift[side]);
        task->output[i] = (int8_t)east_clamp_to(scaled + params->output_zero_point, -128, 127);
    }
}
