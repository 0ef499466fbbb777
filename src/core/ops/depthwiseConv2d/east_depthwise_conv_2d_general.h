/*
 * east_depthwise_conv_2d_general.h - depthwise convolution whose taps may lie apart, with several filters for a channel.
 */
#ifndef EAST_DEPTHWISE_CONV_2D_GENERAL_H
#define EAST_DEPTHWISE_CONV_2D_GENERAL_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_depthwise_conv_2d_general_params {
    struct east_window window;
    uint16_t dilation_height, dilation_width; /* cells from a tap to the next */
    uint16_t multiplier; /* output channels for each of the input's */
};

/* Weights [kernel height, kernel width, output channels], one tile; params east_depthwise_conv_2d_general_params. */
void east_depthwise_conv_2d_general(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
