/*
 * east_mean.h - mean along some axes.
 */
#ifndef EAST_MEAN_H
#define EAST_MEAN_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_mean_params {
    struct east_reduced reduced;
    int32_t multiplier; /* from a sum to the output's scale */
    int8_t shift;
    int8_t input_zero_point;
    int8_t output_zero_point;
};

/* params east_mean_params */
void east_mean(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
