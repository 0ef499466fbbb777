/*
 * east_entropy.c - see east_entropy.h; docs/blob-format.md of EAST has the format.
 */
#include "east_hot.h"

#include "east_entropy.h"

/* A slot: its weight in bits 0-7, how many slots that weight has in 8-19, how many of them lie before this one in 20-31. */
#define EAST_SHARE_SHIFT 8
#define EAST_SHARE_MASK 0xFFFU
#define EAST_PLACE_SHIFT 20

#define EAST_LEAST_STATE 0x10000U

int east_entropy_slots(const uint8_t *table, uint32_t *slots)
{
    const uint32_t levels = 2U * table[0];
    uint32_t at = 0;
    uint32_t i;

    for (i = 0;; i++) {
        uint32_t level = table[2];
        uint32_t share = EAST_ENTROPY_SLOTS - at;
        uint32_t slot;
        if (i < levels) {
            const uint32_t step = (uint32_t)table[EAST_ENTROPY_HEAD_BYTES + i / 2U] >> (i % 2U * 4U) & 15U;
            const uint32_t own = step == 0U ? 0U : ((2U | (step & 1U)) << (step >> 1)) >> 1;
            if (own >= share) {
                return 0;
            }
            level = i;
            share = own;
        }
        slot = ((table[1] + level) & 0xFFU) | share << EAST_SHARE_SHIFT;
        for (; share > 0U; share--) {
            slots[at++] = slot;
            slot += 1U << EAST_PLACE_SHIFT;
        }
        if (i == levels) {
            return 1;
        }
    }
}

/* One weight: the state's last byte is its slot. */
#define EAST_NEXT_WEIGHT()                                                                                        \
    do {                                                                                                          \
        const uint32_t slot = slots[state & 0xFFU];                                                              \
        *out++ = (uint8_t)slot;                                                                                  \
        state = (slot >> EAST_SHARE_SHIFT & EAST_SHARE_MASK) * (state >> 8) + (slot >> EAST_PLACE_SHIFT);         \
    } while (0)

int east_entropy_decode(const uint32_t *slots, const uint8_t *in, size_t bytes, int8_t *weights, size_t count)
{
    const uint8_t *const end = in + bytes;
    uint8_t *out = (uint8_t *)weights;
    uint8_t *const out_pairs = out + (count & ~(size_t)1);
    uint32_t state;

    if (bytes < 4U || bytes % 2U != 0U) {
        return 0;
    }
    state = (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
    in += 4;
    while (out != out_pairs) {
        EAST_NEXT_WEIGHT();
        EAST_NEXT_WEIGHT();
        /* Two weights take at most 16 bits of the state. */
        if (state < EAST_LEAST_STATE) {
            if (in == end) {
                return 0;
            }
            state = state << 16 | (uint32_t)in[0] | (uint32_t)in[1] << 8;
            in += 2;
        }
    }
    if (count % 2U != 0U) {
        EAST_NEXT_WEIGHT();
    }
    /* All bytes are read, and the state is the one that the encoder began with. */
    return in == end && state == EAST_LEAST_STATE;
}
