/*
 * east_dense_rows.h - rows of plain weights times a column, for large fully connected layers: four output channels at once, so
 * that each word of the input is taken apart once for all of them; what is left over goes one by one. A file that includes it
 * says with ROWS_REQUANTIZE what becomes of a channel's sum, and with ROWS_KERNEL what the function is.
 */
#ifndef EAST_DENSE_ROWS_H
#define EAST_DENSE_ROWS_H

#include "east_dsp.h"
#include "east_kernels.h"

#ifdef EAST_USE_DSP
/* Elements of a row that the fast loop takes at a time. */
#define STEP 8U

/* Adds the products of four elements of a row with those of a column, given as pairs. Moves the row on. */
static inline int32_t add_4(const int8_t **row, uint32_t even, uint32_t odd, int32_t sum)
{
    const uint32_t word = east_load_4_next(row);
    return east_dot_2(east_odd(word), odd, east_dot_2(east_even(word), even, sum));
}

/* The same for a whole column and four rows of n elements each; n is a multiple of STEP. */
static inline void dot_4(const int8_t *rows, size_t stride, const int8_t *column, size_t n, int32_t sum[4])
{
    const int8_t *const end = column + n;
    const int8_t *a = rows;
    const int8_t *b = a + stride;
    const int8_t *c = b + stride;
    const int8_t *d = c + stride;
    int32_t s0 = sum[0];
    int32_t s1 = sum[1];
    int32_t s2 = sum[2];
    int32_t s3 = sum[3];

    while (column != end) {
        uint32_t word = east_load_4_next(&column);
        uint32_t even = east_even(word);
        uint32_t odd = east_odd(word);
        s0 = add_4(&a, even, odd, s0);
        s1 = add_4(&b, even, odd, s1);
        s2 = add_4(&c, even, odd, s2);
        s3 = add_4(&d, even, odd, s3);
        word = east_load_4_next(&column);
        even = east_even(word);
        odd = east_odd(word);
        s0 = add_4(&a, even, odd, s0);
        s1 = add_4(&b, even, odd, s1);
        s2 = add_4(&c, even, odd, s2);
        s3 = add_4(&d, even, odd, s3);
    }
    sum[0] = s0;
    sum[1] = s1;
    sum[2] = s2;
    sum[3] = s3;
}
#endif

/* The tile's channels of the column that is the task's input. */
ROWS_KERNEL(const struct east_task *task)
{
    const struct east_weights *const layer = task->layer;
    const size_t n = layer->channel_weights;
    const uint32_t end = task->first_channel + task->channels;
    const int8_t *row = task->weights;
    uint32_t channel = task->first_channel;

    while (channel < end) {
        const uint32_t rows = end - channel < 4U ? 1U : 4U;
        size_t done = 0;
        int32_t sum[4];
        uint32_t i;
        for (i = 0; i < rows; i++) {
            sum[i] = layer->bias[channel + i];
        }
#ifdef EAST_USE_DSP
        if (rows == 4U) {
            done = n & ~(size_t)(STEP - 1U);
            dot_4(row, n, task->input, done, sum);
        }
#endif
        for (i = 0; i < rows; i++) {
            const int8_t *const weights = row + i * n;
            int32_t total = sum[i];
            size_t k;
            for (k = done; k < n; k++) {
                total += weights[k] * task->input[k];
            }
            task->output[channel + i] = ROWS_REQUANTIZE(layer, channel + i, total);
        }
        row += rows * n;
        channel += rows;
    }
}

#endif
