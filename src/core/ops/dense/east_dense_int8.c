/*
 * east_dense_int8.c - a large fully connected layer.
 */
#include "east_hot.h"

#define ROWS_REQUANTIZE east_requantize
#define ROWS_KERNEL void east_dense_int8
#include "east_dense_rows.h"
