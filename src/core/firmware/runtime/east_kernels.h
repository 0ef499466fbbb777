/*
 * east_kernels.h - the int8 operations and the constant tables that drive them.
 *
 * Everywhere: activations are int8, laid out [height, width, channels] of one example; weights are int8 in -127 .. 127
 * with a scale per output channel and zero point 0; arithmetic is that of TensorFlow Lite's reference kernels, bit for
 * bit. Offsets are bytes from the start of the arena. Buffers belong to the caller (east_run), none is kept.
 */
#ifndef EAST_KERNELS_H
#define EAST_KERNELS_H

#include "east_fixed_point.h"
#include "east_packing.h"
#include "east_status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EAST_NO_BUFFER 0xfffffffeU
#define EAST_KEEPS_PACKED 1U /* offsets are multiples of 4 */

/* Per-channel constants of a layer with weights, and how its weights are cut into tiles of output channels. */
struct east_weights {
    const int32_t *bias;       /* [channels], scale input * weight; for convolution and dense layers the input's zero
                                  point is already folded in: bias - input_zero_point * sum of the channel's weights */
    const int32_t *multiplier; /* [channels], output multiplier, Q31 mantissa */
    const int8_t *shift;       /* [channels], its power of two, positive to the left */
    const struct east_packing *packing; /* of the weights in flash; NULL for plain int8 */
    uint32_t channel_weights;  /* weights of one output channel */
    uint32_t decode;           /* arena offset of the buffer that takes tile_channels * channel_weights bytes, or
                                  EAST_NO_BUFFER where all tiles are read in place; with EAST_KEEPS_PACKED the kernel
                                  takes packed bytes, and the buffer as many as hold them */
    uint16_t channels;         /* output channels */
    uint16_t tile_channels;    /* of every tile but the last, which has the rest */
    int8_t input_zero_point;
    int8_t output_zero_point;
    int8_t activation_min; /* the output is clamped to these */
    int8_t activation_max;
};

/* Convolution and pooling windows, in elements. */
struct east_window {
    uint16_t input_height, input_width;
    uint16_t output_height, output_width;
    uint16_t channels; /* of the input */
    uint16_t kernel_height, kernel_width;
    uint16_t stride_height, stride_width;
    uint16_t pad_top, pad_left;
};

struct east_conv_2d_params {
    uint32_t scratch; /* arena offset of two columns of channel_weights elements (east_columns) */
    struct east_window window;
};

struct east_add_params {
    uint32_t other; /* arena offset of the second operand */
    uint32_t count; /* elements */
    int32_t multiplier[3]; /* of first, second operand and output */
    int8_t shift[3];
    int8_t zero_point[3];
    int8_t activation_min;
    int8_t activation_max;
};

struct east_clamp_params {
    uint32_t count; /* elements */
    int8_t activation_min;
    int8_t activation_max;
};

struct east_softmax_params {
    uint32_t rows;     /* softmaxes to compute */
    uint32_t channels; /* elements of each */
    int32_t multiplier;
    int32_t diff_min; /* differences from the maximum below it count as probability 0 */
    int32_t shift;
};

/* What a kernel is given. */
struct east_task {
    const void *params;                /* the operation's own struct above (east_window for pools and depthwise) */
    const struct east_weights *layer;  /* NULL for operations without weights */
    const int8_t *input;
    int8_t *output;                    /* all channels; a kernel writes those of its tile */
    int8_t *arena;
    const int8_t *weights;             /* of the tile */
    uint32_t first_channel;            /* of the tile */
    uint32_t channels;                 /* of the tile */
};

typedef void (*east_kernel)(const struct east_task *task);

/*
 * The second operand of what is computed element by element: a tensor or a constant, as large as the first operand or
 * smaller and repeated over it.
 */
struct east_operand {
    const int8_t *constant; /* NULL: it lies in the arena */
    uint32_t offset;        /* there */
    uint32_t count;         /* elements of the output */
    uint32_t period;        /* elements of the operand: then it begins anew */
    uint32_t repeat;        /* elements of the output that each of them serves */
};

