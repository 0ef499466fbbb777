/*
 * east_mul.h - product of two operands.
 */
#ifndef EAST_MUL_H
#define EAST_MUL_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_mul_params {
    struct east_operand operand;
    int32_t multiplier; /* of a product of distances to zero points */
    int8_t shift;
    int8_t zero_point[3]; /* of first, second operand and output */
    int8_t activation_min;
    int8_t activation_max;
};

/* params east_mul_params; the output may be the first operand, or the second where that is a tensor as large. */
void east_mul(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
