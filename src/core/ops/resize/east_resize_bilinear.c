/*
 * east_resize_bilinear.c - a picture in another size: each pixel between four of the input's, with shares of 10 bits.
 */
#include "east_resize.h"

/* Along one axis: the elements before and behind, and the share of that behind, of 1024. */
struct east_between {
    uint32_t lower, upper;
    int32_t share;
};

static struct east_between between(const struct east_resize_bilinear_params *params, int axis, uint32_t i)
{
    const int32_t at = (int32_t)i * params->step[axis] + params->offset[axis];
    const int32_t last = (int32_t)params->input[axis] - 1;
    const int32_t lower = at < 0 ? 0 : at / 1024;
    const int32_t upper = (at + 1023) / 1024;
    struct east_between result;
    result.lower = (uint32_t)lower;
    result.upper = (uint32_t)(upper > last ? last : upper);
    result.share = at - 1024 * lower;
    return result;
}

void east_resize_bilinear(const struct east_task *task)
{
    const struct east_resize_bilinear_params *const params = (const struct east_resize_bilinear_params *)task->params;
    const uint32_t channels = params->channels;
    const uint32_t row = params->input[1] * channels;
    int8_t *output = task->output;
    uint32_t y, x, c;

    for (y = 0; y < params->output[0]; y++) {
        const struct east_between down = between(params, 0, y);
        const int8_t *const above = task->input + down.lower * row;
        const int8_t *const below = task->input + down.upper * row;
        for (x = 0; x < params->output[1]; x++) {
            const struct east_between right = between(params, 1, x);
            const uint32_t a = right.lower * channels;
            const uint32_t b = right.upper * channels;
            for (c = 0; c < channels; c++) {
                const int32_t upper = above[a + c] * (1024 - right.share) + above[b + c] * right.share;
                const int32_t lower = below[a + c] * (1024 - right.share) + below[b + c] * right.share;
                const int32_t sum = upper * (1024 - down.share) + lower * down.share;
                *output++ = (int8_t)((sum + (sum >= 0 ? 0x80000 : -0x80000)) / 0x100000);
            }
        }
    }
}
