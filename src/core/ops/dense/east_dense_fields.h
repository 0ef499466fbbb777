/*
 * east_dense_fields.h - a fully connected layer that multiplies straight from packed weights, for formats whose weights
 * are fields of FIELD_BITS bits. A file that includes it says what a field of a byte stands for: FIELD_SCALE * field +
 * FIELD_OFFSET once FIELD_FLIP is applied to the byte; with FIELD_ZERO_BYTES that a byte 0 is zeros; and FIELD_SHIFT_1 to 3,
 * the multiples of FIELD_BITS as text.
 *
 * A word holds pairs of fields half a word apart, which a mask turns into two int16. So no field is taken apart by itself:
 * the sum of fields times inputs is scaled at the end, and the offset's share is the sum of the inputs.
 */
#ifndef EAST_DENSE_FIELDS_H
#define EAST_DENSE_FIELDS_H

#include "east_dsp.h"
#include "east_kernels.h"

#define EAST_FIELD_MASK ((1U << FIELD_BITS) - 1U)
#define EAST_BYTE_FIELDS (8U / FIELD_BITS)

/* The weight at a place of the tile. */
static inline int32_t east_field(const uint8_t *packed, size_t place)
{
    const uint32_t byte = packed[place / EAST_BYTE_FIELDS];
    const uint32_t field = (byte ^ (FIELD_FLIP & 255U)) >> (place % EAST_BYTE_FIELDS * FIELD_BITS) & EAST_FIELD_MASK;
    if (FIELD_ZERO_BYTES && byte == 0U) {
        return 0;
    }
    return FIELD_SCALE * (int32_t)field + (FIELD_OFFSET);
}

#ifdef EAST_USE_DSP
#define EAST_WORD_FIELDS (32U / FIELD_BITS)
#define EAST_PAIR_MASK (EAST_FIELD_MASK * 0x00010001U)

static inline int32_t east_sum_4(const int8_t *values, int32_t sum)
{
    const uint32_t word = east_load_4(values);
    return east_dot_2(east_odd(word), 0x00010001U, east_dot_2(east_even(word), 0x00010001U, sum));
}

/* The sum of the inputs behind the bytes of a row that are 0; n is a multiple of a word's fields. */
static inline int32_t east_behind_zeros(const uint8_t *row, const int8_t *inputs, size_t n)
{
    const int8_t *const end = inputs + n;
    int32_t sum = 0;
    for (; inputs != end; inputs += EAST_WORD_FIELDS) {
        uint32_t word = east_load_4((const int8_t *)row);
        row += 4;
        if (((word - 0x01010101U) & ~word & 0x80808080U) != 0U) {
            uint32_t k;
            for (k = 0; k < EAST_WORD_FIELDS; k += EAST_BYTE_FIELDS) {
                if ((word & 255U) == 0U) {
                    sum = east_sum_4(inputs + k, sum);
#if FIELD_BITS == 1
                    sum = east_sum_4(inputs + k + 4, sum);
#endif
                }
                word >>= 8;
            }
        }
    }
    return sum;
}

/*
 * Four pairs of fields of a word, each with its pair of inputs. One block, since a compiler shifts and masks apart.
 */
static inline int32_t east_add_pairs(uint32_t word, uint32_t mask, const uint32_t pairs[4], int32_t sum)
{
    uint32_t field;
    __asm__("and %1, %2, %3\n\t"
            "smlad %0, %1, %4, %0\n\t"
            "and %1, %2, %3, lsr #" FIELD_SHIFT_1 "\n\t"
            "smlad %0, %1, %5, %0\n\t"
            "and %1, %2, %3, lsr #" FIELD_SHIFT_2 "\n\t"
            "smlad %0, %1, %6, %0\n\t"
            "and %1, %2, %3, lsr #" FIELD_SHIFT_3 "\n\t"
            "smlad %0, %1, %7, %0"
            : "+&r"(sum), "=&r"(field)
            : "r"(mask), "r"(word), "r"(pairs[0]), "r"(pairs[1]), "r"(pairs[2]), "r"(pairs[3]));
    return sum;
}

