/*
 * east_dense_packed.c - a small fully connected layer whose weights are left packed: a piece at a time is unpacked on the stack
 * and multiplied at once, so that no buffer takes a whole tile. Pieces run on over the ends of rows, which may lie within a
 * byte.
 */
#include "east_hot.h"

#include "east_dsp.h"
#include "east_kernels.h"

/* A multiple of the weights that a byte of any format holds. */
#define PIECE 160U

/* sum + the products of a and b, n elements each. */
static inline int32_t dot(const int8_t *a, const int8_t *b, size_t n, int32_t sum)
{
    size_t left = n;
#ifdef EAST_USE_DSP
    const int8_t *const end = a + (n & ~(size_t)3);
    while (a != end) {
        const uint32_t x = east_load_4(a);
        const uint32_t y = east_load_4(b);
        sum = east_dot_2(east_even(x), east_even(y), sum);
        sum = east_dot_2(east_odd(x), east_odd(y), sum);
        a += 4;
        b += 4;
    }
    left &= 3U;
#endif
    for (; left > 0U; left--) {
        sum += *a++ * *b++;
    }
    return sum;
}

void east_dense_packed(const struct east_task *task)
{
    const struct east_weights *const layer = task->layer;
    const struct east_packing *const packing = layer->packing;
    const uint8_t *packed = (const uint8_t *)task->weights;
    const uint32_t end = task->first_channel + task->channels;
    size_t left = (size_t)task->channels * layer->channel_weights; /* of the tile, not unpacked yet */
    size_t ready = 0;                                              /* in the piece, not multiplied yet */
    int8_t piece[PIECE];
    const int8_t *weights = piece;
    uint32_t channel;

    for (channel = task->first_channel; channel < end; channel++) {
        const int8_t *input = task->input;
        size_t rest = layer->channel_weights;
        int32_t sum = layer->bias[channel];
        while (rest > 0U) {
            size_t count;
            if (ready == 0U) {
                ready = left < PIECE ? left : PIECE;
                packing->unpack(packed, piece, ready);
                packed += ready / packing->weights_per_byte;
                left -= ready;
                weights = piece;
            }
            count = ready < rest ? ready : rest;
            sum = dot(weights, input, count, sum);
            weights += count;
            input += count;
            ready -= count;
            rest -= count;
        }
        task->output[channel] = east_requantize(layer, channel, sum);
    }
}
