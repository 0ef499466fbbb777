/*
 * east_blob.h - reads the weight blob: a header, a tile table, and the tiles' bytes (encoded, or as they are) of plain
 * int8 weights or packed ones.
 */
#ifndef EAST_BLOB_H
#define EAST_BLOB_H

#include "east_packing.h"
#include "east_status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the next tile lies. Set by east_blob_open, moved on by east_blob_next. */
struct east_blob_reader {
    const uint8_t *entry; /* of the tile table */
    const uint8_t *block;
    const uint8_t *blob; /* of version 2 alone */
};

/*
 * Checks the header and the tables of blob[0 .. blob_bytes) and points the reader at the first tile.
 * Returns EAST_BAD_HEADER when any byte of them was changed, or the blob has another size, version or number of tiles.
 * The blob is owned by the caller and stays in use while tiles are read.
 */
enum east_status east_blob_open(struct east_blob_reader *reader, const uint8_t *blob, size_t blob_bytes,
                                uint32_t tile_count);

/*
 * The weights of the next tile as int8: where they lie in flash when they are plain bytes stored raw, otherwise decoded
 * into buffer (weights bytes long, owned by the caller; NULL where no tile should need it). packing is NULL for plain
 * int8 weights. Returns NULL when the tile does not hold exactly as many, or needs a buffer and has none. Call it at most tile_count times.
 */
const int8_t *east_blob_next(struct east_blob_reader *reader, const struct east_packing *packing, int8_t *buffer,
                             size_t weights);

/* CRC-32 (IEEE 802.3, reflected, as zlib computes it) of data[0 .. bytes). */
uint32_t east_crc32(const uint8_t *data, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
