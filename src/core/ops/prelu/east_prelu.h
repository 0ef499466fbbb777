/*
 * east_prelu.h - negative values scaled by slopes of their own.
 */
#ifndef EAST_PRELU_H
#define EAST_PRELU_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_prelu_params {
    struct east_operand operand; /* the slopes */
    int32_t multiplier[2]; /* below the input's zero point, and from it on */
    int8_t shift[2];
    int8_t zero_point[3]; /* of input, slopes and output */
};

/* params east_prelu_params; the output may be the input. */
void east_prelu(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
