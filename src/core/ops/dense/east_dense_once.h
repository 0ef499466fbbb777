/*
 * east_dense_once.h - fully connected layers whose sums are rounded once.
 */
#ifndef EAST_DENSE_ONCE_H
#define EAST_DENSE_ONCE_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_dense_once_params {
    uint32_t columns; /* of channel_weights inputs each, multiplied with the same weights */
};

/* Weights [units, inputs]; params east_dense_once_params. */
void east_dense_once(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
