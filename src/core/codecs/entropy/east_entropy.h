/*
 * east_entropy.h - decoder of entropy-coded weights: asymmetric numeral systems, by a table of 256 slots.
 */
#ifndef EAST_ENTROPY_H
#define EAST_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EAST_ENTROPY_SLOTS 256U
/* Of a table: pairs of levels, lowest level, level that takes the rest. Half a byte for each level follows. */
#define EAST_ENTROPY_HEAD_BYTES 3U
#define EAST_ENTROPY_MAX_PAIRS 128U

/*
 * Makes slots[0 .. EAST_ENTROPY_SLOTS), owned by the caller, of a table of table[0] pairs of levels, at most
 * EAST_ENTROPY_MAX_PAIRS. Returns whether the shares of its levels leave one for the rest.
 */
int east_entropy_slots(const uint8_t *table, uint32_t *slots);

/*
 * Decodes weights[0 .. count) from in[0 .. bytes). Returns whether these are exactly so many weights; where not, the weights
 * hold anything. Whatever the bytes are, nothing outside these ranges is read or written.
 */
int east_entropy_decode(const uint32_t *slots, const uint8_t *in, size_t bytes, int8_t *weights, size_t count);

#ifdef __cplusplus
}
#endif

#endif
