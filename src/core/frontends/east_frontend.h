/*
 * east_frontend.h - what turns raw samples into the network's input, and the constant tables that drive it.
 *
 * Samples are int16, laid out [samples, channels]; an example is frames of features, [frames, features], each made of a
 * window of samples that begins a hop after the one before. All arithmetic is of integers, the same as in training, bit
 * for bit. Right shifts of negative numbers are arithmetic, as with every compiler for the Cortex-M.
 */
#ifndef EAST_FRONTEND_H
#define EAST_FRONTEND_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct east_frontend;

/* The features of one frame: samples [window, channels] to features [features]. */
typedef void (*east_frame)(const struct east_frontend *frontend, const int16_t *samples, int32_t *features);

struct east_frontend {
    east_frame frame;
    const void *params;    /* the frame function's own struct, or NULL */
    const int32_t *offset; /* [features]: the feature that is code 0 */
    const int32_t *scale;  /* [features], Q20: codes of a step of it */
    int32_t *work;         /* features first, then what the frame function needs */
    int16_t *history;      /* [window, channels]: the newest samples that were pushed */
    int8_t *codes;         /* [frames, features]: the network's input */
    uint32_t *pushes;      /* since the last reset, until there is a whole example */
    uint16_t frames, features;
    uint16_t window, hop;
    uint16_t channels;
};

/* All frames of an example: samples [(frames - 1) * hop + window, channels]. Resets the stream. */
void east_frontend_whole(const struct east_frontend *frontend, const int16_t *samples);

/* The next frame of a stream: samples [hop, channels]. Returns 1 when there are as many frames as an example has, else 0. */
int east_frontend_hop(const struct east_frontend *frontend, const int16_t *samples);

/* Of frames that are spectra. */
struct east_spectral {
    const uint16_t *sine;    /* [size / 4 + 1], Q15: a quarter of a wave */
    const uint16_t *hann;    /* [window / 2 + 1], Q15: the first half of the window function and its middle */
    const uint16_t *logs;    /* [33], Q15: log2(1 + i / 32) */
    const uint16_t *starts;  /* [bands + 2]: bins at which the bands' edges lie */
    const uint16_t *weights; /* of the bins from the first edge on, Q12, in the band that rises there */
    const int16_t *cosines;  /* east_mfcc: [coefficients, bands], Q14 */
    const uint8_t *chosen;   /* east_spectrum: which statistics, [statistics] */
    uint16_t size;           /* of the transform, a power of two */
    uint16_t bands;
    uint16_t coefficients;
    uint8_t shift;           /* windowed samples are kept with 15 - shift fraction bits */
    uint8_t statistics;
};

struct east_complex {
    int32_t re, im;
};

/*
 * The power spectrum of size real values: values [size / 2 + 1], pairs of them in bit-reversed order, are replaced by the
 * powers of the size / 2 + 1 bins, of 64 bits each: the lower half of them in re, the upper in im.
 */
void east_power_spectrum(struct east_complex *values, uint32_t size, const uint16_t *sine);

/*
 * Logarithms of the energies in the bands of one channel, Q10.
 * samples  [frontend->window], frontend->channels apart
 * mean     is subtracted from each
 * work     struct east_complex[size / 2 + 1]
 */
void east_log_bands(const struct east_frontend *frontend, const int16_t *samples, int32_t mean, struct east_complex *work,
                    int32_t *bands);

/* log2, Q10; of 0 it is 0. logs: as in struct east_spectral. */
int32_t east_log2(uint64_t value, const uint16_t *logs);

/* Frame functions; params struct east_spectral, but of east_samples NULL. */
void east_log_mel(const struct east_frontend *frontend, const int16_t *samples, int32_t *features);
void east_mfcc(const struct east_frontend *frontend, const int16_t *samples, int32_t *features);
void east_spectrum(const struct east_frontend *frontend, const int16_t *samples, int32_t *features);
void east_samples(const struct east_frontend *frontend, const int16_t *samples, int32_t *features);

/* What of the work buffer is free for a frame function. */
static inline struct east_complex *east_frame_work(const struct east_frontend *frontend)
{
    return (struct east_complex *)(void *)(frontend->work + frontend->features);
}

#ifdef __cplusplus
}
#endif

#endif
