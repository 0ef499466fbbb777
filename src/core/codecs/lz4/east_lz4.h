/*
 * east_lz4.h - decoder of single LZ4 blocks (LZ4 block format; no frames, no dictionaries).
 */
#ifndef EAST_LZ4_H
#define EAST_LZ4_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Decodes the block source[0 .. source_bytes) into target[0 .. target_bytes).
 *
 * source   any alignment, less than 16 MiB; owned by the caller, only read
 * target   any alignment; owned by the caller; must not overlap source
 *
 * Returns 1 when the block is well formed, was used up, and gave exactly target_bytes bytes; else 0, and target then
 * holds some or none of the data. Whatever the block contains, nothing outside the two ranges is read or written.
 */
int east_lz4_decode(const uint8_t *source, size_t source_bytes, uint8_t *target, size_t target_bytes);

#ifdef __cplusplus
}
#endif

#endif
