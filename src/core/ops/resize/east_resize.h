/*
 * east_resize.h - a picture in another size.
 */
#ifndef EAST_RESIZE_H
#define EAST_RESIZE_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_resize_nearest_params {
    const uint16_t *rows;    /* of the input, for each of the output's */
    const uint16_t *columns;
    uint16_t height, width; /* of the output */
    uint16_t input_width;
    uint16_t channels;
};

struct east_resize_bilinear_params {
    int32_t step[2];   /* for one row and column of the output, of the input in 1/1024 */
    int32_t offset[2]; /* where the output's first ones lie, in the same */
    uint16_t input[2]; /* height and width */
    uint16_t output[2];
    uint16_t channels;
};

/* params east_resize_nearest_params */
void east_resize_nearest(const struct east_task *task);
/* params east_resize_bilinear_params */
void east_resize_bilinear(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
