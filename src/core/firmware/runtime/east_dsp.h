/*
 * east_dsp.h - the few DSP instructions of the Cortex-M4 that the fast paths use, as inline functions. EAST_USE_DSP
 * says whether they exist; define EAST_PORTABLE_C to build the plain C everywhere.
 */
#ifndef EAST_DSP_H
#define EAST_DSP_H

#include <stdint.h>
#include <string.h>

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_UNALIGNED) && defined(__GNUC__) && \
    !defined(__ARM_BIG_ENDIAN) && !defined(EAST_PORTABLE_C)
#define EAST_USE_DSP 1

/* Four int8 as one word, at any alignment. */
static inline uint32_t east_load_4(const int8_t *p)
{
    uint32_t word;
    memcpy(&word, p, 4);
    return word;
}

/* Bytes 0 and 2 of x as two int16. */
static inline uint32_t east_even(uint32_t x)
{
    uint32_t result;
    __asm__("sxtb16 %0, %1" : "=r"(result) : "r"(x));
    return result;
}

/* Bytes 1 and 3 of x as two int16. */
static inline uint32_t east_odd(uint32_t x)
{
    uint32_t result;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(x));
    return result;
}

/* Both with a pair of int16 added. */
static inline uint32_t east_even_plus(uint32_t x, uint32_t pair)
{
    uint32_t result;
    __asm__("sxtab16 %0, %1, %2" : "=r"(result) : "r"(pair), "r"(x));
    return result;
}

static inline uint32_t east_odd_plus(uint32_t x, uint32_t pair)
{
    uint32_t result;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(result) : "r"(pair), "r"(x));
    return result;
}

/* sum + a.low * b.low + a.high * b.high, halves as int16. */
static inline int32_t east_dot_2(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/* sum + a.low * b.low. */
static inline int32_t east_add_low(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlabb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/* sum + a.high * b.high. */
static inline int32_t east_add_high(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t result;
    __asm__("smlatt %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

/* Bytes of two words as pairs of int16, each of the first word with its counterpart in the second: 0, 1, 2, 3. */
static inline void east_pair_up(uint32_t first, uint32_t second, uint32_t pairs[4])
{
    const uint32_t even = east_even(first);
    const uint32_t odd = east_odd(first);
    const uint32_t second_even = east_even(second);
    const uint32_t second_odd = east_odd(second);
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pairs[0]) : "r"(even), "r"(second_even));
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pairs[1]) : "r"(odd), "r"(second_odd));
    __asm__("pkhtb %0, %2, %1, asr #16" : "=r"(pairs[2]) : "r"(even), "r"(second_even));
    __asm__("pkhtb %0, %2, %1, asr #16" : "=r"(pairs[3]) : "r"(odd), "r"(second_odd));
}

/*
 * The two halves of the matrix kernel, each as one block: left to itself a compiler reorders the instructions until the
 * values no longer fit the registers. Few operands each, so that they compile with a frame pointer and position
 * independence too.
 */

/* Four elements of rows p and p + n, widened to pairs of int16: elements 0 and 2, 1 and 3. Moves p on. */
static inline void east_load_rows(const int8_t **p, size_t n, uint32_t even[2], uint32_t odd[2])
{
    __asm__ volatile("ldr %3, [%4, %5]\n\t"
                     "ldr %1, [%4], #4\n\t"
                     "sxtb16 %0, %1\n\t"
                     "sxtb16 %1, %1, ror #8\n\t"
                     "sxtb16 %2, %3\n\t"
                     "sxtb16 %3, %3, ror #8"
                     : "=&r"(even[0]), "=&r"(odd[0]), "=&r"(even[1]), "=&r"(odd[1]), "+&r"(*p)
                     : "r"(n)
                     : "memory");
}

/* Adds the products of two such rows with four elements of a column, widened likewise, to sum0 and sum1. Moves the column on. */
static inline void east_multiply_wide(const int8_t **column, const uint32_t even[2], const uint32_t odd[2], int32_t *sum0,
                                      int32_t *sum1)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("ldrd %2, %3, [%4], #8\n\t"
                     "smlad %0, %5, %2, %0\n\t"
                     "smlad %1, %6, %2, %1\n\t"
                     "smlad %0, %7, %3, %0\n\t"
                     "smlad %1, %8, %3, %1"
                     : "+&r"(*sum0), "+&r"(*sum1), "=&r"(low), "=&r"(high), "+&r"(*column)
                     : "r"(even[0]), "r"(even[1]), "r"(odd[0]), "r"(odd[1])
                     : "memory");
}

/* Four int8 widened to the halves of two words: elements 0 and 2, 1 and 3. Moves `to` on by four words. */
static inline void east_widen_4(const int8_t **from, uint32_t step, int16_t **to)
{
    uint32_t even;
    uint32_t odd;
    __asm__ volatile("ldr %1, [%2]\n\t"
                     "add %2, %2, %4\n\t"
                     "sxtb16 %0, %1\n\t"
                     "sxtb16 %1, %1, ror #8\n\t"
                     "strd %0, %1, [%3], #16"
                     : "=&r"(even), "=&r"(odd), "+&r"(*from), "+&r"(*to)
                     : "r"(step)
                     : "memory");
}

/* Four int8 as one word; moves the pointer on. */
static inline uint32_t east_load_4_next(const int8_t **p)
{
    uint32_t word;
    __asm__ volatile("ldr %0, [%1], #4" : "=r"(word), "+r"(*p) : : "memory");
    return word;
}

/*
 * east_scale in fewer instructions. Sums of 2^30 and more are cut off there, which no int8 shows: whatever they are multiplied
 * with, 2^30 to 2^31, they are scaled to 2^29 >> 20 at least. A multiplier 0 gives 0 either way.
 */
static inline int east_scales_fast(int32_t shift)
{
    return shift < 0 && shift >= -20;
}

static inline int32_t east_scale_fast(int32_t x, int32_t multiplier, int32_t shift)
{
    int32_t high;
    __asm__("qadd %0, %1, %1\n\t"
            "smmulr %0, %0, %2"
            : "=&r"(high)
            : "r"(x), "r"(multiplier));
    high += high >> 31;
    return ((high >> (-1 - shift)) + 1) >> 1;
}

/* Two int16, the first the lower. */
static inline uint32_t east_pair(int32_t first, int32_t second)
{
    uint32_t result;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(result) : "r"(first), "r"(second));
    return result;
}

static inline uint32_t east_twice(int32_t x)
{
    return east_pair(x, x);
}

static inline uint32_t east_sum_of_pairs(uint32_t a, uint32_t b)
{
    uint32_t result;
    __asm__("sadd16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
    return result;
}

/* The larger of each pair of int8. */
static inline uint32_t east_larger_4(uint32_t a, uint32_t b)
{
    uint32_t result;
    __asm__("ssub8 %0, %1, %2\n\t"
            "sel %0, %1, %2"
            : "=&r"(result)
            : "r"(a), "r"(b));
    return result;
}

static inline int32_t east_saturate_8(int32_t x)
{
    int32_t result;
    __asm__("ssat %0, #8, %1" : "=r"(result) : "r"(x));
    return result;
}

#elif defined(__ARM_FEATURE_DSP) && !defined(EAST_PORTABLE_C)
#warning "This core has DSP instructions that this build does not use: plain C takes twice the time. Allow unaligned access (-munaligned-access), or define EAST_PORTABLE_C."
#endif

#endif
