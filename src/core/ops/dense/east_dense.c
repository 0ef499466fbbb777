/*
 * east_dense.c - a fully connected layer is one column times the weights.
 */
#include "east_kernels.h"

void east_dense(const struct east_task *task)
{
    east_multiply(task, task->input, 1, task->output + task->first_channel);
}
