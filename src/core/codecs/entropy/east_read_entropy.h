/*
 * east_read_entropy.h - tiles of entropy-coded weights: tANS, by a table of up to 256 states.
 */
#ifndef EAST_READ_ENTROPY_H
#define EAST_READ_ENTROPY_H

#include "east_codec.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * See east_read_tile. What is decoded are weights, whatever the layer's packing is. The states take 1 KiB of stack, made
 * anew for each tile.
 */
const int8_t *east_read_entropy(const struct east_coded_tile *tile, int8_t *buffer, size_t weights);

#ifdef __cplusplus
}
#endif

#endif
