/*
 * east_concat.h - tensors side by side.
 */
#ifndef EAST_CONCAT_H
#define EAST_CONCAT_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_concat_part {
    uint32_t input;     /* arena offset */
    uint32_t length;    /* elements in a row, each turn */
    int32_t multiplier; /* to the output's scale; 0: the codes stay as they are */
    int8_t shift;
    int8_t zero_point;
};

struct east_concat_params {
    const struct east_concat_part *parts;
    uint32_t turns; /* how often each part gives its next elements */
    uint16_t count; /* parts */
    int8_t output_zero_point;
};

/* params east_concat_params */
void east_concat(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
