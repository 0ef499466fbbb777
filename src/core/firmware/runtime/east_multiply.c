/*
 * east_multiply.c - where the time goes: weights times columns. Two output channels and two columns at once, so that
 * each loaded word is used twice; one channel or one column left over is computed with itself as partner.
 */
#include "east_dsp.h"
#include "east_fixed_point.h"
#include "east_kernels.h"

/* Products of two weight rows with two columns of n elements are added to sum[row][column]. */
static inline void dot_2x2(const int8_t *row, size_t next_row, const int8_t *column, size_t next_column, size_t n,
                           int32_t sum[4])
{
    int32_t s00 = sum[0];
    int32_t s01 = sum[1];
    int32_t s10 = sum[2];
    int32_t s11 = sum[3];
    size_t i = 0;
#ifdef EAST_USE_DSP
    const int8_t *const end = row + (n & ~(size_t)3);
    while (row < end) {
        const uint32_t r0 = east_load_4(row);
        const uint32_t r1 = east_load_4(row + next_row);
        const uint32_t c0 = east_load_4(column);
        const uint32_t c1 = east_load_4(column + next_column);
        const uint32_t r0_even = east_even(r0);
        const uint32_t r0_odd = east_odd(r0);
        const uint32_t r1_even = east_even(r1);
        const uint32_t r1_odd = east_odd(r1);
        const uint32_t c0_even = east_even(c0);
        const uint32_t c0_odd = east_odd(c0);
        const uint32_t c1_even = east_even(c1);
        const uint32_t c1_odd = east_odd(c1);
        s00 = east_dot_2(r0_odd, c0_odd, east_dot_2(r0_even, c0_even, s00));
        s10 = east_dot_2(r1_odd, c0_odd, east_dot_2(r1_even, c0_even, s10));
        s01 = east_dot_2(r0_odd, c1_odd, east_dot_2(r0_even, c1_even, s01));
        s11 = east_dot_2(r1_odd, c1_odd, east_dot_2(r1_even, c1_even, s11));
        row += 4;
        column += 4;
    }
    n &= 3U;
#endif
    for (; i < n; i++) {
        const int32_t r0 = row[i];
        const int32_t r1 = row[next_row + i];
        const int32_t c0 = column[i];
        const int32_t c1 = column[next_column + i];
        s00 += r0 * c0;
        s01 += r0 * c1;
        s10 += r1 * c0;
        s11 += r1 * c1;
    }
    sum[0] = s00;
    sum[1] = s01;
    sum[2] = s10;
    sum[3] = s11;
}

/* Products of two weight rows with one column. */
static inline void dot_2x1(const int8_t *row, size_t next_row, const int8_t *column, size_t n, int32_t sum[4])
{
    int32_t s0 = sum[0];
    int32_t s1 = sum[2];
    size_t i = 0;
#ifdef EAST_USE_DSP
    const int8_t *const end = row + (n & ~(size_t)3);
    while (row < end) {
        const uint32_t r0 = east_load_4(row);
        const uint32_t r1 = east_load_4(row + next_row);
        const uint32_t c = east_load_4(column);
        const uint32_t c_even = east_even(c);
        const uint32_t c_odd = east_odd(c);
        s0 = east_dot_2(east_odd(r0), c_odd, east_dot_2(east_even(r0), c_even, s0));
        s1 = east_dot_2(east_odd(r1), c_odd, east_dot_2(east_even(r1), c_even, s1));
        row += 4;
        column += 4;
    }
    n &= 3U;
#endif
    for (; i < n; i++) {
        s0 += row[i] * column[i];
        s1 += row[next_row + i] * column[i];
    }
    sum[0] = s0;
    sum[2] = s1;
}

void east_multiply(const struct east_task *task, const int8_t *columns, uint32_t count, int8_t *output)
{
    const struct east_weights *const layer = task->layer;
    const size_t n = layer->channel_weights;
    const int8_t *row = task->weights;
    uint32_t channel = task->first_channel;
    uint32_t left = task->channels;

    while (left > 0U) {
        const uint32_t rows = left > 1U ? 2U : 1U;
        const size_t next_row = rows > 1U ? n : 0U;
        const uint32_t second = channel + rows - 1U;
        int32_t sum[4]; /* [row][column] */
        uint32_t i;

        sum[0] = sum[1] = layer->bias[channel];
        sum[2] = sum[3] = layer->bias[second];
        if (count > 1U) {
            dot_2x2(row, next_row, columns, n, n, sum);
        } else {
            dot_2x1(row, next_row, columns, n, sum);
        }
        for (i = 0; i < rows; i++) {
            const int32_t multiplier = layer->multiplier[channel + i];
            const int32_t shift = layer->shift[channel + i];
            uint32_t column;
            for (column = 0; column < count; column++) {
                const int32_t scaled = east_scale(sum[2U * i + column], multiplier, shift);
                output[column * layer->channels] = (int8_t)east_clamp_to(
                    scaled + layer->output_zero_point, layer->activation_min, layer->activation_max);
            }
            output++;
        }
        row += 2U * n;
        channel += rows;
        left -= rows;
    }
}
