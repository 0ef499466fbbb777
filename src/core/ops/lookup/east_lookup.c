/*
 * east_lookup.c - whatever maps each code by itself.
 */
#include "east_lookup.h"

void east_lookup(const struct east_task *task)
{
    const struct east_lookup_params *const params = (const struct east_lookup_params *)task->params;
    const int8_t *const codes = params->codes + 128;
    uint32_t i;

    for (i = 0; i < params->count; i++) {
        task->output[i] = codes[task->input[i]];
    }
}
