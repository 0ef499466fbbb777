/*
 * east_frontend.c - frames to codes, of a whole example or hop by hop; see east_frontend.h.
 */
#include "east_frontend.h"

#include <string.h>

static void make_frame(const struct east_frontend *frontend, const int16_t *samples, int8_t *codes)
{
    int32_t *features = frontend->work;
    uint32_t i;

    frontend->frame(frontend, samples, features);
    for (i = 0; i < frontend->features; i++) {
        const int64_t scaled = (int64_t)(features[i] - frontend->offset[i]) * frontend->scale[i];
        const int64_t code = (scaled + (1 << 19)) >> 20;
        codes[i] = (int8_t)(code < -128 ? -128 : code > 127 ? 127 : code);
    }
}

void east_frontend_whole(const struct east_frontend *frontend, const int16_t *samples)
{
    const size_t step = (size_t)frontend->hop * frontend->channels;
    int8_t *codes = frontend->codes;
    uint32_t i;

    *frontend->pushes = 0;
    for (i = 0; i < frontend->frames; i++) {
        make_frame(frontend, samples, codes);
        samples += step;
        codes += frontend->features;
    }
}

int east_frontend_hop(const struct east_frontend *frontend, const int16_t *samples)
{
    const size_t window = (size_t)frontend->window * frontend->channels;
    const size_t hop = (size_t)frontend->hop * frontend->channels;
    const uint32_t first = ((uint32_t)frontend->window + frontend->hop - 1U) / frontend->hop;
    const uint32_t whole = first + frontend->frames - 1U;
    const size_t others = (size_t)(frontend->frames - 1U) * frontend->features;

    if (hop < window) {
        memmove(frontend->history, frontend->history + hop, (window - hop) * sizeof *samples);
        memcpy(frontend->history + (window - hop), samples, hop * sizeof *samples);
    } else {
        memcpy(frontend->history, samples + (hop - window), window * sizeof *samples);
    }
    if (*frontend->pushes < whole) {
        *frontend->pushes += 1U;
    }
    if (*frontend->pushes < first) {
        return 0;
    }
    memmove(frontend->codes, frontend->codes + frontend->features, others);
    make_frame(frontend, frontend->history, frontend->codes + others);
    return *frontend->pushes == whole;
}
