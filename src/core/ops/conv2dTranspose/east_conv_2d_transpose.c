/*
 * east_conv_2d_transpose.c - transposed convolution, pixel by pixel of the output: only the inputs whose patch covers it are
 * looked at, so that no product with a zero in between is computed and no sum has to be kept.
 */
#include "east_hot.h"

#include "east_conv_2d_transpose.h"
#include "east_dsp.h"
#include "east_fixed_point.h"

/* Inputs along one axis whose patch covers an output: input first + i meets tap tap - i * stride. */
struct covering {
    int32_t first, count, tap;
};

static struct covering covering(int32_t place, int32_t taps, int32_t stride, int32_t size)
{
    struct covering c;
    int32_t last = place / stride;
    c.first = place < taps ? 0 : (place - taps) / stride + 1;
    if (last > size - 1) {
        last = size - 1;
    }
    c.count = last - c.first + 1;
    c.tap = place - c.first * stride;
    return c;
}

/* sum + the products of (x - zero_point) and w, n elements each. */
static inline int32_t products(const int8_t *x, const int8_t *w, size_t n, int32_t zero_point, int32_t sum)
{
    size_t left = n;
#ifdef EAST_USE_DSP
    const uint32_t minus_zero_points = (uint32_t)(-zero_point & 0xFFFF) * 0x10001U;
    const int8_t *const end = x + (n & ~(size_t)3);
    while (x != end) {
        const uint32_t x4 = east_load_4(x);
        const uint32_t w4 = east_load_4(w);
        sum = east_dot_2(east_even_plus(x4, minus_zero_points), east_even(w4), sum);
        sum = east_dot_2(east_odd_plus(x4, minus_zero_points), east_odd(w4), sum);
        x += 4;
        w += 4;
    }
    left &= 3U;
#endif
    for (; left > 0U; left--) {
        sum += (*x++ - zero_point) * *w++;
    }
    return sum;
}

void east_conv_2d_transpose(const struct east_task *task)
{
    const struct east_window *const w = (const struct east_window *)task->params;
    const struct east_weights *const layer = task->layer;
    const size_t depth = w->channels;
    const size_t tap_row = w->kernel_width * depth;
    int8_t *output = task->output + task->first_channel;
    uint32_t y;
    uint32_t x;

    for (y = 0; y < w->output_height; y++) {
        const struct covering rows = covering((int32_t)y + w->pad_top, w->kernel_height, w->stride_height, w->input_height);
        for (x = 0; x < w->output_width; x++) {
            const struct covering columns =
                covering((int32_t)x + w->pad_left, w->kernel_width, w->stride_width, w->input_width);
            const int8_t *filter = task->weights;
            uint32_t channel;
            for (channel = 0; channel < task->channels; channel++) {
                int32_t sum = layer->bias[task->first_channel + channel];
                int32_t row;
                for (row = 0; row < rows.count; row++) {
                    const int8_t *cell =
                        task->input + ((size_t)(rows.first + row) * w->input_width + (size_t)columns.first) * depth;
                    const int8_t *tap = filter + (size_t)(rows.tap - row * w->stride_height) * tap_row +
                                        (size_t)columns.tap * depth;
                    int32_t column;
                    for (column = 0; column < columns.count; column++) {
                        sum = products(cell, tap - (size_t)column * w->stride_width * depth, depth,
                                       layer->input_zero_point, sum);
                        cell += depth;
                    }
                }
                output[channel] = east_requantize(layer, task->first_channel + channel, sum);
                filter += layer->channel_weights;
            }
            output += layer->channels;
        }
    }
}
