/*
 * east_gru_reset_before.c - a gated recurrent unit whose state is reset before it meets its weights.
 */
#include "east_recurrent.h"

#include <string.h>

void east_gru_reset_before(const struct east_task *task)
{
    const struct east_recurrent_params *const params = (const struct east_recurrent_params *)task->params;
    const uint32_t units = params->units;
    int16_t *const hidden = (int16_t *)(void *)(task->arena + params->scratch);
    int16_t *const updates = hidden + units;
    int8_t *const state = (int8_t *)(updates + units);
    int8_t *const left = state + units; /* of the state after its reset */
    const int8_t *input = task->input;
    int8_t *output = task->output;
    uint32_t step;
    uint32_t i;

    memset(hidden, 0, units * sizeof hidden[0]);
    memset(state, task->layer->output_zero_point, units);
    for (step = 0; step < params->steps; step++) {
        for (i = 0; i < units; i++) {
            const int32_t reset = east_sigmoid_16(east_gate(task, units + i, input, state));
            updates[i] = east_sigmoid_16(east_gate(task, i, input, state));
            left[i] = east_state_code(task, east_divide_by_power(reset * hidden[i], 15));
        }
        for (i = 0; i < units; i++) {
            const int32_t fresh = east_tanh_16(east_gate(task, 2U * units + i, input, left), 3);
            const int32_t mixed = (32768 - updates[i]) * fresh + updates[i] * hidden[i];
            hidden[i] = east_clamp_16(east_divide_by_power(mixed, 15));
        }
        for (i = 0; i < units; i++) {
            state[i] = east_state_code(task, hidden[i]);
        }
        if (params->sequences != 0U || step + 1U == params->steps) {
            memcpy(output, state, units);
            output += units;
        }
        input += params->inputs;
    }
}
