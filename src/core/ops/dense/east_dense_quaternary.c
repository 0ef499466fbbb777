/*
 * east_dense_quaternary.c - a fully connected layer straight from packed weights of four levels: -3, -1, 1, 3 as fields 0 to 3, and a byte 0 for four zeros.
 */
#include "east_hot.h"

#define FIELD_BITS 2
#define FIELD_SCALE 2
#define FIELD_OFFSET (-3)
#define FIELD_FLIP 0U
#define FIELD_ZERO_BYTES 1
#define FIELD_SHIFT_1 "2"
#define FIELD_SHIFT_2 "4"
#define FIELD_SHIFT_3 "6"
#include "east_dense_fields.h"

void east_dense_quaternary(const struct east_task *task)
{
    east_dense_fields(task);
}
