/*
 * entropy_cost.c - what an entropy-coded tile costs on the target: vectors.bin holds stored bytes, weights (little-endian
 * uint32 each) and a tile with its own table. Prints the instructions of making the slots and of decoding.
 */
#include "platform.h"

#include "east_entropy.h"

#define MOST_BYTES 65536U

static uint32_t read_u32(void)
{
    uint8_t b[4] = {0};
    (void)platform_read(b, 4);
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void print_number(const char *key, uint32_t value)
{
    char text[12];
    char *p = text + sizeof text;
    *--p = '\0';
    *--p = '\n';
    do {
        *--p = (char)('0' + value % 10U);
        value /= 10U;
    } while (value > 0U);
    platform_print(key);
    platform_print(" ");
    platform_print(p);
}

int main(void)
{
    static uint8_t stored[MOST_BYTES];
    static int8_t weights[MOST_BYTES];
    static uint32_t slots[EAST_ENTROPY_SLOTS];
    uint32_t bytes;
    uint32_t count;
    uint32_t taken;
    uint64_t start;
    uint64_t made;

    if (!platform_open("vectors.bin")) {
        return 1;
    }
    bytes = read_u32();
    count = read_u32();
    if (bytes > MOST_BYTES || count > MOST_BYTES || !platform_read(stored, bytes)) {
        return 1;
    }
    taken = EAST_ENTROPY_HEAD_BYTES + stored[0];
    start = platform_instructions();
    if (!east_entropy_slots(stored, slots)) {
        return 1;
    }
    made = platform_instructions();
    if (!east_entropy_decode(slots, stored + taken, bytes - taken, weights, count)) {
        return 1;
    }
    print_number("decode", (uint32_t)(platform_instructions() - made));
    print_number("slots", (uint32_t)(made - start));
    return 0;
}
