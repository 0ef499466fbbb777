/*
 * east_conv_2d_general.c - east_conv_2d.c for windows whose taps lie apart, and for filters that read a group of the
 * channels each: columns are gathered tap by tap, for one group at a time.
 */
#include "east_hot.h"

#include "east_conv_2d_general.h"

#include <string.h>

/* The taps' inputs for output pixel (y, x), [kernel height, kernel width, channels of the group]; padding is four
 * zero points. `input`: the group's first channel. */
static void gather(const struct east_conv_2d_general_params *params, const int8_t *input, uint32_t y, uint32_t x,
                   const int8_t *padding, struct east_column *column)
{
    const struct east_window *const w = &params->window;
    const uint32_t depth = (uint32_t)w->channels / params->groups;
    const int32_t left = (int32_t)(x * w->stride_width) - w->pad_left;
    int32_t row = (int32_t)(y * w->stride_height) - w->pad_top;
    uint32_t ky;
    uint32_t kx;

    column->at = 0;
    for (ky = 0; ky < w->kernel_height; ky++) {
        const int inside = row >= 0 && row < w->input_height;
        int32_t cell = left;
        for (kx = 0; kx < w->kernel_width; kx++) {
            if (inside && cell >= 0 && cell < w->input_width) {
                east_put(column, input + ((size_t)row * w->input_width + (size_t)cell) * w->channels, depth, 1);
            } else {
                east_put(column, padding, depth, 0);
            }
            cell += params->dilation_width;
        }
        row += params->dilation_height;
    }
}

/* The tile's filters of one group, whose first input channel is `input`. */
static void one_group(const struct east_task *task, const int8_t *input)
{
    const struct east_conv_2d_general_params *const params = (const struct east_conv_2d_general_params *)task->params;
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
            gather(params, input, y, x, padding, &columns[i]);
            if (++x == w->output_width) {
                x = 0;
                y++;
            }
        }
        east_multiply(task, columns, count, output);
        output += 2U * (size_t)layer->channels;
    }
}

void east_conv_2d_general(const struct east_task *task)
{
    const struct east_conv_2d_general_params *const params = (const struct east_conv_2d_general_params *)task->params;
    const struct east_weights *const layer = task->layer;
    const uint32_t filters = layer->channels / params->groups;
    const uint32_t depth = params->window.channels / params->groups;
    const uint32_t end = task->first_channel + task->channels;
    struct east_task part = *task;

    while (part.first_channel < end) {
        const uint32_t group = part.first_channel / filters;
        const uint32_t group_end = (group + 1U) * filters;
        part.channels = (group_end < end ? group_end : end) - part.first_channel;
        one_group(&part, task->input + (size_t)group * depth);
        part.weights += (size_t)part.channels * layer->channel_weights;
        part.first_channel += part.channels;
    }
}
