/*
 * east_samples.c - samples as features; see east_frontend.h.
 */
#include "east_frontend.h"

void east_samples(const struct east_frontend *frontend, const int16_t *samples, int32_t *features)
{
    uint32_t i;

    for (i = 0; i < frontend->features; i++) {
        features[i] = samples[i];
    }
}
