/*
 * east_average_pool_2d.c - the mean of the cells of each window that lie inside the image, global pooling included.
 */
#include "east_kernels.h"

void east_average_pool_2d(const struct east_task *task)
{
    const struct east_window *const w = (const struct east_window *)task->params;
    const size_t channels = w->channels;
    int8_t *output = task->output;
    uint32_t y;
    uint32_t x;

    for (y = 0; y < w->output_height; y++) {
        const int32_t top = (int32_t)(y * w->stride_height) - w->pad_top;
        const int32_t bottom = top + w->kernel_height;
        const int32_t first_row = top < 0 ? 0 : top;
        const int32_t end_row = bottom < w->input_height ? bottom : w->input_height;
        for (x = 0; x < w->output_width; x++) {
            const int32_t left = (int32_t)(x * w->stride_width) - w->pad_left;
            const int32_t right = left + w->kernel_width;
            const int32_t first_column = left < 0 ? 0 : left;
            const int32_t end_column = right < w->input_width ? right : w->input_width;
            const int32_t cells = (end_row - first_row) * (end_column - first_column);
            size_t channel;
            for (channel = 0; channel < channels; channel++) {
                int32_t sum = 0;
                int32_t row;
                for (row = first_row; row < end_row; row++) {
                    const int8_t *cell =
                        task->input + ((size_t)row * w->input_width + (size_t)first_column) * channels + channel;
                    int32_t column;
                    for (column = first_column; column < end_column; column++) {
                        sum += *cell;
                        cell += channels;
                    }
                }
                *output++ = (int8_t)((sum > 0 ? sum + cells / 2 : sum - cells / 2) / cells);
            }
        }
    }
}
