/*
 * east_conv_2d.c - convolution as matrix multiplication: the inputs under two neighbouring output pixels are gathered
 * into two columns, in the order of the weights, and multiplied with every filter of the tile.
 */
#include "east_hot.h"

#include "east_kernels.h"

#include <string.h>

/* The window's inputs for output pixel (y, x), [kernel height, kernel width, channels]; padding is four zero points. */
static void gather(const struct east_window *w, const int8_t *input, uint32_t y, uint32_t x, const int8_t *padding,
                   struct east_column *column)
{
    const int32_t left = (int32_t)(x * w->stride_width) - w->pad_left;
    const int32_t right = left + w->kernel_width - w->input_width;
    const uint32_t before = left < 0 ? (uint32_t)-left * w->channels : 0U;
    const uint32_t after = right > 0 ? (uint32_t)right * w->channels : 0U;
    const uint32_t row_bytes = (uint32_t)w->kernel_width * w->channels;
    const int32_t pitch = (int32_t)w->input_width * w->channels;
    int32_t row = (int32_t)(y * w->stride_height) - w->pad_top;
    int32_t from = row * pitch + (left < 0 ? 0 : left) * w->channels;
    uint32_t rows = w->kernel_height;

    column->at = 0;
    for (; rows > 0U; rows--) {
        if (row < 0 || row >= w->input_height) {
            east_put(column, padding, row_bytes, 0);
        } else {
            if (before > 0U) {
                east_put(column, padding, before, 0);
            }
            east_put(column, input + from, row_bytes - before - after, 1);
            if (after > 0U) {
                east_put(column, padding, after, 0);
            }
        }
        from += pitch;
        row++;
    }
}

void east_conv_2d(const struct east_task *task)
{
    const struct east_conv_2d_params *const params = (const struct east_conv_2d_params *)task->params;
    const struct east_window *const w = &params->window;
    const struct east_weights *const layer = task->layer;
    const uint32_t pixels = (uint32_t)w->output_height * w->output_width;
    int8_t *output = task->output + task->first_channel;
    struct east_column columns[2];
    int8_t padding[4];
    uint32_t pixel;
    uint32_t y = 0;
    uint32_t x = 0;

    east_columns(columns, task->arena + params->scratch, layer->channel_weights);
    memset(padding, layer->input_zero_point, sizeof padding);
    for (pixel = 0; pixel < pixels; pixel += 2U) {
        const uint32_t count = pixels - pixel > 1U ? 2U : 1U;
        uint32_t i;
        for (i = 0; i < count; i++) {
            gather(w, task->input, y, x, padding, &columns[i]);
            if (++x == w->output_width) {
                x = 0;
                y++;
            }
        }
        east_multiply(task, columns, count, output);
        output += 2U * (size_t)layer->channels;
    }
}
