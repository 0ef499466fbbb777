/*
 * entropy_fuzz.c - reads damaged entropy-coded tiles. cases.bin: how many tries, a seed, how many tiles; each of these is
 * stored bytes, table bytes, weights (little-endian uint32), the stored bytes, the table. Every try takes a tile, changes,
 * cuts or lengthens it or its table, or asks for another number of weights; everything lies in exactly sized heap buffers, so
 * that AddressSanitizer sees every byte read or written outside. results.bin: how many were accepted, how many refused.
 */
#include "case_file.h"
#include "east_read_entropy.h"

#include <stdlib.h>
#include <string.h>

#define MOST_TILES 4096U

struct tile {
    uint8_t *stored;
    uint8_t *table;
    uint32_t stored_bytes;
    uint32_t table_bytes;
    uint32_t weights;
};

static uint32_t state;

static uint32_t next_random(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

/* A changed copy of its own size. */
static uint8_t *damaged(const uint8_t *bytes, uint32_t count, uint32_t *left)
{
    const uint32_t kind = next_random(8);
    uint8_t *copy;
    uint32_t changes;
    *left = count;
    if (kind == 0U) {
        *left = next_random(count + 1U);
    } else if (kind == 1U) {
        *left = count + 1U + next_random(4);
    }
    copy = malloc(*left);
    memset(copy, (int)next_random(256), *left);
    memcpy(copy, bytes, *left < count ? *left : count);
    for (changes = kind < 2U ? 0U : next_random(5); changes > 0U && *left > 0U; changes--) {
        /* The first bytes, which are the table's, more often than the others. */
        const uint32_t at = next_random(next_random(2) == 0U && *left > 8U ? 8U : *left);
        copy[at] = (uint8_t)(next_random(3) == 0U ? copy[at] ^ (1U << next_random(8)) : next_random(256));
    }
    return copy;
}

static void put_u32(FILE *file, uint32_t value)
{
    int i;
    for (i = 0; i < 4; i++) {
        fputc((int)(value >> (8 * i) & 255U), file);
    }
}

int main(void)
{
    static struct tile tiles[MOST_TILES];
    FILE *const cases = fopen("cases.bin", "rb");
    FILE *const results = fopen("results.bin", "wb");
    uint32_t accepted = 0;
    uint32_t tries;
    uint32_t count;
    uint32_t i;

    if (cases == NULL || results == NULL || !read_u32(cases, &tries) || !read_u32(cases, &state) ||
        !read_u32(cases, &count) || count > MOST_TILES) {
        return 1;
    }
    for (i = 0; i < count; i++) {
        struct tile *const tile = &tiles[i];
        if (!read_u32(cases, &tile->stored_bytes) || !read_u32(cases, &tile->table_bytes) ||
            !read_u32(cases, &tile->weights)) {
            return 1;
        }
        tile->stored = malloc(tile->stored_bytes);
        tile->table = malloc(tile->table_bytes);
        if (fread(tile->stored, 1, tile->stored_bytes, cases) != tile->stored_bytes ||
            fread(tile->table, 1, tile->table_bytes, cases) != tile->table_bytes) {
            return 1;
        }
    }
    for (i = 0; i < tries; i++) {
        const struct tile *const tile = &tiles[next_random(count)];
        const uint32_t weights = next_random(4) == 0U ? next_random(2U * tile->weights + 2U) : tile->weights;
        int8_t *const buffer = malloc(weights);
        struct east_coded_tile coded;
        uint32_t stored_bytes;
        uint32_t table_bytes;
        uint8_t *const stored = damaged(tile->stored, tile->stored_bytes, &stored_bytes);
        uint8_t *const table = damaged(tile->table, tile->table_bytes, &table_bytes);
        coded.stored = stored;
        coded.stored_bytes = stored_bytes;
        coded.table = table;
        coded.table_bytes = table_bytes;
        coded.packing = NULL;
        if (east_read_entropy(&coded, buffer, weights) != NULL) {
            accepted++;
        }
        free(stored);
        free(table);
        free(buffer);
    }
    put_u32(results, accepted);
    put_u32(results, tries - accepted);
    return fclose(results);
}
