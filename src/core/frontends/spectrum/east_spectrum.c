/*
 * east_spectrum.c - bands and statistics of each channel; see east_frontend.h.
 */
#include "east_frontend.h"

/* Deviations are cut to so many bits before their fourth powers are added up. */
#define DEVIATION_BITS 10U

/* Mean, and logarithms: of the squares' sum, the largest one's square, their ratio, and that of fourth powers and squares. */
static void find_statistics(const struct east_frontend *frontend, const int16_t *samples, int32_t *values)
{
    const struct east_spectral *spectral = frontend->params;
    const uint32_t count = frontend->window;
    const uint32_t stride = frontend->channels;
    const int32_t number = east_log2(count, spectral->logs);
    uint64_t squares = 0;
    uint64_t second = 0;
    uint64_t fourth = 0;
    uint32_t sum = count / 2U;
    uint32_t peak = 0;
    uint32_t shift = 0;
    uint32_t i;
    int32_t mean;
    int32_t energy;
    int32_t largest;

    for (i = 0; i < count; i++) {
        sum += (uint32_t)(samples[(size_t)i * stride] + 32768);
    }
    mean = (int32_t)(sum / count) - 32768;
    for (i = 0; i < count; i++) {
        const int32_t deviation = samples[(size_t)i * stride] - mean;
        const uint32_t size = (uint32_t)(deviation < 0 ? -deviation : deviation);
        squares += (uint64_t)size * size;
        peak = size > peak ? size : peak;
    }
    while (peak >> shift >= 1U << DEVIATION_BITS) {
        shift++;
    }
    for (i = 0; i < count; i++) {
        const int32_t deviation = samples[(size_t)i * stride] - mean;
        const uint32_t size = (uint32_t)(deviation < 0 ? -deviation : deviation) >> shift;
        const uint32_t square = size * size;
        second += square;
        fourth += (uint64_t)square * square;
    }
    energy = east_log2(squares, spectral->logs);
    largest = 2 * east_log2(peak, spectral->logs);
    values[0] = mean;
    values[1] = energy;
    values[2] = largest;
    values[3] = largest - energy + number;
    values[4] = east_log2(fourth, spectral->logs) - 2 * east_log2(second, spectral->logs) + number;
}

void east_spectrum(const struct east_frontend *frontend, const int16_t *samples, int32_t *features)
{
    const struct east_spectral *spectral = frontend->params;
    int32_t values[5];
    uint32_t channel;
    uint32_t i;

    for (channel = 0; channel < frontend->channels; channel++) {
        find_statistics(frontend, samples + channel, values);
        if (spectral->bands > 0U) {
            east_log_bands(frontend, samples + channel, values[0], east_frame_work(frontend), features);
            features += spectral->bands;
        }
        for (i = 0; i < spectral->statistics; i++) {
            *features++ = values[spectral->chosen[i]];
        }
    }
}
