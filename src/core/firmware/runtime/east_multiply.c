/*
 * east_multiply.c - where the time goes: weights times columns. Two output channels and two columns at once, so that
 * each loaded word is used twice; a channel or column left over is multiplied with a pair of the others.
 */
#include "east_hot.h"

#include "east_dsp.h"
#include "east_fixed_point.h"
#include "east_kernels.h"

#include <string.h>

#ifdef EAST_USE_DSP
/* Four elements of each row and column. */
static inline void four_2x2(const int8_t **a, const int8_t **b, size_t n, int32_t sum[4])
{
    uint32_t even[2];
    uint32_t odd[2];
    east_load_rows(a, n, even, odd);
    east_multiply_column(east_load_4(*b + n), even, odd, &sum[1], &sum[3]);
    east_multiply_column(east_load_4_next(b), even, odd, &sum[0], &sum[2]);
}
#endif

/* Adds the products of rows a, a + n with columns b, b + n, n elements each, to sum[row][column]. */
static inline void dot_2x2(const int8_t *a, const int8_t *b, size_t n, int32_t result[4])
{
    int32_t sum[4];
    size_t left = n;

    memcpy(sum, result, sizeof sum);
#ifdef EAST_USE_DSP
    {
        const int8_t *const end = a + (n & ~(size_t)7);
        while (a != end) {
            four_2x2(&a, &b, n, sum);
            four_2x2(&a, &b, n, sum);
        }
        if ((n & 4U) != 0U) {
            four_2x2(&a, &b, n, sum);
        }
        left &= 3U;
    }
#endif
    for (; left > 0U; left--) {
        const int32_t a0 = a[0];
        const int32_t a1 = a[n];
        const int32_t b0 = b[0];
        const int32_t b1 = b[n];
        sum[0] += a0 * b0;
        sum[1] += a0 * b1;
        sum[2] += a1 * b0;
        sum[3] += a1 * b1;
        a++;
        b++;
    }
    memcpy(result, sum, sizeof sum);
}

/* Adds the products of the pair a, a + n with b to sum[0] and sum[1]. */
static inline void dot_2x1(const int8_t *a, const int8_t *b, size_t n, int32_t sum[2])
{
    int32_t s0 = sum[0];
    int32_t s1 = sum[1];
    size_t left = n;
#ifdef EAST_USE_DSP
    const int8_t *const end = a + (n & ~(size_t)3);
    while (a != end) {
        const uint32_t a0 = east_load_4(a);
        const uint32_t a1 = east_load_4(a + n);
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
        s1 += a[n] * b[0];
        a++;
        b++;
    }
    sum[0] = s0;
    sum[1] = s1;
}

static int32_t dot_1x1(const int8_t *a, const int8_t *b, size_t n, int32_t sum)
{
    for (; n > 0U; n--) {
        sum += *a++ * *b++;
    }
    return sum;
}

static void store(const struct east_weights *layer, uint32_t channel, const int32_t *sum, uint32_t count, int8_t *output)
{
    const int32_t multiplier = layer->multiplier[channel];
    const int32_t shift = layer->shift[channel];
    for (; count > 0U; count--) {
        const int32_t scaled = east_scale(*sum++, multiplier, shift);
        *output = (int8_t)east_clamp_to(scaled + layer->output_zero_point, layer->activation_min,
                                        layer->activation_max);
        output += layer->channels;
    }
}

void east_multiply(const struct east_task *task, const int8_t *columns, uint32_t count, int8_t *output)
{
    const struct east_weights *const layer = task->layer;
    const size_t n = layer->channel_weights;
    const int8_t *row = task->weights;
    uint32_t channel = task->first_channel;
    const uint32_t end = channel + task->channels;
    int32_t sum[4]; /* [row][column] */

    while (end - channel >= 2U) {
        sum[0] = layer->bias[channel];
        if (count > 1U) {
            sum[1] = sum[0];
            sum[2] = sum[3] = layer->bias[channel + 1U];
            dot_2x2(row, columns, n, sum);
        } else {
            sum[1] = layer->bias[channel + 1U];
            dot_2x1(row, columns, n, sum);
        }
        store(layer, channel, sum, count, output);
        store(layer, channel + 1U, sum + count, count, output + 1);
        row += 2U * n;
        channel += 2U;
        output += 2;
    }
    if (channel < end) {
        sum[0] = sum[1] = layer->bias[channel];
        if (count > 1U) {
            dot_2x1(columns, row, n, sum);
        } else {
            sum[0] = dot_1x1(row, columns, n, sum[0]);
        }
        store(layer, channel, sum, count, output);
    }
}
