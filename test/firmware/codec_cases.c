/*
 * codec_cases.c - reads the tiles of cases.bin with the readers and packings that readers.inc lists, everything between
 * exactly sized heap buffers, so that AddressSanitizer sees every byte read or written outside. A case is: reader, packing,
 * stored bytes, table bytes, weights (little-endian uint32 each), the stored bytes, the table. For each one result byte
 * goes to results.bin, followed by the weights where the tile was accepted.
 */
#include "case_file.h"
#include "east_codec.h"

#include "readers.inc"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    FILE *const cases = fopen("cases.bin", "rb");
    FILE *const results = fopen("results.bin", "wb");
    uint32_t reader;
    uint32_t packing;
    uint32_t stored_bytes;
    uint32_t table_bytes;
    uint32_t weights;

    if (cases == NULL || results == NULL) {
        return 1;
    }
    while (read_u32(cases, &reader) && read_u32(cases, &packing) && read_u32(cases, &stored_bytes) &&
           read_u32(cases, &table_bytes) && read_u32(cases, &weights)) {
        uint8_t *const stored = malloc(stored_bytes);
        uint8_t *const table = malloc(table_bytes);
        int8_t *const buffer = malloc(weights);
        struct east_coded_tile tile;
        const int8_t *read;
        if (fread(stored, 1, stored_bytes, cases) != stored_bytes || fread(table, 1, table_bytes, cases) != table_bytes) {
            return 1;
        }
        tile.stored = stored;
        tile.stored_bytes = stored_bytes;
        tile.table = table;
        tile.table_bytes = table_bytes;
        tile.packing = packings[packing];
        read = readers[reader](&tile, buffer, weights);
        fputc(read != NULL, results);
        if (read != NULL) {
            fwrite(read, 1, weights, results);
        }
        free(stored);
        free(table);
        free(buffer);
    }
    return fclose(results);
}