/* A group of four pairs for two rows, the lowest in their words; moves inputs and words on to the next. */
static inline void east_add_group(const int8_t **inputs, uint32_t words[2], int32_t *sum0, int32_t *sum1)
{
    uint32_t pairs[4];
    east_pair_up(east_load_4(*inputs), east_load_4(*inputs + EAST_WORD_FIELDS / 2U), pairs);
    *inputs += 4;
    *sum0 = east_add_pairs(words[0], EAST_PAIR_MASK, pairs, *sum0);
    *sum1 = east_add_pairs(words[1], EAST_PAIR_MASK, pairs, *sum1);
    words[0] >>= 4 * FIELD_BITS;
    words[1] >>= 4 * FIELD_BITS;
}

/*
 * What the fields of two rows, which begin at a byte, give with n inputs; n is a multiple of a word's fields.
 */
static inline void east_dot_fields(const int8_t *one, const int8_t *other, const int8_t *inputs, size_t n,
                                   int32_t sum[2])
{
    const int8_t *const end = inputs + n;
    int32_t sum0 = 0;
    int32_t sum1 = 0;
    while (inputs != end) {
        uint32_t words[2];
        words[0] = east_load_4_next(&one) ^ FIELD_FLIP;
        words[1] = east_load_4_next(&other) ^ FIELD_FLIP;
        east_add_group(&inputs, words, &sum0, &sum1);
#if FIELD_BITS <= 2
        east_add_group(&inputs, words, &sum0, &sum1);
#endif
#if FIELD_BITS == 1
        east_add_group(&inputs, words, &sum0, &sum1);
        east_add_group(&inputs, words, &sum0, &sum1);
#endif
        inputs += EAST_WORD_FIELDS / 2U;
    }
    sum[0] = sum0;
    sum[1] = sum1;
}
#endif

static inline void east_dense_fields(const struct east_task *task)
{
    const struct east_weights *const layer = task->layer;
    const uint8_t *const packed = (const uint8_t *)task->weights;
    const size_t n = layer->channel_weights;
    size_t done = 0;
    uint32_t row;
#ifdef EAST_USE_DSP
    int32_t inputs_sum = 0;
    if (n % EAST_BYTE_FIELDS == 0U) {
        size_t k;
        done = n & ~(size_t)(EAST_WORD_FIELDS - 1U);
        for (k = 0; k < done; k += 4U) {
            inputs_sum = east_sum_4(task->input + k, inputs_sum);
        }
    }
#endif

    for (row = 0; row < task->channels; row += 2U) {
        const uint32_t rows = task->channels - row < 2U ? 1U : 2U;
        const size_t place = row * n;
        uint32_t i;
#ifdef EAST_USE_DSP
        int32_t sum[2];
        {
            /* A row left over goes with itself. */
            const int8_t *const one = task->weights + place / EAST_BYTE_FIELDS;
            east_dot_fields(one, one + (rows - 1U) * (n / EAST_BYTE_FIELDS), task->input, done, sum);
        }
#endif
        for (i = 0; i < rows; i++) {
            const uint32_t channel = task->first_channel + row + i;
            int32_t total = layer->bias[channel];
            size_t k;
#ifdef EAST_USE_DSP
            int32_t kept = inputs_sum;
            if (FIELD_ZERO_BYTES) {
                kept -= east_behind_zeros(packed + (place + i * n) / EAST_BYTE_FIELDS, task->input, done);
            }
            total += FIELD_SCALE * sum[i] + (FIELD_OFFSET) * kept;
#endif
            for (k = done; k < n; k++) {
                total += east_field(packed, place + i * n + k) * task->input[k];
            }
            task->output[channel] = east_requantize(layer, channel, total);
        }
    }
}

#endif
