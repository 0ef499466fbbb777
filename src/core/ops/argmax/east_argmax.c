/*
 * east_argmax.c - which of the channels is the largest, as TensorFlow Lite's reference kernel looks for it.
 */
#include "east_argmax.h"

void east_argmax(const struct east_task *task)
{
    const struct east_argmax_params *const params = (const struct east_argmax_params *)task->params;
    const int8_t *row = task->input;
    uint32_t i, c;

    for (i = 0; i < params->rows; i++) {
        uint32_t best = 0;
        for (c = 1; c < params->channels; c++) {
            best = row[c] > row[best] ? c : best;
        }
        task->output[i] = (int8_t)((int32_t)best + params->first);
        row += params->channels;
    }
}
