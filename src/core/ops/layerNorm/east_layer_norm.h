/*
 * east_layer_norm.h - channels of each place brought to mean 0 and variance 1, then scaled and shifted.
 */
#ifndef EAST_LAYER_NORM_H
#define EAST_LAYER_NORM_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_layer_norm_params {
    uint64_t epsilon;  /* epsilon * channels^2 / input scale^2, 16 bits behind the point; above 0, below 2^62 */
    uint32_t places;   /* height * width */
    uint32_t channels; /* up to 8192 */
};

/*
 * Weights [channels], one tile: gamma, what they are multiplied with has 15 bits behind the point; params
 * east_layer_norm_params. The output may be the input.
 */
void east_layer_norm(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
