/*
 * east_clip.c - brings each value to the output's scale and clamps it.
 */
#include "east_clip.h"

#include "east_fixed_point.h"

void east_clip(const struct east_task *task)
{
    const struct east_clip_params *const params = (const struct east_clip_params *)task->params;
    uint32_t i;

    for (i = 0; i < params->count; i++) {
        const int32_t distance = task->input[i] - params->input_zero_point;
        const int32_t scaled = east_scale(distance, params->multiplier, params->shift);
        task->output[i] = (int8_t)east_clamp_to(scaled + params->output_zero_point, params->low, params->high);
    }
}
