/*
 * east_binary.c - eight weights a byte, in two words: four bits are spread over a word's bytes, doubled and moved down,
 * without a carry from one byte to the next. A byte 0 is eight zeros.
 */
#include "east_hot.h"

#include "east_packing.h"

static void unpack(const uint8_t *packed, int8_t *weights, size_t count)
{
    uint8_t *out = (uint8_t *)weights;

    for (; count >= 8U; count -= 8U) {
        uint32_t low = *packed++;
        uint32_t high = low;
        if (low != 0U) {
            high = (2U * ((low >> 4) * 0x00204081U & 0x01010101U) + 0x7F7F7F7FU) ^ 0x80808080U;
            low = (2U * ((low & 15U) * 0x00204081U & 0x01010101U) + 0x7F7F7F7FU) ^ 0x80808080U;
        }
        out[0] = (uint8_t)low;
        out[1] = (uint8_t)(low >> 8);
        out[2] = (uint8_t)(low >> 16);
        out[3] = (uint8_t)(low >> 24);
        out[4] = (uint8_t)high;
        out[5] = (uint8_t)(high >> 8);
        out[6] = (uint8_t)(high >> 16);
        out[7] = (uint8_t)(high >> 24);
        out += 8;
    }
    if (count > 0U) {
        uint32_t rest = *packed;
        const uint32_t kept = rest != 0U;
        for (; count > 0U; count--) {
            *out++ = (uint8_t)(kept * (2U * (rest & 1U) - 1U));
            rest >>= 1;
        }
    }
}

const struct east_packing east_binary = {unpack, 8};
