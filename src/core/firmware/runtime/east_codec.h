/*
 * east_codec.h - how the tiles of a weight blob of version 2 are decoded; docs/blob-format.md of EAST has the format.
 */
#ifndef EAST_CODEC_H
#define EAST_CODEC_H

#include "east_packing.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number of the codec that stores tiles as they are: plain int8 is read in place. All others need a buffer. */
#define EAST_CODEC_RAW 0U

/* One tile as it lies in the blob. */
struct east_coded_tile {
    const uint8_t *stored;
    size_t stored_bytes;
    const uint8_t *table; /* that it shares with other tiles; table_bytes may be 0 */
    size_t table_bytes;
    const struct east_packing *packing; /* of the layer's weights; NULL for plain int8 */
};

/*
 * The weights of a tile as int8: where they lie in flash, or decoded into buffer[0 .. weights), owned by the caller.
 * Returns NULL when the tile does not hold exactly as many. Whatever tile and table contain, nothing outside them is read
 * and nothing outside the buffer written.
 */
typedef const int8_t *(*east_read_tile)(const struct east_coded_tile *tile, int8_t *buffer, size_t weights);

/* A codec by its number in the blob. */
struct east_codec {
    east_read_tile read;
    uint32_t number;
};

/* Those that the model's tiles are stored by; part of east_model.c. */
extern const struct east_codec east_codecs[];
extern const uint32_t east_codec_count;

#ifdef __cplusplus
}
#endif

#endif
