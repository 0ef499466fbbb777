/*
 * east_read_raw.c - see east_read_raw.h.
 */
#include "east_read_raw.h"

const int8_t *east_read_raw(const struct east_coded_tile *tile, int8_t *buffer, size_t weights)
{
    if (tile->stored_bytes != east_packed_bytes(tile->packing, weights)) {
        return NULL;
    }
    if (tile->packing == NULL) {
        return (const int8_t *)tile->stored;
    }
    tile->packing->unpack(tile->stored, buffer, weights);
    return buffer;
}
