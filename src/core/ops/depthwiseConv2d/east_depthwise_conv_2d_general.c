/*
 * east_depthwise_conv_2d_general.c - east_depthwise_conv_2d.c for taps that lie apart and several filters for a channel, one
 * output channel at a time. Padding is skipped.
 */
#include "east_hot.h"

#include "east_depthwise_conv_2d_general.h"

/* Taps along one axis that meet the image, where the first one lies at `start`. */
struct span {
    int32_t first, end;
};

static struct span taps_inside(int32_t start, int32_t step, int32_t taps, int32_t size)
{
    struct span inside;
    const int32_t before = start < 0 ? (step - 1 - start) / step : 0;
    const int32_t until = start < size ? (size - start + step - 1) / step : 0;
    inside.first = before;
    inside.end = until < taps ? until : taps;
    return inside;
}

void east_depthwise_conv_2d_general(const struct east_task *task)
{
    const struct east_depthwise_conv_2d_general_params *const params =
        (const struct east_depthwise_conv_2d_general_params *)task->params;
    const struct east_window *const w = &params->window;
    const struct east_weights *const layer = task->layer;
    const int32_t down = params->dilation_height;
    const int32_t across = params->dilation_width;
    const size_t row_bytes = (size_t)w->input_width * w->channels;
    int8_t *output = task->output;
    uint32_t y;
    uint32_t x;

    for (y = 0; y < w->output_height; y++) {
        const int32_t top = (int32_t)(y * w->stride_height) - w->pad_top;
        const struct span rows = taps_inside(top, down, w->kernel_height, w->input_height);
        for (x = 0; x < w->output_width; x++) {
            const int32_t left = (int32_t)(x * w->stride_width) - w->pad_left;
            const struct span columns = taps_inside(left, across, w->kernel_width, w->input_width);
            uint32_t channel = 0;
            uint32_t of;
            for (of = 0; of < w->channels; of++) {
                uint32_t filter;
                for (filter = 0; filter < params->multiplier; filter++) {
                    int32_t sum = layer->bias[channel];
                    int32_t row;
                    for (row = rows.first; row < rows.end; row++) {
                        const int8_t *value = task->input + (size_t)(top + row * down) * row_bytes +
                                              (size_t)(left + columns.first * across) * w->channels + of;
                        const int8_t *weight =
                            task->weights +
                            (size_t)(row * w->kernel_width + columns.first) * layer->channels + channel;
                        int32_t column;
                        for (column = columns.first; column < columns.end; column++) {
                            sum += (*value - layer->input_zero_point) * *weight;
                            value += (size_t)across * w->channels;
                            weight += layer->channels;
                        }
                    }
                    *output++ = east_requantize(layer, channel, sum);
                    channel++;
                }
            }
        }
    }
}
