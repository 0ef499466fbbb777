/*
 * east_pad.c - puts one value around a tensor.
 */
#include "east_pad.h"

#include <string.h>

void east_pad(const struct east_task *task)
{
    const struct east_pad_params *const params = (const struct east_pad_params *)task->params;
    const int8_t *input = task->input;
    int8_t *output = task->output + params->first;
    uint32_t y, x;

    memset(task->output, params->value, params->count);
    for (y = params->height; y > 0U; y--) {
        for (x = params->width; x > 0U; x--) {
            memcpy(output, input, params->channels);
            input += params->channels;
            output += params->output_channels;
        }
        output += params->gap;
    }
}
