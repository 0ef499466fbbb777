/*
 * damaged_blob.c - runs a model on damaged copies of its weights. Blob and arena lie in exactly sized heap buffers, so
 * that AddressSanitizer sees every access outside. Compiled together with unit_model.c, whose tables it borrows.
 * Prints how often each status was returned by each kind of damage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit_blob.h"

#define HEADER_BYTES 16U

static uint32_t state = 1;
static unsigned counts[5];

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static void put_u32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
}

/* One inference with the given blob; an error must leave the output alone. */
static void try_blob(const uint8_t *blob, size_t bytes)
{
    struct unit_model model = unit_network;
    static int8_t input[UNIT_INPUT_BYTES];
    int8_t output[UNIT_OUTPUT_BYTES];
    int8_t untouched[UNIT_OUTPUT_BYTES];
    enum unit_status status;
    uint8_t *const exact = malloc(bytes);

    memcpy(exact, blob, bytes);
    memset(output, 0x5A, sizeof output);
    memset(untouched, 0x5A, sizeof untouched);
    model.arena = malloc(UNIT_ARENA_BYTES);
    model.blob = exact;
    model.blob_bytes = (uint32_t)bytes;
    status = unit_run(&model, input, output);
    if (status != UNIT_OK && memcmp(output, untouched, sizeof output) != 0) {
        puts("output written in spite of an error");
        exit(1);
    }
    counts[status]++;
    if (memcmp(exact, blob, bytes) != 0) {
        puts("blob written");
        exit(1);
    }
    free(model.arena);
    free(exact);
}

static void print_counts(const char *what)
{
    printf("%s ok %u header %u weights %u\n", what, counts[UNIT_OK], counts[UNIT_BAD_HEADER], counts[UNIT_BAD_WEIGHTS]);
    memset(counts, 0, sizeof counts);
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Where the tile table lies: in version 2 behind a number and as many codings. */
static size_t tile_table(const uint8_t *blob)
{
    return HEADER_BYTES + (blob[4] == 1U ? 0U : 4U + 4U * (size_t)(get_u32(blob + HEADER_BYTES) & 255U));
}

/* Bytes in front of the tiles, which the checksum covers, as the blob itself says; at most all of it. */
static size_t front_bytes(const uint8_t *blob, size_t bytes)
{
    size_t front = tile_table(blob) + 4U * (size_t)unit_network.tile_count;
    size_t at;
    for (at = HEADER_BYTES + 4U; at < tile_table(blob) && at + 4U <= bytes; at += 4U) {
        front += get_u32(blob + at) & 0x00FFFFFFU;
    }
    return front < bytes ? front : bytes;
}

/* Makes header and tables consistent again after a change, as an attacker would. */
static void seal(uint8_t *blob, size_t bytes)
{
    const size_t front = front_bytes(blob, bytes);
    uint8_t *const checked = malloc(front);
    memcpy(checked, blob, 12);
    memcpy(checked + 12, blob + HEADER_BYTES, front - HEADER_BYTES);
    put_u32(blob + 12, unit_crc32(checked, front - 4U));
    free(checked);
}

int main(void)
{
    const size_t bytes = UNIT_BLOB_BYTES;
    const size_t overhead = front_bytes(unit_weights_blob, bytes);
    /* What can be named wrongly: the entries of tiles, and in version 2 those of codings and how many they are. */
    const size_t entries = unit_weights_blob[4] == 1U ? HEADER_BYTES : HEADER_BYTES + 4U;
    const size_t entries_end = tile_table(unit_weights_blob) + 4U * (size_t)unit_network.tile_count;
    uint8_t *const blob = malloc(bytes);
    size_t i;
    unsigned n;

    memcpy(blob, unit_weights_blob, bytes);
    try_blob(blob, bytes);
    print_counts("intact");

    for (i = 0; i < overhead; i++) {
        for (n = 1; n < 256U; n++) {
            blob[i] = (uint8_t)(unit_weights_blob[i] ^ n);
            try_blob(blob, bytes);
        }
        blob[i] = unit_weights_blob[i];
    }
    print_counts("flipped");

    for (i = 0; i < bytes; i += i < overhead + 8U ? 1U : 13U) {
        try_blob(blob, i);
        /* The same with a header that says so. */
        if (i >= overhead) {
            put_u32(blob + 8, (uint32_t)i);
            seal(blob, i);
            try_blob(blob, i);
            memcpy(blob, unit_weights_blob, overhead);
        }
    }
    print_counts("truncated");

    for (n = 0; n < 2000U; n++) {
        /* Sealed tables with wrong lengths and numbers: boundaries move, tiles get other codecs or tables. */
        const size_t entry = entries + 4U * (next_random() % ((entries_end - entries) / 4U));
        const uint32_t length = next_random() % (n % 2U == 0U ? 64U : (uint32_t)bytes);
        const uint32_t number = unit_weights_blob[4] == 1U ? next_random() & 0x80000000U : (next_random() & 3U) << 24;
        put_u32(blob + entry, n % 8U == 0U ? next_random() : length | number);
        if (unit_weights_blob[4] != 1U && n % 32U == 1U) {
            put_u32(blob + HEADER_BYTES, n % 64U == 1U ? next_random() & 255U : next_random());
        }
        seal(blob, bytes);
        try_blob(blob, bytes);
        memcpy(blob, unit_weights_blob, bytes);
    }
    for (i = entries; i < entries_end; i += 4U) {
        blob[i + 3U] ^= unit_weights_blob[4] == 1U ? 0x80U : 1U;
        seal(blob, bytes);
        try_blob(blob, bytes);
        memcpy(blob, unit_weights_blob, bytes);
    }
    /* Shared tables of other bytes, with lengths as they were. */
    for (n = 0; n < 500U && overhead > entries_end; n++) {
        blob[entries_end + next_random() % (overhead - entries_end)] = (uint8_t)next_random();
        seal(blob, bytes);
        try_blob(blob, bytes);
        memcpy(blob, unit_weights_blob, bytes);
    }
    print_counts("sealed");

    for (n = 0; n < 4000U; n++) {
        unsigned changes = 1U + next_random() % 8U;
        memcpy(blob, unit_weights_blob, bytes);
        while (changes-- > 0U) {
            blob[overhead + next_random() % (bytes - overhead)] = (uint8_t)next_random();
        }
        try_blob(blob, bytes);
    }
    print_counts("payload");
    free(blob);
    return 0;
}
