/*
 * east_depthwise_conv_2d.c - each channel with its own small filter. Four neighbouring channels at once where the
 * DSP instructions exist; the rest, and every channel elsewhere, one by one. Padding is skipped.
 */
#include "east_hot.h"

#include "east_dsp.h"
#include "east_fixed_point.h"
#include "east_kernels.h"

/* The part of the window that lies inside the image, for one output pixel. */
struct taps {
    const int8_t *input;   /* channel 0 of the first tap */
    const int8_t *weights; /* the same */
    uint32_t rows, columns;
    size_t input_row; /* bytes from a row's first tap to the next row's */
    size_t weight_row;
    size_t channels; /* bytes from a tap to the next */
};

static int32_t one_channel(const struct taps *t, uint32_t channel, int32_t zero_point, int32_t sum)
{
    uint32_t row;
    for (row = 0; row < t->rows; row++) {
        const int8_t *x = t->input + row * t->input_row + channel;
        const int8_t *w = t->weights + row * t->weight_row + channel;
        uint32_t column;
        for (column = 0; column < t->columns; column++) {
            sum += (*x - zero_point) * *w;
            x += t->channels;
            w += t->channels;
        }
    }
    return sum;
}

#ifdef EAST_USE_DSP
/* Whether all sums of the layer can be scaled by east_scale_fast. */
static int scales_fast(const struct east_weights *layer)
{
    uint32_t channel;
    for (channel = 0; channel < layer->channels; channel++) {
        if (!east_scales_fast(layer->shift[channel])) {
            return 0;
        }
    }
    return 1;
}

static inline int8_t output_of(const struct east_weights *layer, uint32_t channel, int32_t sum)
{
    const int32_t scaled = east_scale_fast(sum, layer->multiplier[channel], layer->shift[channel]);
    return (int8_t)east_clamp_to(scaled + layer->output_zero_point, layer->activation_min, layer->activation_max);
}

/* Sums of channels channel .. channel + 3 with their biases; minus_zero_points is a pair of int16. */
static inline void four_channels(const struct taps *t, const int32_t *bias, uint32_t channel, uint32_t minus_zero_points,
                                 int32_t sum[4])
{
    int32_t s0 = bias[0];
    int32_t s1 = bias[1];
    int32_t s2 = bias[2];
    int32_t s3 = bias[3];
    const int8_t *x = t->input + channel;
    const int8_t *w = t->weights + channel;
    const size_t x_on = t->input_row - t->columns * t->channels;
    const size_t w_on = t->weight_row - t->columns * t->channels;
    uint32_t row;
    for (row = t->rows; row > 0U; row--) {
        uint32_t column;
        for (column = t->columns; column > 0U; column--) {
            const uint32_t x4 = east_load_4(x);
            const uint32_t w4 = east_load_4(w);
            const uint32_t x_even = east_even_plus(x4, minus_zero_points);
            const uint32_t x_odd = east_odd_plus(x4, minus_zero_points);
            const uint32_t w_even = east_even(w4);
            const uint32_t w_odd = east_odd(w4);
            s0 = east_add_low(x_even, w_even, s0);
            s1 = east_add_low(x_odd, w_odd, s1);
            s2 = east_add_high(x_even, w_even, s2);
            s3 = east_add_high(x_odd, w_odd, s3);
            x += t->channels;
            w += t->channels;
        }
        x += x_on;
        w += w_on;
    }
    sum[0] = s0;
    sum[1] = s1;
    sum[2] = s2;
    sum[3] = s3;
}
#endif

void east_depthwise_conv_2d(const struct east_task *task)
{
    const struct east_window *const w = (const struct east_window *)task->params;
    const struct east_weights *const layer = task->layer;
    const size_t channels = w->channels;
    int8_t *output = task->output;
    struct taps t;
    uint32_t y;
    uint32_t x;
#ifdef EAST_USE_DSP
    const int fast = scales_fast(layer);
#endif

    t.channels = channels;
    t.weight_row = w->kernel_width * channels;
    t.input_row = w->input_width * channels;
    for (y = 0; y < w->output_height; y++) {
        const int32_t top = (int32_t)(y * w->stride_height) - w->pad_top;
        const int32_t first_row = top < 0 ? -top : 0;
        const int32_t rows_left = w->input_height - top;
        t.rows = (uint32_t)((rows_left < w->kernel_height ? rows_left : w->kernel_height) - first_row);
        for (x = 0; x < w->output_width; x++) {
            const int32_t left = (int32_t)(x * w->stride_width) - w->pad_left;
            const int32_t first_column = left < 0 ? -left : 0;
            const int32_t columns_left = w->input_width - left;
            uint32_t channel = 0;
            t.columns = (uint32_t)((columns_left < w->kernel_width ? columns_left : w->kernel_width) - first_column);
            t.input = task->input + (size_t)(top + first_row) * t.input_row + (size_t)(left + first_column) * channels;
            t.weights = task->weights + (size_t)first_row * t.weight_row + (size_t)first_column * channels;
#ifdef EAST_USE_DSP
            {
                const uint32_t minus_zero_points = (uint32_t)(-layer->input_zero_point & 0xFFFF) * 0x10001U;
                for (; channel + 4U <= channels; channel += 4U) {
                    int32_t sum[4];
                    four_channels(&t, layer->bias + channel, channel, minus_zero_points, sum);
                    if (fast) {
                        *output++ = output_of(layer, channel, sum[0]);
                        *output++ = output_of(layer, channel + 1U, sum[1]);
                        *output++ = output_of(layer, channel + 2U, sum[2]);
                        *output++ = output_of(layer, channel + 3U, sum[3]);
                    } else {
                        uint32_t i;
                        for (i = 0; i < 4U; i++) {
                            *output++ = east_requantize(layer, channel + i, sum[i]);
                        }
                    }
                }
            }
#endif
            for (; channel < channels; channel++) {
                const int32_t sum = one_channel(&t, channel, layer->input_zero_point, layer->bias[channel]);
                *output++ = east_requantize(layer, channel, sum);
            }
        }
    }
}
