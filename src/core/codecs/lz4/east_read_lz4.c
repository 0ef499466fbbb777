/*
 * east_read_lz4.c - see east_read_lz4.h.
 */
#include "east_read_lz4.h"

#include "east_lz4.h"

const int8_t *east_read_lz4(const struct east_coded_tile *tile, int8_t *buffer, size_t weights)
{
    const size_t bytes = east_packed_bytes(tile->packing, weights);
    /* At the buffer's end, so that packed weights can be unpacked from its start on. */
    uint8_t *const decoded = (uint8_t *)buffer + (weights - bytes);

    if (!east_lz4_decode(tile->stored, tile->stored_bytes, decoded, bytes)) {
        return NULL;
    }
    if (tile->packing != NULL) {
        tile->packing->unpack(decoded, buffer, weights);
    }
    return buffer;
}
