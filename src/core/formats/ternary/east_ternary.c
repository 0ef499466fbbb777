/*
 * east_ternary.c - five weights a byte: tripling the byte carries one base-3 digit after the other over 256. The first
 * four digits are found two at a time, in the halves of a word.
 */
#include "east_hot.h"

#include "east_packing.h"

static void unpack(const uint8_t *packed, int8_t *weights, size_t count)
{
    uint8_t *out = (uint8_t *)weights;
    uint32_t rest;

    for (; count >= 5U; count -= 5U) {
        /* The byte, and what is left of it after two digits. */
        const uint32_t even = 3U * (*packed++ * 0x00090001U & 0x00FF00FFU);
        const uint32_t odd = 3U * (even & 0x00FF00FFU);
        const uint32_t digits = (even >> 8 & 0x00030003U) | (odd & 0x03000300U);
        const uint32_t word = (digits & 0x01010101U) | (digits >> 1 & 0x01010101U) * 255U;
        rest = 3U * (odd >> 16 & 255U);
        out[0] = (uint8_t)word;
        out[1] = (uint8_t)(word >> 8);
        out[2] = (uint8_t)(word >> 16);
        out[3] = (uint8_t)(word >> 24);
        out[4] = (uint8_t)((rest >> 8 & 1U) - (rest >> 9));
        out += 5;
    }
    for (rest = count > 0U ? *packed : 0U; count > 0U; count--) {
        rest *= 3U;
        *out++ = (uint8_t)((rest >> 8 & 1U) - (rest >> 9));
        rest &= 255U;
    }
}

const struct east_packing east_ternary = {unpack, 5};
