/*
 * east_dense.c - a fully connected layer: two rows of weights at once times the inputs.
 */
#include "east_hot.h"

#include "east_dsp.h"
#include "east_kernels.h"

/* Adds the products of the rows a, a + stride with b to sum[0] and sum[1]. */
static inline void dot_2(const int8_t *a, size_t stride, const int8_t *b, size_t n, int32_t sum[2])
{
    int32_t s0 = sum[0];
    int32_t s1 = sum[1];
    size_t left = n;
#ifdef EAST_USE_DSP
    const int8_t *const end = a + (n & ~(size_t)3);
    while (a != end) {
        const uint32_t a0 = east_load_4(a);
        const uint32_t a1 = east_load_4(a + stride);
        const uint32_t word = east_load_4(b);
        const uint32_t even = east_even(word);
        const uint32_t odd = east_odd(word);
        s0 = east_dot_2(east_even(a0), even, s0);
        s1 = east_dot_2(east_even(a1), even, s1);
        s0 = east_dot_2(east_odd(a0), odd, s0);
        s1 = east_dot_2(east_odd(a1), odd, s1);
        a += 4;
        b += 4;
    }
    left &= 3U;
#endif
    for (; left > 0U; left--) {
        s0 += a[0] * b[0];
        s1 += a[stride] * b[0];
        a++;
        b++;
    }
    sum[0] = s0;
    sum[1] = s1;
}

void east_dense(const struct east_task *task)
{
    const struct east_weights *const layer = task->layer;
    const size_t n = layer->channel_weights;
    const int8_t *row = task->weights;
    uint32_t channel = task->first_channel;
    const uint32_t end = channel + task->channels;

    while (channel < end) {
        /* A row left over goes with itself. */
        const uint32_t rows = end - channel < 2U ? 1U : 2U;
        int32_t sum[2];
        uint32_t i;
        sum[0] = layer->bias[channel];
        sum[1] = layer->bias[channel + rows - 1U];
        dot_2(row, (rows - 1U) * n, task->input, n, sum);
        for (i = 0; i < rows; i++) {
            task->output[channel] = east_requantize(layer, channel, sum[i]);
            channel++;
        }
        row += 2U * n;
    }
}
