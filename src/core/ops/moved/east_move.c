/*
 * east_move.c - slices, transposes, depth to space and its like: values as they are in another order.
 */
#include "east_move.h"

void east_move(const struct east_task *task)
{
    const struct east_move_params *const params = (const struct east_move_params *)task->params;
    const int32_t *const step = params->step;
    const int8_t *input = task->input + params->first;
    int8_t *output = task->output;
    uint32_t a, b, c, d, e;

    for (a = params->size[0]; a > 0U; a--) {
        for (b = params->size[1]; b > 0U; b--) {
            for (c = params->size[2]; c > 0U; c--) {
                for (d = params->size[3]; d > 0U; d--) {
                    for (e = params->size[4]; e > 0U; e--) {
                        *output++ = *input;
                        input += step[4];
                    }
                    input += step[3] - step[4] * (int32_t)params->size[4];
                }
                input += step[2] - step[3] * (int32_t)params->size[3];
            }
            input += step[1] - step[2] * (int32_t)params->size[2];
        }
        input += step[0] - step[1] * (int32_t)params->size[1];
    }
}
