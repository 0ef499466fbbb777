/*
 * east_recurrent.c - what recurrent layers share: sums of a gate, and sigmoid and tanh of 16 bits, which are an exponential
 * by halving and a quotient by Newton's method.
 */
#include "east_recurrent.h"

#include "east_dsp.h"

/* a * b / 2^15, rounded; never both -2^15. */
static inline int32_t multiply(int32_t a, int32_t b)
{
    return (a * b + 0x4000) >> 15;
}

/* x * 2^bits within 16 bits. */
static inline int32_t shift_left(int32_t x, uint32_t bits)
{
    const int32_t threshold = (int32_t)((1U << (15U - bits)) - 1U);
    return x > threshold ? 32767 : x < -threshold ? -32768 : (int32_t)((uint32_t)x << bits);
}

/* exp(a), 15 bits behind the point, for a <= 0 with so many integer bits. */
static int32_t exponential(int32_t a, uint32_t bits)
{
    /* exp(-1/4) .. exp(-16) */
    static const int16_t powers[] = {25520, 19875, 12055, 4435, 600, 11, 0};
    const uint32_t quarter_bits = 13U - bits;
    const int32_t quarter = (int32_t)(1U << quarter_bits);
    const int32_t rest = (a & (quarter - 1)) - quarter;
    const int32_t x = (int32_t)((uint32_t)rest << bits) + 4096;
    const int32_t x2 = multiply(x, x);
    const int32_t x3 = multiply(x2, x);
    const int32_t x4 = east_divide_by_power(multiply(x2, x2), 2);
    const int32_t more = east_divide_by_power(multiply(x4 + x3, 10923) + x2, 1);
    int32_t result = east_clamp_to(28918 + multiply(28918, x + more), -32768, 32767);
    uint32_t quarters = (uint32_t)(rest - a) >> quarter_bits;
    uint32_t i;

    if (a == 0) {
        return 32767;
    }
    if (bits > 5U && a < -(int32_t)(32U << (15U - bits))) {
        return 0;
    }
    for (i = 0; i < sizeof powers / sizeof powers[0] && quarters != 0U; i++) {
        if ((quarters & 1U) != 0U) {
            result = multiply(result, powers[i]);
        }
        quarters >>= 1;
    }
    return result;
}

/* 2 / (1 + a), 13 bits behind the point, for a in 0 .. 1 with 15 of them. */
static int32_t quotient(int32_t a)
{
    const int32_t half = (a + 32768) >> 1;
    int32_t x = 23130 + multiply(half, -15420);
    uint32_t i;

    for (i = 0; i < 3U; i++) {
        x += shift_left(multiply(x, 8192 - multiply(half, x)), 2);
    }
    return x;
}

int16_t east_sigmoid_16(int16_t x)
{
    int32_t positive;
    if (x == 0) {
        return 16384;
    }
    positive = shift_left(quotient(exponential(x > 0 ? -x : x, 3)), 1);
    return (int16_t)(x > 0 ? positive : 32767 - positive);
}

int16_t east_tanh_16(int16_t x, uint32_t bits)
{
    int32_t positive;
    if (x == 0) {
        return 0;
    }
    positive = shift_left(quotient(exponential(x > 0 ? -x : x, bits + 1U)) - 8192, 2);
    return (int16_t)(x > 0 ? positive : -positive);
}

/* sum + the products of a and b, n elements each; as in east_dense_packed.c. Inline in a header it takes 60 bytes more. */
static int32_t dot(const int8_t *a, const int8_t *b, size_t n, int32_t sum)
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

static const struct east_recurrent_params *params_of(const struct east_task *task)
{
    return (const struct east_recurrent_params *)task->params;
}

int32_t east_input_sum(const struct east_task *task, uint32_t channel, const int8_t *input)
{
    const struct east_weights *const layer = task->layer;
    const int8_t *const row = task->weights + channel * layer->channel_weights;
    const int32_t sum = dot(row, input, params_of(task)->inputs, layer->bias[channel]);
    return east_scale(sum, layer->multiplier[channel], layer->shift[channel]);
}

int32_t east_state_sum(const struct east_task *task, uint32_t channel, const int8_t *state)
{
    const struct east_weights *const layer = task->layer;
    const struct east_recurrent_params *const params = params_of(task);
    const int8_t *const row = task->weights + channel * layer->channel_weights + params->inputs;
    const uint32_t at = layer->channels + channel;
    const int32_t sum = dot(row, state, params->units, layer->bias[at]);
    return east_scale(sum, layer->multiplier[at], layer->shift[at]);
}

int16_t east_gate(const struct east_task *task, uint32_t channel, const int8_t *input, const int8_t *state)
{
    const int32_t sum = east_clamp_16(east_input_sum(task, channel, input));
    return east_clamp_16(sum + east_state_sum(task, channel, state));
}

int8_t east_state_code(const struct east_task *task, int32_t value)
{
    const struct east_recurrent_params *const params = params_of(task);
    const int32_t scaled = east_scale(value, params->multiplier, params->shift);
    return (int8_t)east_clamp_to(scaled + task->layer->output_zero_point, -128, 127);
}
