/*
 * case_file.h - how the programs of the tests read cases.bin (case-program.ts).
 */
#ifndef CASE_FILE_H
#define CASE_FILE_H

#include <stdint.h>
#include <stdio.h>

/* A little-endian number; 0 at the end of the file. */
static int read_u32(FILE *file, uint32_t *value)
{
    uint8_t b[4];
    if (fread(b, 1, 4, file) != 4) {
        return 0;
    }
    *value = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    return 1;
}

#endif
