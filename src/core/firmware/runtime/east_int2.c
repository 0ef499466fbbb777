/*
 * east_int2.c - four weights a byte: the fields are spread over a word's bytes and their signs filled in.
 */
#include "east_packing.h"

static void unpack(const uint8_t *packed, int8_t *weights, size_t count)
{
    uint8_t *out = (uint8_t *)weights;

    while (count > 0U) {
        uint32_t word = *packed++;
        word = (word | word << 12) & 0x000F000FU;
        word = (word | word << 6) & 0x03030303U;
        word |= (word & 0x02020202U) * 126U;
        if (count < 4U) {
            do {
                *out++ = (uint8_t)word;
                word >>= 8;
            } while (--count > 0U);
            return;
        }
        out[0] = (uint8_t)word;
        out[1] = (uint8_t)(word >> 8);
        out[2] = (uint8_t)(word >> 16);
        out[3] = (uint8_t)(word >> 24);
        out += 4;
        count -= 4U;
    }
}

const struct east_packing east_int2 = {unpack, 4};
