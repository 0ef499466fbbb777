/*
 * east_packing.h - weights of few levels, several a byte; docs/blob-format.md of EAST has the formats.
 */
#ifndef EAST_PACKING_H
#define EAST_PACKING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How weights lie in bytes. A layer of plain int8 weights has none. */
struct east_packing {
    /*
     * Writes weights[0 .. count) and reads no more packed bytes than hold them. The packed bytes may be the last ones of
     * the weights' own buffer: a byte is read before anything is written over it.
     */
    void (*unpack)(const uint8_t *packed, int8_t *weights, size_t count);
    uint32_t weights_per_byte;
};

/* -7 .. 7, two's complement, the first in the low bits. */
extern const struct east_packing east_int4;
/* -3, -1, 1, 3 as fields 0 to 3, the first in the lowest bits; a byte 0 is four zeros. */
extern const struct east_packing east_quaternary;
/* -1, 0, 1 as five base-3 digits 2, 0, 1, the first the most significant. */
extern const struct east_packing east_ternary;
/* -1, 1 as bits 0 and 1, the first the lowest; a byte 0 is eight zeros. */
extern const struct east_packing east_binary;

/* Bytes that so many packed weights take. */
static inline size_t east_packed_bytes(const struct east_packing *packing, size_t weights)
{
    return packing == NULL ? weights : (weights + packing->weights_per_byte - 1U) / packing->weights_per_byte;
}

#ifdef __cplusplus
}
#endif

#endif
