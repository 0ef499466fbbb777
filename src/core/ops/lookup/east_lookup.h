/*
 * east_lookup.h - a function of one number, by a table of all codes.
 */
#ifndef EAST_LOOKUP_H
#define EAST_LOOKUP_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_lookup_params {
    uint32_t count;      /* elements */
    const int8_t *codes; /* [256], of the input's codes from -128 on */
};

/* params east_lookup_params; the output may be the input. */
void east_lookup(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
