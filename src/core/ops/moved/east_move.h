/*
 * east_move.h - values put elsewhere.
 */
#ifndef EAST_MOVE_H
#define EAST_MOVE_H

#include "east_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

struct east_move_params {
    uint32_t first;  /* element of the input that comes first */
    int32_t step[5]; /* by how much the place in the input moves with each round of a loop; the innermost last */
    uint16_t size[5]; /* rounds of each loop */
};

/* params east_move_params: the output is written in order */
void east_move(const struct east_task *task);

#ifdef __cplusplus
}
#endif

#endif
