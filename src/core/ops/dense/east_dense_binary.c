/*
 * east_dense_binary.c - a fully connected layer straight from packed weights of two levels: -1, 1 as bits 0 and 1, and a
 * byte 0 for eight zeros.
 *
 * The sums that four inputs can give with weights of two levels are sixteen: they are added up once for a block of rows, which
 * then take one for each half of a byte, and nothing for a byte 0.
 */
#include "east_hot.h"

#include "east_dsp.h"
#include "east_kernels.h"

#include <string.h>

#define BYTE_WEIGHTS 8U
#define GROUP 16U /* weights that are taken at once: two bytes */
#define HALVES 4U /* of their bytes */
#define ROWS 32U  /* of a block */

/* The sums of four inputs by the bits of half a byte. */
#ifdef EAST_USE_DSP
static inline void add_up_4(const int8_t *inputs, int16_t of[16])
{
    const int32_t least = -inputs[0] - inputs[1] - inputs[2] - inputs[3];
    const uint32_t second = east_twice(2 * inputs[1]);
    const uint32_t third = east_twice(2 * inputs[2]);
    const uint32_t fourth = east_twice(2 * inputs[3]);
    uint32_t pairs[8];
    pairs[0] = east_pair(least, least + 2 * inputs[0]);
    pairs[1] = east_sum_of_pairs(pairs[0], second);
    pairs[2] = east_sum_of_pairs(pairs[0], third);
    pairs[3] = east_sum_of_pairs(pairs[1], third);
    pairs[4] = east_sum_of_pairs(pairs[0], fourth);
    pairs[5] = east_sum_of_pairs(pairs[1], fourth);
    pairs[6] = east_sum_of_pairs(pairs[2], fourth);
    pairs[7] = east_sum_of_pairs(pairs[3], fourth);
    memcpy(of, pairs, sizeof pairs);
}
#else
static inline void add_up_4(const int8_t *inputs, int16_t of[16])
{
    const int32_t s0 = -inputs[0] - inputs[1] - inputs[2] - inputs[3];
    const int32_t s1 = s0 + 2 * inputs[0];
    const int32_t s2 = s0 + 2 * inputs[1];
    const int32_t s3 = s1 + 2 * inputs[1];
    const int32_t third = 2 * inputs[2];
    const int32_t fourth = 2 * inputs[3];
    of[0] = (int16_t)s0;
    of[1] = (int16_t)s1;
    of[2] = (int16_t)s2;
    of[3] = (int16_t)s3;
    of[4] = (int16_t)(s0 + third);
    of[5] = (int16_t)(s1 + third);
    of[6] = (int16_t)(s2 + third);
    of[7] = (int16_t)(s3 + third);
    of[8] = (int16_t)(s0 + fourth);
    of[9] = (int16_t)(s1 + fourth);
    of[10] = (int16_t)(s2 + fourth);
    of[11] = (int16_t)(s3 + fourth);
    of[12] = (int16_t)(s0 + third + fourth);
    of[13] = (int16_t)(s1 + third + fourth);
    of[14] = (int16_t)(s2 + third + fourth);
    of[15] = (int16_t)(s3 + third + fourth);
}
#endif

/* Adds what a group of weights of each row gives. */
static inline void add_rows(const uint8_t *row, size_t stride, const int16_t *sums, int32_t *total, uint32_t rows)
{
    const int32_t *const end = total + rows;
    const int16_t *second = sums + 16;
    const int16_t *third = sums + 32;
    const int16_t *fourth = sums + 48;
#ifdef EAST_USE_DSP
    /* In registers, where a compiler would add them up anew for every row. */
    __asm__("" : "+r"(sums), "+r"(second), "+r"(third), "+r"(fourth));
#endif
    for (; total != end; total++) {
        const uint32_t bits = (uint32_t)row[0] | (uint32_t)row[1] << 8;
        row += stride;
        if (bits != 0U) {
            int32_t sum = *total;
            if ((bits & 0xFFU) != 0U) {
                sum += sums[bits & 15U] + second[bits >> 4 & 15U];
            }
            if (bits > 0xFFU) {
                sum += third[bits >> 8 & 15U] + fourth[bits >> 12];
            }
            *total = sum;
        }
    }
}

/* The weight at a place of the tile. */
static int32_t weight(const uint8_t *packed, size_t place)
{
    const uint32_t byte = packed[place / BYTE_WEIGHTS];
    return byte == 0U ? 0 : 2 * (int32_t)(byte >> place % BYTE_WEIGHTS & 1U) - 1;
}

void east_dense_binary(const struct east_task *task)
{
    const struct east_weights *const layer = task->layer;
    const uint8_t *const packed = (const uint8_t *)task->weights;
    const size_t n = layer->channel_weights;
    /* Rows that begin within a byte are multiplied weight by weight, and so is what does not fill a group. */
    const size_t whole = n % BYTE_WEIGHTS == 0U ? n - n % GROUP : 0U;
    uint32_t first;

    for (first = 0; first < task->channels; first += ROWS) {
        const uint32_t rows = task->channels - first < ROWS ? task->channels - first : ROWS;
        int32_t total[ROWS];
        int16_t sums[HALVES * 16U];
        uint32_t row;
        size_t k;
        memcpy(total, layer->bias + task->first_channel + first, rows * sizeof *total);
        for (k = 0; k < whole; k += GROUP) {
            uint32_t half;
            for (half = 0; half < HALVES; half++) {
                add_up_4(task->input + k + 4U * half, sums + 16U * half);
            }
            add_rows(packed + (first * n + k) / BYTE_WEIGHTS, n / BYTE_WEIGHTS, sums, total, rows);
        }
        for (row = 0; row < rows; row++) {
            const uint32_t channel = task->first_channel + first + row;
            for (k = whole; k < n; k++) {
                total[row] += weight(packed, (first + row) * n + k) * task->input[k];
            }
            task->output[channel] = east_requantize(layer, channel, total[row]);
        }
    }
}
