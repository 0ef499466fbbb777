/*
 * east_max_pool_2d.c - the largest value under each window, global pooling included.
 */
#include "east_dsp.h"
#include "east_kernels.h"

#include <string.h>

void east_max_pool_2d(const struct east_task *task)
{
    const struct east_window *const w = (const struct east_window *)task->params;
    const size_t channels = w->channels;
    int8_t *output = task->output;
    uint32_t y;
    uint32_t x;

    for (y = 0; y < w->output_height; y++) {
        const int32_t top = (int32_t)(y * w->stride_height) - w->pad_top;
        const int32_t bottom = top + w->kernel_height;
        for (x = 0; x < w->output_width; x++) {
            const int32_t left = (int32_t)(x * w->stride_width) - w->pad_left;
            const int32_t right = left + w->kernel_width;
            int32_t row;
            memset(output, -128, channels);
            for (row = top < 0 ? 0 : top; row < bottom && row < w->input_height; row++) {
                int32_t column;
                for (column = left < 0 ? 0 : left; column < right && column < w->input_width; column++) {
                    const int8_t *const cell =
                        task->input + ((size_t)row * w->input_width + (size_t)column) * channels;
                    size_t c = 0;
#ifdef EAST_USE_DSP
                    for (; channels - c >= 4U; c += 4U) {
                        const uint32_t word = east_larger_4(east_load_4(cell + c), east_load_4(output + c));
                        memcpy(output + c, &word, 4);
                    }
#endif
                    for (; c < channels; c++) {
                        if (cell[c] > output[c]) {
                            output[c] = cell[c];
                        }
                    }
                }
            }
            output += channels;
        }
    }
}
