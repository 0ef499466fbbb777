/*
 * east_gru.c - a gated recurrent unit over a window, with 16 bits inside as the LSTM has them.
 */
#include "east_recurrent.h"

#include <string.h>

void east_gru(const struct east_task *task)
{
    const struct east_recurrent_params *const params = (const struct east_recurrent_params *)task->params;
    const uint32_t units = params->units;
    int16_t *const hidden = (int16_t *)(void *)(task->arena + params->scratch);
    int8_t *const state = (int8_t *)(hidden + units);
    const int8_t *input = task->input;
    int8_t *output = task->output;
    uint32_t step;
    uint32_t i;

    memset(hidden, 0, units * sizeof hidden[0]);
    memset(state, task->layer->output_zero_point, units);
    for (step = 0; step < params->steps; step++) {
        for (i = 0; i < units; i++) {
            const int32_t update = east_sigmoid_16(east_gate(task, i, input, state));
            const int32_t reset = east_sigmoid_16(east_gate(task, units + i, input, state));
            const int32_t of_state = east_clamp_16(east_state_sum(task, 2U * units + i, state));
            const int32_t of_input = east_clamp_16(east_input_sum(task, 2U * units + i, input));
            const int32_t sum = of_input + east_divide_by_power(reset * of_state, 15);
            const int32_t fresh = east_tanh_16(east_clamp_16(sum), 3);
            hidden[i] = east_clamp_16(east_divide_by_power((32768 - update) * fresh + update * hidden[i], 15));
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
