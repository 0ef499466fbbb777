/*
 * east_lz4.c - small, safe and fast decoder of LZ4 blocks for microcontrollers.
 *
 * Pruned weights are short literals between runs of zeros, so most of the work is starting copies: those that end at
 * least three bytes before the end of their buffer move whole words and may overshoot into bytes that are written
 * later; the few near the end go byte by byte. A match of offset 1, a run, is filled.
 */
#include "east_hot.h"

#include "east_lz4.h"

#include <string.h>

/* Bytes that a copy of whole words may write (and read) past its end. */
#define EAST_LZ4_SLACK 3U

/* Adds the length bytes that follow a nibble of 15; NULL where the input ends among them. */
static const uint8_t *read_length(const uint8_t *in, const uint8_t *in_end, size_t *length)
{
    uint32_t byte;
    do {
        if (in == in_end) {
            return NULL;
        }
        byte = *in++;
        *length += byte;
    } while (byte == 255U);
    return in;
}

int east_lz4_decode(const uint8_t *source, size_t source_bytes, uint8_t *target, size_t target_bytes)
{
    const uint8_t *in = source;
    const uint8_t *const in_end = source + source_bytes;
    uint8_t *out = target;
    uint8_t *const out_end = target + target_bytes;

    for (;;) {
        const uint8_t *from;
        uint8_t *end;
        size_t length;
        size_t offset;
        uint32_t token;

        if (in == in_end) {
            return 0;
        }
        token = *in++;

        length = token >> 4;
        if (length == 15U) {
            in = read_length(in, in_end, &length);
            if (in == NULL) {
                return 0;
            }
        }
        if (length > (size_t)(in_end - in) || length > (size_t)(out_end - out)) {
            return 0;
        }
        end = out + length;
        from = in;
        in += length;
        if ((size_t)(in_end - in) >= EAST_LZ4_SLACK && (size_t)(out_end - end) >= EAST_LZ4_SLACK) {
            while (out < end) {
                memcpy(out, from, 4);
                out += 4;
                from += 4;
            }
            out = end;
        } else {
            while (out < end) {
                *out++ = *from++;
            }
        }

        if (in == in_end) {
            return out == out_end;
        }
        if (in_end - in < 2) {
            return 0;
        }
        offset = (size_t)in[0] | (size_t)in[1] << 8;
        in += 2;
        if (offset == 0U || offset > (size_t)(out - target)) {
            return 0;
        }
        length = token & 15U;
        if (length == 15U) {
            in = read_length(in, in_end, &length);
            if (in == NULL) {
                return 0;
            }
        }
        length += 4U;
        if (length > (size_t)(out_end - out)) {
            return 0;
        }
        end = out + length;
        from = out - offset;
        if ((size_t)(out_end - end) < EAST_LZ4_SLACK || (offset < 4U && offset != 1U)) {
            while (out < end) {
                *out++ = *from++;
            }
        } else if (offset == 1U) {
            const uint32_t fill = *from * 0x01010101U;
            do {
                memcpy(out, &fill, 4);
                out += 4;
            } while (out < end);
            out = end;
        } else {
            do {
                memcpy(out, from, 4);
                out += 4;
                from += 4;
            } while (out < end);
            out = end;
        }
    }
}
