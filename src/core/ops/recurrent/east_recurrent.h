/*
 * east_recurrent.h - layers that carry a state over the steps of a sequence: int8 in, out and between the steps, 16 bits
 * inside. Sigmoid and tanh are those of TensorFlow Lite's LSTM, bit for bit.
 */
#ifndef EAST_RECURRENT_H
#define EAST_RECURRENT_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The layer's channels are its gates, those of all units for the first gate, then for the second ... Each row of weights is
 * [input | state]. Biases, multipliers and shifts are those of the inputs' sums for all channels, then those of the states'.
 */
struct east_recurrent_params {
    uint32_t scratch;   /* arena offset */
    int32_t multiplier; /* to the output's scale */
    uint16_t steps;
    uint16_t inputs; /* of each step */
    uint16_t units;
    int16_t cell_min, cell_max; /* the cell is clamped to these; unused where there is none */
    int8_t shift;
    uint8_t cell_bits; /* integer bits of the cell; unused where there is none */
    uint8_t sequences; /* 1: all states are put out; 0: the last */
};

/* 15 bits behind the point, of numbers with 12 of them. */
int16_t east_sigmoid_16(int16_t x);
/* The same of numbers with 15 - bits of them, bits 0 .. 6. */
int16_t east_tanh_16(int16_t x, uint32_t bits);

/* What the first count inputs of the channel's weights make of the input, with 12 bits behind the point. */
int32_t east_input_sum(const struct east_task *task, uint32_t channel, const int8_t *input);
/* What the others make of the state. */
int32_t east_state_sum(const struct east_task *task, uint32_t channel, const int8_t *state);
/* Both, each clamped as it is added. */
int16_t east_gate(const struct east_task *task, uint32_t channel, const int8_t *input, const int8_t *state);

/* value * multiplier as a code of the output. */
int8_t east_state_code(const struct east_task *task, int32_t value);

static inline int16_t east_clamp_16(int32_t x)
{
    return (int16_t)east_clamp_to(x, -32768, 32767);
}

/* params east_recurrent_params, scratch of 11 bytes for each unit; gates input, forget, cell, output. */
void east_lstm(const struct east_task *task);
/* params east_recurrent_params, scratch of 3 bytes for each unit; gates update, reset, new. */
void east_gru(const struct east_task *task);
/* The same whose state is reset before it meets its weights; scratch of 6 bytes for each unit. */
void east_gru_reset_before(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
