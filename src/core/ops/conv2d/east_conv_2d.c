/*
 * east_conv_2d.c - convolution as matrix multiplication: the inputs under two neighbouring output pixels are gathered
 * into two columns, in the order of the weights, and multiplied with every filter of the tile.
 */
#include "east_hot.h"

#include "east_kernels.h"

#include <string.h>

/* The window's inputs for output pixel (y, x), [kernel height, kernel width, channels]; padding is the zero point. */
static void gather(const struct east_window *w, const int8_t *input, uint32_t y, uint32_t x, int8_t zero_point,
                   int8_t *column)
{
    const int32_t top = (int32_t)(y * w->stride_height) - w->pad_top;
    const int32_t left = (int32_t)(x * w->stride_width) - w->pad_left;
    const int32_t right = left + w->kernel_width;
    const size_t before = (size_t)(left < 0 ? -left : 0) * w->channels;
    const size_t after = (size_t)(right > w->input_width ? right - w->input_width : 0) * w->channels;
    const size_t row_bytes = (size_t)w->kernel_width * w->channels;
    int32_t row;

    for (row = top; row < top + w->kernel_height; row++) {
        if (row < 0 || row >= w->input_height) {
            memset(column, zero_point, row_bytes);
        } else {
            const int8_t *const from =
                input + ((size_t)row * w->input_width + (size_t)(left < 0 ? 0 : left)) * w->channels;
            if (before > 0U) {
                memset(column, zero_point, before);
            }
            memcpy(column + before, from, row_bytes - before - after);
            if (after > 0U) {
                memset(column + row_bytes - after, zero_point, after);
            }
        }
        column += row_bytes;
    }
}

void east_conv_2d(const struct east_task *task)
{
    const struct east_conv_2d_params *const params = (const struct east_conv_2d_params *)task->params;
    const struct east_window *const w = &params->window;
    const struct east_weights *const layer = task->layer;
    const uint32_t pixels = (uint32_t)w->output_height * w->output_width;
    const int pointwise = w->kernel_height == 1U && w->kernel_width == 1U && w->stride_height == 1U &&
                          w->stride_width == 1U;
    int8_t *const columns = task->arena + params->scratch;
    int8_t *output = task->output + task->first_channel;
    uint32_t pixel;
    uint32_t y = 0;
    uint32_t x = 0;

    for (pixel = 0; pixel < pixels; pixel += 2U) {
        const uint32_t count = pixels - pixel > 1U ? 2U : 1U;
        if (pointwise) {
            east_multiply(task, task->input + (size_t)pixel * w->channels, count, output);
        } else {
            uint32_t i;
            for (i = 0; i < count; i++) {
                gather(w, task->input, y, x, layer->input_zero_point, columns + i * layer->channel_weights);
                if (++x == w->output_width) {
                    x = 0;
                    y++;
                }
            }
            east_multiply(task, columns, count, output);
        }
        output += 2U * (size_t)layer->channels;
    }
}
