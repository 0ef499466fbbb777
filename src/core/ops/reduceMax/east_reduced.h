/*
 * east_reduced.h - the largest value along some axes.
 */
#ifndef EAST_REDUCED_H
#define EAST_REDUCED_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* params struct east_reduced */
void east_reduce_max(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
