/*
 * harness.c - verifies generated sources where they run: the self-test, every vector of vectors.bin byte for byte, and
 * on the target what they cost. Prints one "key value" line for each result; verify.ts reads them.
 */
#include "platform.h"

#include "east_blob.h"
#include "east_model.h"
#include "east_selftest.h"
#ifndef EAST_BLOB_OF_VERSION_2
#include "east_lz4.h"
#endif

#include <string.h>

#define DECODE_BUFFER_BYTES 0x100000U

extern const uint8_t east_weights_blob[EAST_BLOB_BYTES];

static void print_number(const char *key, uint64_t value)
{
    char text[24];
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

static uint32_t read_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

#ifndef EAST_BLOB_OF_VERSION_2
/* Bytes a well-formed LZ4 block decodes to. */
static uint32_t decoded_bytes(const uint8_t *in, const uint8_t *end)
{
    uint32_t total = 0;
    while (in < end) {
        const uint32_t token = *in++;
        uint32_t literals = token >> 4;
        uint32_t match = token & 15U;
        uint32_t byte = 255;
        while (literals >= 15U && byte == 255U) {
            byte = *in++;
            literals += byte;
        }
        in += literals;
        total += literals;
        if (in >= end) {
            break;
        }
        in += 2;
        byte = 255;
        while (match >= 15U && byte == 255U) {
            byte = *in++;
            match += byte;
        }
        total += match + 4U;
    }
    return total;
}

/* Decodes every LZ4 tile once and prints bytes and instructions. Returns 1 when all decode. */
static int measure_decoder(void)
{
    static uint8_t buffer[DECODE_BUFFER_BYTES];
    const uint32_t tiles = read_u32(east_weights_blob + 4) >> 16;
    const uint8_t *entry = east_weights_blob + 16;
    const uint8_t *block = entry + 4U * tiles;
    uint64_t instructions = 0;
    uint64_t bytes = 0;
    uint32_t i;

    for (i = 0; i < tiles; i++) {
        const uint32_t stored = read_u32(entry + 4U * i) & 0x7FFFFFFFU;
        if ((read_u32(entry + 4U * i) & 0x80000000U) != 0U) {
            const uint32_t raw = decoded_bytes(block, block + stored);
            const uint64_t start = platform_instructions();
            if (raw > DECODE_BUFFER_BYTES || !east_lz4_decode(block, stored, buffer, raw)) {
                return 0;
            }
            instructions += platform_instructions() - start;
            bytes += raw;
        }
        block += stored;
    }
    print_number("decoded", bytes);
    print_number("decode_instructions", instructions);
    return 1;
}
#endif

#ifdef EAST_STEP
/* Instructions of all steps, without a front end. */
static uint64_t step_instructions;

/* Runs along the stream that follows the vectors. Returns 1 when all of it could be read. */
static int run_steps(void)
{
    static int8_t input[EAST_STEP_BYTES];
    static int8_t output[EAST_OUTPUT_BYTES];
    static int8_t expected[EAST_OUTPUT_BYTES];
    uint8_t header[4];
    uint32_t mismatches = 0;
    uint32_t count;
    uint32_t i;

    if (!platform_read(header, 4)) {
        platform_print("steps unreadable\n");
        return 0;
    }
    count = read_u32(header);
    east_restart();
    for (i = 0; i < count; i++) {
        enum east_status status;
        uint64_t start;
        int right;
        if (!platform_read(input, sizeof input) || !platform_read(expected, sizeof expected)) {
            platform_print("steps unreadable\n");
            return 0;
        }
        memset(output, 0x55, sizeof output);
        start = platform_instructions();
        status = east_advance(input, output);
        step_instructions += platform_instructions() - start;
        right = i + 1U < EAST_WARM_UP ? status == EAST_PENDING
                                      : status == EAST_OK && memcmp(output, expected, sizeof output) == 0;
        if (!right) {
            if (mismatches == 0U) {
                print_number("first_wrong_step", i);
            }
            mismatches++;
        }
    }
    print_number("steps", count);
    print_number("step_mismatches", mismatches);
    print_number("step_instructions", step_instructions);
    return 1;
}
#else
static int run_steps(void)
{
    return 1;
}
#endif

#ifdef EAST_HAS_FRONTEND
/* What of the front end is measured, all vectors together. */
static struct {
    uint64_t instructions;
    uint64_t hop_instructions;
    uint32_t mismatches, first;
    uint32_t push_mismatches;
} frontend;

#ifdef EAST_STEP
/* A vector's features as a whole; the stream comes behind all vectors. */
static void run_frontend(uint32_t index, const int16_t *samples, const int8_t *input, const int8_t *expected)
{
    const uint64_t start = platform_instructions();
    const enum east_status status = east_process(samples, NULL);

    (void)expected;
    frontend.instructions += platform_instructions() - start;
    if (status != EAST_OK || memcmp(east_features(), input, EAST_INPUT_BYTES) != 0) {
        if (frontend.mismatches == 0U) {
            frontend.first = index;
        }
        frontend.mismatches++;
    }
}

/* The same steps again, from raw samples on, behind so much silence that the first hop makes a frame. Returns 1 when read. */
static int run_pushes(void)
{
    enum { HOP = EAST_HOP_SAMPLES * EAST_SAMPLE_CHANNELS };
    static int16_t samples[EAST_STEP * HOP];
    static int8_t output[EAST_OUTPUT_BYTES];
    static int8_t expected[EAST_OUTPUT_BYTES];
    const uint32_t lead = (EAST_FRAME_SAMPLES - 1U) / EAST_HOP_SAMPLES;
    uint8_t header[4];
    uint32_t count;
    uint32_t i, k;

    if (!platform_read(header, 4)) {
        platform_print("pushes unreadable\n");
        return 0;
    }
    count = read_u32(header);
    east_reset();
    for (i = 0; i < lead; i++) {
        if (east_push(samples, output) != EAST_PENDING) {
            frontend.push_mismatches++;
        }
    }
    for (i = 0; i < count; i++) {
        if (!platform_read(samples, sizeof samples) || !platform_read(expected, sizeof expected)) {
            platform_print("pushes unreadable\n");
            return 0;
        }
        memset(output, 0x55, sizeof output);
        for (k = 0; k < EAST_STEP; k++) {
            const int due = k + 1U == EAST_STEP && i + 1U >= EAST_WARM_UP;
            const uint64_t start = platform_instructions();
            const enum east_status status = east_push(samples + k * HOP, output);
            frontend.hop_instructions += platform_instructions() - start;
            if (status != (due ? EAST_OK : EAST_PENDING) || (due && memcmp(output, expected, sizeof output) != 0)) {
                frontend.push_mismatches++;
            }
        }
    }
    /* What is left is the front end's. */
    frontend.hop_instructions -= count == 0U ? 0U : step_instructions;
    print_number("pushed_steps", count);
    print_number("hops", (uint64_t)count * EAST_STEP);
    return 1;
}
#else
/* A vector's features as a whole, then its samples pushed hop by hop behind silence, with the output after the last. */
static void run_frontend(uint32_t index, const int16_t *samples, const int8_t *input, const int8_t *expected)
{
    static int16_t first[EAST_HOP_SAMPLES * EAST_SAMPLE_CHANNELS];
    static int8_t output[EAST_OUTPUT_BYTES];
    /* So much silence makes all of them whole hops. */
    const uint32_t lead = (EAST_HOP_SAMPLES - EAST_SAMPLES % EAST_HOP_SAMPLES) % EAST_HOP_SAMPLES;
    const uint32_t hops = (lead + EAST_SAMPLES) / EAST_HOP_SAMPLES;
    enum east_status status = EAST_OK;
    uint64_t start = platform_instructions();
    uint64_t hop = 0;
    uint32_t i;

    status = east_process(samples, NULL);
    frontend.instructions += platform_instructions() - start;
    if (status != EAST_OK || memcmp(east_features(), input, EAST_INPUT_BYTES) != 0) {
        if (frontend.mismatches == 0U) {
            frontend.first = index;
        }
        frontend.mismatches++;
    }
    memset(first, 0, sizeof first);
    memcpy(first + lead * EAST_SAMPLE_CHANNELS, samples, sizeof first - lead * EAST_SAMPLE_CHANNELS * sizeof *first);
    memset(output, 0x55, sizeof output);
    east_reset();
    for (i = 0; i < hops; i++) {
        const int last = i + 1U == hops;
        start = platform_instructions();
        status = east_push(i == 0U ? first : samples + (i * EAST_HOP_SAMPLES - lead) * EAST_SAMPLE_CHANNELS,
                           last ? output : NULL);
        hop = last ? hop : platform_instructions() - start;
        if (status != (last ? EAST_OK : EAST_PENDING)) {
            break;
        }
    }
    frontend.hop_instructions += hop;
    if (status != EAST_OK || memcmp(output, expected, sizeof output) != 0) {
        frontend.push_mismatches++;
    }
}
#endif
#endif

int main(void)
{
    static int8_t input[EAST_INPUT_BYTES];
    static int8_t output[EAST_OUTPUT_BYTES];
    static int8_t expected[EAST_OUTPUT_BYTES];
#ifdef EAST_HAS_FRONTEND
    static int16_t samples[EAST_SAMPLES * EAST_SAMPLE_CHANNELS];
#endif
    uint8_t header[4];
    uint64_t instructions = 0;
    uint32_t mismatches = 0;
#ifdef EAST_SCORE_SCALE
    uint64_t scores = 0;
#endif
    uint32_t count;
    uint32_t i;

    print_number("selftest", (uint64_t)east_selftest());
    /* Only in version 1 does the blob alone say how many bytes a tile decodes to. */
#ifndef EAST_BLOB_OF_VERSION_2
    if (!measure_decoder()) {
        platform_print("decoder failed\n");
        return 1;
    }
#endif
    if (!platform_open("vectors.bin") || !platform_read(header, 4)) {
        platform_print("vectors unreadable\n");
        return 1;
    }
    count = read_u32(header);
    for (i = 0; i < count; i++) {
        enum east_status status;
        uint64_t start;
#ifdef EAST_HAS_FRONTEND
        if (!platform_read(samples, sizeof samples)) {
            platform_print("vectors unreadable\n");
            return 1;
        }
#endif
        if (!platform_read(input, sizeof input) || !platform_read(expected, sizeof expected)) {
            platform_print("vectors unreadable\n");
            return 1;
        }
        memset(output, 0x55, sizeof output);
        start = platform_instructions();
        status = east_invoke(input, output);
        instructions += platform_instructions() - start;
#ifdef EAST_SCORE_SCALE
        scores += east_score(input, output);
#endif
        if (status != EAST_OK || memcmp(output, expected, sizeof output) != 0) {
            if (mismatches == 0U) {
                print_number("first_mismatch", i);
                print_number("mismatch_status", (uint64_t)status);
            }
            mismatches++;
        }
#ifdef EAST_HAS_FRONTEND
        run_frontend(i, samples, input, expected);
#endif
    }
    print_number("vectors", count);
    print_number("mismatches", mismatches);
#ifdef EAST_SCORE_SCALE
    print_number("scores", scores);
#endif
    print_number("instructions", instructions);
    if (!run_steps()) {
        return 1;
    }
#ifdef EAST_HAS_FRONTEND
#ifdef EAST_STEP
    if (!run_pushes()) {
        return 1;
    }
#else
    print_number("hops", count);
#endif
    print_number("feature_mismatches", frontend.mismatches);
    print_number("first_feature_mismatch", frontend.first);
    print_number("push_mismatches", frontend.push_mismatches);
    print_number("frontend_instructions", frontend.instructions);
    print_number("hop_instructions", frontend.hop_instructions);
#endif
    return 0;
}
