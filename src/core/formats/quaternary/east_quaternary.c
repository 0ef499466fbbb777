/*
 * east_quaternary.c - four weights a byte: the fields are spread over a word's bytes, doubled and moved down, without a
 * carry from one byte to the next. A byte 0 is four zeros.
 */
#include "east_hot.h"

#include "east_packing.h"

static void unpack(const uint8_t *packed, int8_t *weights, size_t count)
{
    uint8_t *out = (uint8_t *)weights;

    for (; count >= 4U; count -= 4U) {
        uint32_t word = *packed++;
        if (word != 0U) {
            word = (word | word << 12) & 0x000F000FU;
            word = (word | word << 6) & 0x03030303U;
            word = (2U * word + 0x7D7D7D7DU) ^ 0x80808080U;
        }
        out[0] = (uint8_t)word;
        out[1] = (uint8_t)(word >> 8);
        out[2] = (uint8_t)(word >> 16);
        out[3] = (uint8_t)(word >> 24);
        out += 4;
    }
    if (count > 0U) {
        uint32_t rest = *packed;
        const uint32_t kept = rest != 0U;
        for (; count > 0U; count--) {
            *out++ = (uint8_t)(kept * (2U * (rest & 3U) - 3U));
            rest >>= 2;
        }
    }
}

const struct east_packing east_quaternary = {unpack, 4};
