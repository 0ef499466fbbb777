/*
 * east_read_raw.h - tiles that hold their packed bytes as they are.
 */
#ifndef EAST_READ_RAW_H
#define EAST_READ_RAW_H

#include "east_codec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* See east_read_tile. Plain int8 weights are read where they lie. */
const int8_t *east_read_raw(const struct east_coded_tile *tile, int8_t *buffer, size_t weights);

#ifdef __cplusplus
}
#endif

#endif
