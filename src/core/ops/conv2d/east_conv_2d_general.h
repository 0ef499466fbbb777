/*
 * east_conv_2d_general.h - convolution whose taps may lie apart and whose channels may fall into groups.
 */
#ifndef EAST_CONV_2D_GENERAL_H
#define EAST_CONV_2D_GENERAL_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_conv_2d_general_params {
    uint32_t scratch; /* arena offset of two columns of channel_weights bytes */
    struct east_window window;
    uint16_t dilation_height, dilation_width; /* cells from a tap to the next */
    uint16_t groups; /* of the channels, the input's and the output's */
};

/* Weights [filters, kernel height, kernel width, input channels of a group]; params east_conv_2d_general_params. */
void east_conv_2d_general(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
