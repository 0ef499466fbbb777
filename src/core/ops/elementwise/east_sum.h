/*
 * east_sum.h - sum or difference of two operands.
 */
#ifndef EAST_SUM_H
#define EAST_SUM_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_sum_params {
    struct east_operand operand;
    int32_t multiplier[3]; /* of first, second operand and output */
    int8_t shift[3];
    int8_t zero_point[3];
    int8_t sign[2]; /* 1 or -1, of either operand */
    int8_t activation_min;
    int8_t activation_max;
};

/* params east_sum_params; the output may be the first operand, or the second where that is a tensor as large. */
void east_sum(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
