/*
 * east_reduce_max.c - the largest of the values along some axes.
 */
#include "east_reduced.h"

void east_reduce_max(const struct east_task *task)
{
    const struct east_reduced *const reduced = (const struct east_reduced *)task->params;
    const uint32_t row = (uint32_t)reduced->input[1] * reduced->input[2];
    int8_t *output = task->output;
    uint32_t y, x, c, i, j, k;

    for (y = 0; y < reduced->output[0]; y++) {
        for (x = 0; x < reduced->output[1]; x++) {
            for (c = 0; c < reduced->output[2]; c++) {
                const int8_t *const first = task->input + y * row + x * reduced->input[2] + c;
                int32_t largest = -128;
                for (i = 0; i < reduced->reduced[0]; i++) {
                    for (j = 0; j < reduced->reduced[1]; j++) {
                        const int8_t *const values = first + i * row + j * reduced->input[2];
                        for (k = 0; k < reduced->reduced[2]; k++) {
                            largest = values[k] > largest ? values[k] : largest;
                        }
                    }
                }
                *output++ = (int8_t)largest;
            }
        }
    }
}
