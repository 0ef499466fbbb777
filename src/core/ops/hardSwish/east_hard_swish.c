/*
 * east_hard_swish.c - x * relu6(x + 3) / 6 in products of 16 bits, each rounded by itself.
 */
#include "east_hard_swish.h"

#include "east_fixed_point.h"

/* round(a * b / 2^15), halves away from zero */
static int32_t high_multiply(int32_t a, int32_t b)
{
    const int32_t product = a * b;
    return (product + (product >= 0 ? 0x4000 : 1 - 0x4000)) / 0x8000;
}

static int32_t shift_left(int32_t x, int32_t shift)
{
    return east_clamp_to(x * (int32_t)(1U << shift), -0x8000, 0x7fff);
}

void east_hard_swish(const struct east_task *task)
{
    const struct east_hard_swish_params *const params = (const struct east_hard_swish_params *)task->params;
    const int32_t shift = params->gate_shift;
    uint32_t i;

    for (i = 0; i < params->count; i++) {
        const int32_t fine = (task->input[i] - params->input_zero_point) * 128;
        const int32_t preshift = high_multiply(fine, params->output_multiplier);
        int32_t gate = shift > 0 ? shift_left(fine, shift - 1) : fine;
        int32_t scaled;
        gate = high_multiply(gate, params->gate_multiplier);
        gate = shift > 0 ? shift_left(gate, 1) : east_divide_by_power(gate, -shift);
        gate = (gate + 0x8000) >> 1;
        scaled = east_divide_by_power(gate * preshift / 0x8000, params->output_shift);
        task->output[i] = (int8_t)east_clamp_to(scaled + params->output_zero_point, -128, 127);
    }
}
