/*
 * east_fixed_point.h - the rounding of TensorFlow Lite's reference kernels (gemmlowp), in forms that suit a processor
 * with a 64-bit multiply. Right shifts of negative numbers are arithmetic, as with every compiler for the Cortex-M.
 */
#ifndef EAST_FIXED_POINT_H
#define EAST_FIXED_POINT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * SaturatingRoundingDoublingHighMul: round(a * b / 2^31). For b in 0 .. 2^31-1 nothing can saturate, and truncating
 * after gemmlowp's signed nudge is the same as adding a half and rounding down.
 */
static inline int32_t east_high_multiply(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + 0x40000000) >> 31);
}

/* RoundingDivideByPOT: x / 2^exponent, halves away from zero; exponent 0 .. 31. */
static inline int32_t east_divide_by_power(int32_t x, int32_t exponent)
{
    const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1U);
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

/*
 * MultiplyByQuantizedMultiplier: x * multiplier / 2^31 * 2^shift, rounded twice as the reference does. Halves away from zero
 * are halves up of what lies one lower where it is negative.
 */
static inline int32_t east_scale(int32_t x, int32_t multiplier, int32_t shift)
{
    int32_t high;
    if (shift >= 0) {
        return east_high_multiply((int32_t)((uint32_t)x << shift), multiplier);
    }
    high = east_high_multiply(x, multiplier);
    high += high >> 31;
    return ((high >> (-1 - shift)) + 1) >> 1;
}

static inline int32_t east_clamp_to(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

#ifdef __cplusplus
}
#endif

#endif
