/*
 * east_layer_norm.c - layer normalisation in integers, with an exact root.
 *
 * Of C codes with sum S and sum of squares Q, code q becomes (C q - S) / sqrt(C Q - S^2 + E): scale and zero point of the
 * input cancel.
 */
#include "east_layer_norm.h"

#define NORMALISED_BITS 15 /* behind the point */
#define SUM_BITS 16

/* Rounded down. */
static uint32_t square_root(uint64_t of)
{
    uint64_t root = 0;
    uint64_t bit = (uint64_t)1 << 62;

    for (; bit != 0U; bit >>= 2) {
        if (of >= root + bit) {
            of -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint32_t)root;
}

void east_layer_norm(const struct east_task *task)
{
    const struct east_layer_norm_params *const params = (const struct east_layer_norm_params *)task->params;
    const struct east_weights *const layer = task->layer;
    const int32_t channels = (int32_t)params->channels;
    const int8_t *input = task->input;
    int8_t *output = task->output;
    uint32_t place;

    for (place = 0; place < params->places; place++) {
        uint32_t shift = 62U - NORMALISED_BITS - SUM_BITS / 2U;
        int32_t sum = 0;
        int32_t squares = 0;
        uint64_t total;
        int64_t inverse;
        int32_t c;
        for (c = 0; c < channels; c++) {
            sum += input[c];
            squares += input[c] * input[c];
        }
        total = ((uint64_t)((int64_t)channels * squares - (int64_t)sum * sum) << SUM_BITS) + params->epsilon;
        for (; (total >> 62) == 0U; total <<= 2) {
            shift--;
        }
        inverse = (int64_t)((((uint64_t)1 << 62) - 1U) / square_root(total));
        for (c = 0; c < channels; c++) {
            const int64_t product = (int64_t)(channels * input[c] - sum) * inverse;
            const int32_t normalised = (int32_t)((product + ((int64_t)1 << (shift - 1U))) >> shift);
            output[c] = east_requantize(layer, (uint32_t)c, normalised * task->weights[c] + layer->bias[c]);
        }
        input += channels;
        output += channels;
    }
}
