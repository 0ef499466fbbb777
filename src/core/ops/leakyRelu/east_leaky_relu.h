/*
 * east_leaky_relu.h - negative values scaled down, element by element.
 */
#ifndef EAST_LEAKY_RELU_H
#define EAST_LEAKY_RELU_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_leaky_relu_params {
    uint32_t count; /* elements */
    int32_t multiplier[2]; /* below the input's zero point, and from it on */
    int8_t shift[2];
    int8_t input_zero_point;
    int8_t output_zero_point;
};

/* params east_leaky_relu_params; the output may be the input. */
void east_leaky_relu(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
