/*
 * east_read_entropy.c - see east_read_entropy.h; docs/blob-format.md of EAST has the format.
 */
#include "east_read_entropy.h"

#include "east_entropy.h"

#define EAST_SHARED_TABLE 0xFFU

const int8_t *east_read_entropy(const struct east_coded_tile *tile, int8_t *buffer, size_t weights)
{
    uint32_t slots[EAST_ENTROPY_SLOTS];
    const uint8_t *in = tile->stored;
    size_t bytes = tile->stored_bytes;
    const uint8_t *table = tile->table;
    size_t table_bytes = tile->table_bytes;
    size_t taken = 1;

    if (bytes == 0U || weights == 0U) {
        return bytes == weights ? buffer : NULL;
    }
    if (in[0] != EAST_SHARED_TABLE) {
        table = in;
        table_bytes = bytes;
        taken = EAST_ENTROPY_HEAD_BYTES + in[0];
    }
    if (table_bytes < EAST_ENTROPY_HEAD_BYTES || table[0] > EAST_ENTROPY_MAX_PAIRS ||
        table_bytes < EAST_ENTROPY_HEAD_BYTES + table[0] || taken > bytes || !east_entropy_slots(table, slots) ||
        !east_entropy_decode(slots, in + taken, bytes - taken, buffer, weights)) {
        return NULL;
    }
    return buffer;
}
