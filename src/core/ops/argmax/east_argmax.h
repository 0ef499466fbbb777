/*
 * east_argmax.h - which of the channels is the largest.
 */
#ifndef EAST_ARGMAX_H
#define EAST_ARGMAX_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_argmax_params {
    uint32_t rows;     /* to look for the largest in */
    uint32_t channels; /* elements of each, at most 256 */
    int32_t first;     /* code of the first channel's index */
};

/* params east_argmax_params; an index for each row, of equal ones the first. */
void east_argmax(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
