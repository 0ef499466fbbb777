/*
 * east_dense_binary.c - a fully connected layer straight from packed weights of two levels: -1, 1 as bits 0 and 1, and a byte 0 for eight zeros.
 */
#include "east_hot.h"

#define FIELD_BITS 1
#define FIELD_SCALE 2
#define FIELD_OFFSET (-1)
#define FIELD_FLIP 0U
#define FIELD_ZERO_BYTES 1
#define FIELD_SHIFT_1 "1"
#define FIELD_SHIFT_2 "2"
#define FIELD_SHIFT_3 "3"
#include "east_dense_fields.h"

void east_dense_binary(const struct east_task *task)
{
    east_dense_fields(task);
}
