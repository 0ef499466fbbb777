/*
 * east_softmax.c - softmax in fixed point, as TensorFlow Lite's reference kernel computes it with gemmlowp: Qm.n below
 * is an int32 with m integer and n fractional bits.
 */
#include "east_fixed_point.h"
#include "east_kernels.h"

#define EAST_ONE_Q31 INT32_MAX

/* Bits of the integer part of the sum of exponentials. */
#define EAST_SUM_INTEGER_BITS 12

static int32_t saturating_shift_left(int32_t x, int32_t bits)
{
    return x > (INT32_MAX >> bits) ? INT32_MAX : x < (INT32_MIN >> bits) ? INT32_MIN : x * ((int32_t)1 << bits);
}

/* exp(x) as Q0.31 for x in Q5.26, x <= 0: a polynomial on [-1/4, 0), then a factor for each higher bit of x. */
static int32_t exp_of_negative(int32_t x)
{
    static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = (int32_t)1 << 24;
    const int32_t in_quarter = (x & (quarter - 1)) - quarter;
    const int32_t remainder = in_quarter - x;
    const int32_t constant_term = 1895147668; /* exp(-1/8) */
    const int32_t one_third = 715827883;
    const int32_t y = in_quarter * 32 + ((int32_t)1 << 28); /* Q0.31, centred on -1/8 */
    const int32_t y2 = east_high_multiply(y, y);
    const int32_t y3 = east_high_multiply(y2, y);
    const int32_t y4 = east_high_multiply(y2, y2);
    const int32_t y3_and_y4 = east_high_multiply(east_divide_by_power(y4, 2) + y3, one_third);
    int32_t result =
        constant_term + east_high_multiply(constant_term, y + east_divide_by_power(y3_and_y4 + y2, 1));
    int i;

    if (x == 0) {
        return EAST_ONE_Q31;
    }
    for (i = 0; i < 7; i++) {
        if ((remainder & (quarter << i)) != 0) {
            result = east_high_multiply(result, factors[i]);
        }
    }
    return result;
}

/* 1 / (1 + x) as Q0.31 for x in Q0.31, 0 <= x < 1: three steps of Newton's method. */
static int32_t reciprocal_of_one_plus(int32_t x)
{
    const int32_t half_denominator = (int32_t)(((int64_t)x + EAST_ONE_Q31 + 1) / 2);
    int32_t r = 1515870810 + east_high_multiply(half_denominator, -1010580540); /* Q2.29: 48/17 - 32/17 d */
    int i;

    for (i = 0; i < 3; i++) {
        const int32_t error = ((int32_t)1 << 29) - east_high_multiply(half_denominator, r);
        r += saturating_shift_left(east_high_multiply(r, error), 2);
    }
    return saturating_shift_left(r, 1);
}

/* exp of a difference from the maximum, or -1 where it is too small to count. */
static int32_t exponential(const struct east_softmax_params *params, int32_t difference)
{
    if (difference < params->diff_min) {
        return -1;
    }
    return exp_of_negative(east_high_multiply(difference * ((int32_t)1 << params->shift), params->multiplier));
}

void east_softmax(const struct east_task *task)
{
    const struct east_softmax_params *const params = (const struct east_softmax_params *)task->params;
    const int8_t *input = task->input;
    int8_t *output = task->output;
    uint32_t row;

    for (row = 0; row < params->rows; row++) {
        int32_t maximum = INT8_MIN;
        int32_t sum = 0;
        int32_t leading_zeros = 0;
        int32_t scale;
        int32_t exponent;
        uint32_t c;

        for (c = 0; c < params->channels; c++) {
            maximum = input[c] > maximum ? input[c] : maximum;
        }
        for (c = 0; c < params->channels; c++) {
            const int32_t e = exponential(params, input[c] - maximum);
            sum += e < 0 ? 0 : east_divide_by_power(e, EAST_SUM_INTEGER_BITS);
        }
        while (((uint32_t)sum << leading_zeros & 0x80000000U) == 0U) {
            leading_zeros++; /* ends: the maximum itself adds 2^19 */
        }
        scale = reciprocal_of_one_plus((int32_t)(((uint32_t)sum << leading_zeros) - 0x80000000U));
        exponent = EAST_SUM_INTEGER_BITS - leading_zeros + 31 - 8;
        for (c = 0; c < params->channels; c++) {
            const int32_t e = exponential(params, input[c] - maximum);
            const int32_t probability =
                e < 0 || exponent > 31 ? 0 : east_divide_by_power(east_high_multiply(scale, e), exponent);
            output[c] = (int8_t)east_clamp_to(probability - 128, -128, 127);
        }
        input += params->channels;
        output += params->channels;
    }
}
