/*
 * east_rescale.h - the same numbers on another scale, element by element.
 */
#ifndef EAST_RESCALE_H
#define EAST_RESCALE_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_rescale_params {
    uint32_t count; /* elements */
    int32_t multiplier;
    int8_t shift;
    int8_t input_zero_point;
    int8_t output_zero_point;
};

/* params east_rescale_params; the output may be the input. */
void east_rescale(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
