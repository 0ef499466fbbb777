/*
 * east_clip.h - another scale, and a clamp to any range.
 */
#ifndef EAST_CLIP_H
#define EAST_CLIP_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_clip_params {
    uint32_t count; /* elements */
    int32_t multiplier;
    int8_t shift;
    int8_t input_zero_point;
    int8_t output_zero_point;
    int8_t low; /* the output is clamped to these */
    int8_t high;
};

/* params east_clip_params; the output may be the input. */
void east_clip(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
