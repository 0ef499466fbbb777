/*
 * east_log_bands.c - window, power spectrum, bands and their logarithms; see east_frontend.h.
 */
#include "east_hot.h"

#include "east_frontend.h"

#define WEIGHT_BITS 12

/* The windowed sample, with the fraction bits that the transform leaves. */
static inline int32_t windowed(int32_t sample, uint32_t weight, uint32_t shift)
{
    return (sample * (int32_t)weight + (int32_t)(1U << (shift - 1U))) >> shift;
}

/* Windowed samples where the transform wants them, zeros behind the window. */
static void place_samples(const struct east_frontend *frontend, const int16_t *samples, int32_t mean,
                          struct east_complex *values)
{
    const struct east_spectral *spectral = frontend->params;
    const uint16_t *hann = spectral->hann;
    const uint32_t window = frontend->window;
    const uint32_t stride = frontend->channels;
    const uint32_t shift = spectral->shift;
    const uint32_t half = spectral->size / 2U;
    uint32_t place = 0;
    uint32_t i;

    for (i = 0; i < 2U * half; i += 2U) {
        uint32_t bit = half / 2U;
        int32_t re = 0;
        int32_t im = 0;
        if (i < window) {
            re = windowed(*samples - mean, hann[2U * i <= window ? i : window - i], shift);
            samples += stride;
        }
        if (i + 1U < window) {
            im = windowed(*samples - mean, hann[2U * i + 2U <= window ? i + 1U : window - i - 1U], shift);
            samples += stride;
        }
        values[place].re = re;
        values[place].im = im;
        /* The next number, its bits read backwards. */
        while ((place & bit) != 0U) {
            place ^= bit;
            bit >>= 1;
        }
        place |= bit;
    }
}

int32_t east_log2(uint64_t value, const uint16_t *logs)
{
    uint32_t exponent = 0;
    uint32_t step = 32;
    uint32_t fraction;
    uint32_t entry;
    uint32_t sum;

    if (value == 0U) {
        return 0;
    }
    for (; step > 0U; step >>= 1) {
        if (value >> (exponent + step - 1U) > 1U) {
            exponent += step;
        }
    }
    fraction = (uint32_t)(exponent >= 16U ? value >> (exponent - 16U) : value << (16U - exponent)) & 0xFFFFU;
    entry = fraction >> 11;
    sum = logs[entry] * 2048U + (uint32_t)(logs[entry + 1U] - logs[entry]) * (fraction & 2047U);
    return (int32_t)((exponent << 10) + ((sum + 32768U) >> 16));
}

void east_log_bands(const struct east_frontend *frontend, const int16_t *samples, int32_t mean, struct east_complex *work,
                    int32_t *bands)
{
    const struct east_spectral *spectral = frontend->params;
    const uint16_t *starts = spectral->starts;
    const uint16_t *weights = spectral->weights;
    uint64_t risen = 0;
    uint32_t bin;
    uint32_t i;

    place_samples(frontend, samples, mean, work);
    east_power_spectrum(work, spectral->size, spectral->sine);
    for (i = 0; i <= spectral->bands; i++) {
        uint64_t all = 0;
        uint64_t rising = 0;
        for (bin = starts[i]; bin < starts[i + 1U]; bin++) {
            const uint32_t low = (uint32_t)work[bin].re;
            const uint32_t high = (uint32_t)work[bin].im;
            const uint32_t weight = *weights++;
            all += (uint64_t)high << 32 | low;
            rising += ((uint64_t)(high * weight) << 32) + (uint64_t)low * weight;
        }
        if (i > 0U) {
            bands[i - 1U] = east_log2(risen + (all << WEIGHT_BITS) - rising, spectral->logs);
        }
        risen = rising;
    }
}
