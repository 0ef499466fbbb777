/*
 * packing_cases.c - unpacks the cases of cases.bin between exactly sized heap buffers, so that AddressSanitizer sees every
 * byte read or written outside: once from a buffer of its own, once from the end of the weights' buffer. A case is:
 * format (its place in PACKINGS, which the test writes), weights, packed bytes (little-endian uint32 each), the packed bytes. The weights
 * of both ways go to results.bin.
 */
#include "case_file.h"
#include "east_packing.h"
#include "packings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    const struct east_packing *const packings[] = {PACKINGS};
    FILE *const cases = fopen("cases.bin", "rb");
    FILE *const results = fopen("results.bin", "wb");
    uint32_t format;
    uint32_t count;
    uint32_t bytes;

    if (cases == NULL || results == NULL) {
        return 1;
    }
    while (read_u32(cases, &format) && read_u32(cases, &count) && read_u32(cases, &bytes)) {
        uint8_t *const packed = malloc(bytes);
        int8_t *const weights = malloc(count);
        if (fread(packed, 1, bytes, cases) != bytes) {
            return 1;
        }
        packings[format]->unpack(packed, weights, count);
        fwrite(weights, 1, count, results);
        memset(weights, 0x55, count);
        memcpy(weights + (count - bytes), packed, bytes);
        packings[format]->unpack((const uint8_t *)weights + (count - bytes), weights, count);
        fwrite(weights, 1, count, results);
        free(packed);
        free(weights);
    }
    return fclose(results);
}
