/*
 * east_pad.h - one value around a tensor.
 */
#ifndef EAST_PAD_H
#define EAST_PAD_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_pad_params {
    uint32_t count; /* elements of the output */
    uint32_t first; /* of these, where the input begins */
    uint32_t gap;   /* elements between its rows */
    uint16_t height, width, channels; /* of the input */
    uint16_t output_channels;
    int8_t value;
};

/* params east_pad_params */
void east_pad(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
