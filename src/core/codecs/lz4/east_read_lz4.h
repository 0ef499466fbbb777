/*
 * east_read_lz4.h - tiles that are LZ4 blocks of packed weights.
 */
#ifndef EAST_READ_LZ4_H
#define EAST_READ_LZ4_H

#include "east_codec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* See east_read_tile. */
const int8_t *east_read_lz4(const struct east_coded_tile *tile, int8_t *buffer, size_t weights);

#ifdef __cplusplus
}
#endif

#endif
