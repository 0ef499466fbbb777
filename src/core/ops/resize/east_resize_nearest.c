/*
 * east_resize_nearest.c - a picture in another size, of its nearest pixels.
 */
#include "east_resize.h"

#include <string.h>

void east_resize_nearest(const struct east_task *task)
{
    const struct east_resize_nearest_params *const params = (const struct east_resize_nearest_params *)task->params;
    int8_t *output = task->output;
    uint32_t y, x;

    for (y = 0; y < params->height; y++) {
        const int8_t *const row = task->input + (uint32_t)params->rows[y] * params->input_width * params->channels;
        for (x = 0; x < params->width; x++) {
            memcpy(output, row + (uint32_t)params->columns[x] * params->channels, params->channels);
            output += params->channels;
        }
    }
}
