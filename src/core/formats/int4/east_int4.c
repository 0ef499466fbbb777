/*
 * east_int4.c - two weights a byte, four at a time: nibbles are spread over a word's bytes and their signs filled in.
 */
#include "east_hot.h"

#include "east_packing.h"

static void unpack(const uint8_t *packed, int8_t *weights, size_t count)
{
    uint8_t *out = (uint8_t *)weights;
    uint32_t shift;

    for (; count >= 4U; count -= 4U) {
        uint32_t word = (uint32_t)packed[0] | (uint32_t)packed[1] << 16;
        packed += 2;
        word = (word | word << 4) & 0x0F0F0F0FU;
        word |= (word & 0x08080808U) * 30U;
        out[0] = (uint8_t)word;
        out[1] = (uint8_t)(word >> 8);
        out[2] = (uint8_t)(word >> 16);
        out[3] = (uint8_t)(word >> 24);
        out += 4;
    }
    for (shift = 0; count > 0U; count--) {
        const uint32_t nibble = (uint32_t)*packed >> shift & 15U;
        packed += shift / 4U;
        shift ^= 4U;
        *out++ = (uint8_t)(nibble | (nibble & 8U) * 30U);
    }
}

const struct east_packing east_int4 = {unpack, 2};
