/*
 * east_concat.c - puts tensors side by side, brought to one scale where they have others.
 */
#include "east_concat.h"

#include "east_fixed_point.h"

#include <string.h>

void east_concat(const struct east_task *task)
{
    const struct east_concat_params *const params = (const struct east_concat_params *)task->params;
    int8_t *output = task->output;
    uint32_t turn;

    for (turn = 0; turn < params->turns; turn++) {
        uint32_t i;
        for (i = 0; i < params->count; i++) {
            const struct east_concat_part *const part = &params->parts[i];
            const int8_t *const input = task->arena + part->input + turn * part->length;
            if (part->multiplier == 0) {
                memcpy(output, input, part->length);
            } else {
                uint32_t k;
                for (k = 0; k < part->length; k++) {
                    const int32_t scaled = east_scale(input[k] - part->zero_point, part->multiplier, part->shift);
                    output[k] = (int8_t)east_clamp_to(scaled + params->output_zero_point, -128, 127);
                }
            }
            output += part->length;
        }
    }
}
