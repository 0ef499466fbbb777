/*
 * east_hard_swish.h - x * relu6(x + 3) / 6.
 */
#ifndef EAST_HARD_SWISH_H
#define EAST_HARD_SWISH_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_hard_swish_params {
    uint32_t count; /* elements */
    int16_t gate_multiplier; /* of the input, 7 bits finer, to the gate's scale of 3 / 32768 */
    int16_t output_multiplier; /* and to the output's */
    int8_t gate_shift; /* to the left */
    int8_t output_shift; /* to the right */
    int8_t input_zero_point;
    int8_t output_zero_point;
};

/* params east_hard_swish_params; the output may be the input. */
void east_hard_swish(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