static inline const int8_t *east_operand_values(const struct east_operand *operand, const struct east_task *task)
{
    return operand->constant != NULL ? operand->constant : task->arena + operand->offset;
}

/* Which values make one: along each axis either all of the input's or one. */
struct east_reduced {
    uint16_t input[3];   /* height, width, channels */
    uint16_t output[3];
    uint16_t reduced[3]; /* values that make one */
};

/* One operation of the network. */
struct east_step {
    east_kernel kernel;
    const void *params;
    const struct east_weights *layer;
    uint32_t input; /* arena offsets */
    uint32_t output;
};

/* The whole network. */
struct east_model {
    const uint8_t *blob;
    uint32_t blob_bytes;
    uint32_t blob_crc32;
    const struct east_step *steps;
    int8_t *arena;
    uint32_t input, input_bytes;
    uint32_t output, output_bytes;
    uint16_t step_count;
    uint16_t tile_count;
};

/*
 * One inference: input[0 .. input_bytes) to output[0 .. output_bytes). The input is copied into the arena unless it
 * is there already. Writes nothing but the arena and, on success, output.
 */
enum east_status east_run(const struct east_model *model, const int8_t *input, int8_t *output);

/* EAST_BAD_WEIGHTS when any byte of the blob differs from what was generated. */
enum east_status east_check_blob(const struct east_model *model);

/* Weights [filters, kernel height, kernel width, input channels]; params east_conv_2d_params. */
void east_conv_2d(const struct east_task *task);
/* Weights [kernel height, kernel width, channels], one tile; params east_window. */
void east_depthwise_conv_2d(const struct east_task *task);
/* Weights [units, inputs]; no params. */
void east_dense(const struct east_task *task);
/* The same, faster where there are many of them. */
void east_dense_int8(const struct east_task *task);
/* The same for weights that are left packed (EAST_KEEPS_PACKED): the task's are packed bytes, of any format or of one. */
void east_dense_packed(const struct east_task *task);
void east_dense_int4(const struct east_task *task);
void east_dense_quaternary(const struct east_task *task);
void east_dense_ternary(const struct east_task *task);
void east_dense_binary(const struct east_task *task);
/* params east_add_params; the output may be either operand. */
void east_add(const struct east_task *task);
/* params east_window; the padding is never the maximum. */
void east_max_pool_2d(const struct east_task *task);
/* params east_window; mean of the cells inside the image, rounded half away from zero. */
void east_average_pool_2d(const struct east_task *task);
/* params east_clamp_params; the output may be the input. */
void east_clamp(const struct east_task *task);
/* params east_softmax_params; output scale 1/256, zero point -128; the output may be the input. */
void east_softmax(const struct east_task *task);

/* The output that a channel's sum stands for. */
static inline int8_t east_requantize(const struct east_weights *layer, uint32_t channel, int32_t sum)
{
    const int32_t scaled = east_scale(sum, layer->multiplier[channel], layer->shift[channel]);
    return (int8_t)east_clamp_to(scaled + layer->output_zero_point, layer->activation_min, layer->activation_max);
}

/* A column of a layer's inputs, in the order of its weights; east_multiply.c says how two of them lie. */
struct east_column {
    int8_t *place;
    uint32_t at; /* the element that is put next */
};

/*
 * Two columns of `length` elements.
 *
 * place    4 bytes for each element and up to 12 more, a multiple of 4 from the arena's start
 */
void east_columns(struct east_column columns[2], int8_t *place, uint32_t length);

/* Puts the next elements: those from `from` on or, with step 0, the first of four equal ones again and again. */
void east_put(struct east_column *column, const int8_t *from, uint32_t count, uint32_t step);

/*
 * Multiplies the tile's weights with the columns, which have as many elements as a channel weights, and stores the
 * requantised results.
 *
 * count    1 or 2 columns
 * output   where the first column's first channel of the tile goes; the second column's lies layer->channels behind
 */
void east_multiply(const struct east_task *task, const struct east_column columns[2], uint32_t count, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
