/*
 * east_clamp.c - ReLU and ReLU6 that could not be fused into the layer before them: scale and zero point stay.
 */
#include "east_fixed_point.h"
#include "east_kernels.h"

void east_clamp(const struct east_task *task)
{
    const struct east_clamp_params *const params = (const struct east_clamp_params *)task->params;
    uint32_t i;

    for (i = 0; i < params->count; i++) {
        task->output[i] = (int8_t)east_clamp_to(task->input[i], params->activation_min, params->activation_max);
    }
}
