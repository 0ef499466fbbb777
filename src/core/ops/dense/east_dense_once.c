/*
 * east_dense_once.c - fully connected layers of TensorFlow Lite files. Its reference kernel multiplies a sum by the real factor and
 * rounds once, halves away from zero; all others round twice (east_scale).
 */
#include "east_hot.h"

#include "east_dense_once.h"

/* sum * multiplier / 2^31 * 2^shift; multiplier 0 .. 2^31-1, shift -31 .. 30. */
static inline int32_t scale_once(int32_t sum, int32_t multiplier, int32_t shift)
{
    const int32_t right = 31 - shift;
    const int64_t half = (int64_t)1 << (right - 1);
    return (int32_t)(((int64_t)sum * multiplier + half - (sum < 0 ? 1 : 0)) >> right);
}

static inline int8_t requantize_once(const struct east_weights *layer, uint32_t channel, int32_t sum)
{
    const int32_t scaled = scale_once(sum, layer->multiplier[channel], layer->shift[channel]);
    return (int8_t)east_clamp_to(scaled + layer->output_zero_point, layer->activation_min, layer->activation_max);
}

#define ROWS_REQUANTIZE requantize_once
#define ROWS_KERNEL static void multiply_column
#include "east_dense_rows.h"

void east_dense_once(const struct east_task *task)
{
    const struct east_dense_once_params *const params = task->params;
    struct east_task column = *task;
    uint32_t left;

    for (left = params->columns; left > 0U; left--) {
        multiply_column(&column);
        column.input += task->layer->channel_weights;
        column.output += task->layer->channels;
    }
}
