/*
 * east_dense_ternary.c - a fully connected layer straight from packed weights -1, 0, 1, five a byte. Rows run on within a
 * byte: what does not begin or end with one is taken digit by digit.
 *
 * Tripling a byte carries its next digit over 256. Two bytes of a word, ten weights apart, are tripled at once in the halves
 * of a register; the digits' low bits say where the input is added, their high bits where it is taken off.
 */
#include "east_hot.h"

#include "east_dsp.h"
#include "east_kernels.h"

#define BYTE_WEIGHTS 5U

/* The weight that a byte's digit at `place` stands for. */
static int32_t digit(uint32_t byte, size_t place)
{
    for (;; place--) {
        byte *= 3U;
        if (place == 0U) {
            return (int32_t)(byte >> 8 & 1U) - (int32_t)(byte >> 9);
        }
        byte &= 255U;
    }
}

#ifdef EAST_USE_DSP
#define WORD_WEIGHTS 20U

/*
 * The next digits of two bytes times two inputs; `bytes` becomes what is left of them. One block, since a compiler takes all
 * digits before it multiplies the first, for which the registers do not suffice.
 */
static inline void add_digits(uint32_t *bytes, uint32_t inputs, int32_t *added, int32_t *taken)
{
    uint32_t bits;
    __asm__ volatile("add %0, %0, %0, lsl #1\n\t"
                     "and %3, %5, %0, lsr #8\n\t"
                     "smlad %1, %3, %4, %1\n\t"
                     "and %3, %5, %0, lsr #9\n\t"
                     "smlad %2, %3, %4, %2\n\t"
                     "uxtb16 %0, %0"
                     : "+&r"(*bytes), "+&r"(*added), "+&r"(*taken), "=&r"(bits)
                     : "r"(inputs), "r"(0x00010001U));
}

/* The products of whole words with n inputs, a multiple of a word's weights. */
static inline int32_t dot_words(const int8_t *packed, const int8_t *inputs, size_t n)
{
    const int8_t *const end = inputs + n;
    int32_t added = 0;
    int32_t taken = 0;
    while (inputs != end) {
        uint32_t word = east_load_4_next(&packed);
        const int8_t *const next = inputs + WORD_WEIGHTS;
        /* Bytes 0 and 2, then 1 and 3. */
        for (; word != 0U; word = word >> 8 & 0x00FF00FFU) {
            uint32_t pairs[4];
            uint32_t bytes = word & 0x00FF00FFU;
            east_pair_up(east_load_4(inputs), east_load_4(inputs + 10), pairs);
            add_digits(&bytes, pairs[0], &added, &taken);
            add_digits(&bytes, pairs[1], &added, &taken);
            add_digits(&bytes, pairs[2], &added, &taken);
            add_digits(&bytes, pairs[3], &added, &taken);
            /* Unsigned shifts of the sign are what a pair wants. */
            add_digits(&bytes, (uint32_t)(uint16_t)inputs[4] | (uint32_t)inputs[14] << 16, &added, &taken);
            inputs += BYTE_WEIGHTS;
        }
        inputs = next;
    }
    return added - taken;
}
#endif

void east_dense_ternary(const struct east_task *task)
{
    const struct east_weights *const layer = task->layer;
    const uint8_t *const packed = (const uint8_t *)task->weights;
    const size_t n = layer->channel_weights;
    size_t place = 0; /* of the next weight in the tile */
    uint32_t row;

    for (row = 0; row < task->channels; row++) {
        const uint32_t channel = task->first_channel + row;
        int32_t sum = layer->bias[channel];
        size_t k = 0;
        while (k < n) {
            const size_t within = place % BYTE_WEIGHTS;
            size_t count = 1;
#ifdef EAST_USE_DSP
            if (within == 0U && n - k >= WORD_WEIGHTS) {
                count = (n - k) / WORD_WEIGHTS * WORD_WEIGHTS;
                sum += dot_words(task->weights + place / BYTE_WEIGHTS, task->input + k, count);
            } else
#endif
            {
                sum += digit(packed[place / BYTE_WEIGHTS], within) * task->input[k];
            }
            place += count;
            k += count;
        }
        task->output[channel] = east_requantize(layer, channel, sum);
    }
}
