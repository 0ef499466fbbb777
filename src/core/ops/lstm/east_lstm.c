/*
 * east_lstm.c - long short-term memory over a window, by TensorFlow Lite's rule for int8 with an int16 cell.
 */
#include "east_recurrent.h"

#include <string.h>

void east_lstm(const struct east_task *task)
{
    const struct east_recurrent_params *const params = (const struct east_recurrent_params *)task->params;
    const uint32_t units = params->units;
    int16_t *const cell = (int16_t *)(void *)(task->arena + params->scratch);
    int16_t *const gates = cell + units;
    int8_t *const state = (int8_t *)(gates + 4U * units);
    const int8_t *input = task->input;
    int8_t *output = task->output;
    uint32_t step;
    uint32_t i;

    memset(cell, 0, units * sizeof cell[0]);
    memset(state, task->layer->output_zero_point, units);
    for (step = 0; step < params->steps; step++) {
        for (i = 0; i < 4U * units; i++) {
            const int16_t gate = east_gate(task, i, input, state);
            gates[i] = i / units == 2U ? east_tanh_16(gate, 3) : east_sigmoid_16(gate);
        }
        for (i = 0; i < units; i++) {
            const int32_t kept = east_divide_by_power(gates[units + i] * cell[i], 15);
            const int32_t added = east_divide_by_power(gates[i] * gates[2U * units + i], 15 + params->cell_bits);
            cell[i] = (int16_t)east_clamp_to(kept + added, params->cell_min, params->cell_max);
            state[i] = east_state_code(task, gates[3U * units + i] * east_tanh_16(cell[i], params->cell_bits));
        }
        if (params->sequences != 0U || step + 1U == params->steps) {
            memcpy(output, state, units);
            output += units;
        }
        input += params->inputs;
    }
}
