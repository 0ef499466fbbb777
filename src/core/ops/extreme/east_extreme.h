/*
 * east_extreme.h - of two operands the larger or the smaller one.
 */
#ifndef EAST_EXTREME_H
#define EAST_EXTREME_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_extreme_params {
    struct east_operand operand;
    int32_t multiplier[2]; /* of first and second operand */
    int8_t shift[2];
    int8_t zero_point[3]; /* of first, second operand and output */
    uint8_t maximum; /* 1: the larger one, 0: the smaller one */
};

/* params east_extreme_params; the output may be the first operand, or the second where that is a tensor as large. */
void east_extreme(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
