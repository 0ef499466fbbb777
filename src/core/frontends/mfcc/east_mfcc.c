/*
 * east_mfcc.c - the cosine transform of the logarithms of mel bands; see east_frontend.h.
 */
#include "east_frontend.h"

void east_mfcc(const struct east_frontend *frontend, const int16_t *samples, int32_t *features)
{
    const struct east_spectral *spectral = frontend->params;
    struct east_complex *work = east_frame_work(frontend);
    int32_t *logs = &work[spectral->size / 2U + 1U].re;
    const int16_t *cosines = spectral->cosines;
    uint32_t k;
    uint32_t m;

    east_log_bands(frontend, samples, 0, work, logs);
    for (k = 0; k < spectral->coefficients; k++) {
        int64_t sum = 1 << 13;
        for (m = 0; m < spectral->bands; m++) {
            sum += (int64_t)logs[m] * *cosines++;
        }
        features[k] = (int32_t)(sum >> 14);
    }
}
