/*
 * lz4_cases.c - decodes the blocks of cases.bin, each between exactly sized heap buffers, so that AddressSanitizer sees
 * every byte read or written outside. A case is: block bytes, raw bytes (little-endian uint32), block. For each one
 * result byte goes to results.bin, followed by the decoded bytes where the block was accepted.
 */
#include "case_file.h"
#include "east_lz4.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    FILE *const cases = fopen("cases.bin", "rb");
    FILE *const results = fopen("results.bin", "wb");
    uint32_t block_bytes;
    uint32_t raw_bytes;

    if (cases == NULL || results == NULL) {
        return 1;
    }
    while (read_u32(cases, &block_bytes) && read_u32(cases, &raw_bytes)) {
        uint8_t *const block = malloc(block_bytes);
        uint8_t *const raw = malloc(raw_bytes);
        int accepted;
        if (fread(block, 1, block_bytes, cases) != block_bytes) {
            return 1;
        }
        accepted = east_lz4_decode(block, block_bytes, raw, raw_bytes);
        fputc(accepted, results);
        if (accepted) {
            fwrite(raw, 1, raw_bytes, results);
        }
        free(block);
        free(raw);
    }
    return fclose(results);
}
