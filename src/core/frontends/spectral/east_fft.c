/*
 * east_fft.c - the power spectrum of real values in integers: a complex transform of half the size, radix 4 after one stage
 * of radix 2 where its size is no power of four, split into that of the real ones; see east_frontend.h. Values have as
 * many bits to spare as the size needs, so nothing is scaled on the way.
 */
#include "east_hot.h"

#include "east_frontend.h"

#define POWER_SHIFT 4

/* x * cosine + y * sine of Q15 factors, rounded. */
static inline int32_t turned(int32_t x, int32_t cosine, int32_t y, int32_t sine)
{
    return (int32_t)(((int64_t)x * cosine + (int64_t)y * sine + 16384) >> 15);
}

/* The sine of k of a turn's size parts, k up to three quarters. */
static int32_t sine_of(const uint16_t *quarter, uint32_t size, uint32_t k)
{
    if (k <= size / 4U) {
        return quarter[k];
    }
    return k <= size / 2U ? (int32_t)quarter[size / 2U - k] : -(int32_t)quarter[k - size / 2U];
}

static int32_t cosine_of(const uint16_t *quarter, uint32_t size, uint32_t k)
{
    if (k <= size / 4U) {
        return quarter[size / 4U - k];
    }
    return k <= size / 2U ? -(int32_t)quarter[k - size / 4U] : -(int32_t)quarter[size / 4U * 3U - k];
}

static inline void combine(struct east_complex *at, uint32_t apart, struct east_complex b1, struct east_complex b2,
                           struct east_complex b3)
{
    const struct east_complex b0 = at[0];
    const struct east_complex p = {b0.re + b1.re, b0.im + b1.im};
    const struct east_complex q = {b0.re - b1.re, b0.im - b1.im};
    const struct east_complex u = {b2.re + b3.re, b2.im + b3.im};
    const struct east_complex v = {b2.re - b3.re, b2.im - b3.im};

    at[0].re = p.re + u.re;
    at[0].im = p.im + u.im;
    at[apart].re = q.re + v.im;
    at[apart].im = q.im - v.re;
    at[2U * apart].re = p.re - u.re;
    at[2U * apart].im = p.im - u.im;
    at[3U * apart].re = q.re - v.im;
    at[3U * apart].im = q.im + v.re;
}

static void radix_2(struct east_complex *values, uint32_t count)
{
    struct east_complex *const end = values + count;

    for (; values < end; values += 2) {
        const struct east_complex a = values[0];
        const struct east_complex b = values[1];
        values[0].re = a.re + b.re;
        values[0].im = a.im + b.im;
        values[1].re = a.re - b.re;
        values[1].im = a.im - b.im;
    }
}

/* One stage: transforms of `done` values become such of four times as many. */
static void radix_4(struct east_complex *values, uint32_t count, uint32_t done, const uint16_t *sine)
{
    const uint32_t size = 2U * count;
    struct east_complex *const end = values + count;
    struct east_complex *at;
    uint32_t j;

    for (at = values; at < end; at += 4U * done) {
        combine(at, done, at[done], at[2U * done], at[3U * done]);
    }
    for (j = 1; j < done; j++) {
        const uint32_t k = j * (size / (4U * done));
        const int32_t c1 = cosine_of(sine, size, k);
        const int32_t s1 = sine_of(sine, size, k);
        const int32_t c2 = cosine_of(sine, size, 2U * k);
        const int32_t s2 = sine_of(sine, size, 2U * k);
        const int32_t c3 = cosine_of(sine, size, 3U * k);
        const int32_t s3 = sine_of(sine, size, 3U * k);
        for (at = values + j; at < end; at += 4U * done) {
            const struct east_complex a1 = at[done];
            const struct east_complex a2 = at[2U * done];
            const struct east_complex a3 = at[3U * done];
            const struct east_complex b1 = {turned(a1.re, c2, a1.im, s2), turned(a1.im, c2, a1.re, -s2)};
            const struct east_complex b2 = {turned(a2.re, c1, a2.im, s1), turned(a2.im, c1, a2.re, -s1)};
            const struct east_complex b3 = {turned(a3.re, c3, a3.im, s3), turned(a3.im, c3, a3.re, -s3)};
            combine(at, done, b1, b2, b3);
        }
    }
}

static inline void put_power(struct east_complex *at, int32_t re, int32_t im)
{
    const uint64_t power = (uint64_t)((int64_t)re * re + (int64_t)im * im);

    at->re = (int32_t)(uint32_t)power;
    at->im = (int32_t)(power >> 32);
}

static inline int32_t rounded(int64_t value)
{
    return (int32_t)((value + ((int64_t)1 << (15 + POWER_SHIFT))) >> (16 + POWER_SHIFT));
}

void east_power_spectrum(struct east_complex *values, uint32_t size, const uint16_t *sine)
{
    const uint32_t half = size / 2U;
    uint32_t done = 1;
    uint32_t k;

    for (k = half; k > 2U; k >>= 2) {
    }
    if (k == 2U) {
        radix_2(values, half);
        done = 2;
    }
    for (; done < half; done *= 4U) {
        radix_4(values, half, done, sine);
    }
    {
        const int32_t sum = values[0].re + values[0].im;
        const int32_t difference = values[0].re - values[0].im;
        put_power(&values[0], (sum + (1 << (POWER_SHIFT - 1))) >> POWER_SHIFT, 0);
        put_power(&values[half], (difference + (1 << (POWER_SHIFT - 1))) >> POWER_SHIFT, 0);
    }
    for (k = 1; 2U * k <= half; k++) {
        const struct east_complex a = values[k];
        const struct east_complex b = values[half - k];
        const int32_t c = cosine_of(sine, size, k);
        const int32_t s = sine_of(sine, size, k);
        const int64_t er = ((int64_t)a.re + b.re) * 32768;
        const int64_t em = ((int64_t)a.im - b.im) * 32768;
        const int32_t dr = a.re - b.re;
        const int32_t dm = a.im + b.im;
        const int64_t r = (int64_t)c * dm - (int64_t)s * dr;
        const int64_t m = (int64_t)c * dr + (int64_t)s * dm;
        put_power(&values[k], rounded(er + r), rounded(em - m));
        put_power(&values[half - k], rounded(er - r), rounded(-em - m));
    }
}
