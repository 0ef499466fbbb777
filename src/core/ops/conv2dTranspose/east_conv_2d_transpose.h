/*
 * east_conv_2d_transpose.h - transposed convolution, by which decoders and U-Nets make images larger.
 */
#ifndef EAST_CONV_2D_TRANSPOSE_H
#define EAST_CONV_2D_TRANSPOSE_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Weights [filters, kernel height, kernel width, input channels]; params east_window, whose pad_top and pad_left are what is
 * cut off the first patch of the output.
 */
void east_conv_2d_transpose(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
