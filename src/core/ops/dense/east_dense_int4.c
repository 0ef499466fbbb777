/*
 * east_dense_int4.c - a fully connected layer straight from packed weights of 4 bits: two's complement, which with the top bit flipped is a field less 8.
 */
#include "east_hot.h"

#define FIELD_BITS 4
#define FIELD_SCALE 1
#define FIELD_OFFSET (-8)
#define FIELD_FLIP 0x88888888U
#define FIELD_ZERO_BYTES 0
#define FIELD_SHIFT_1 "4"
#define FIELD_SHIFT_2 "8"
#define FIELD_SHIFT_3 "12"
#include "east_dense_fields.h"

void east_dense_int4(const struct east_task *task)
{
    east_dense_fields(task);
}
