/*
 * east_blob.c - see east_blob.h, and docs/blob-format.md of EAST for the format. All fields are little endian and
 * read byte by byte, so that neither the blob's alignment nor the processor's byte order matters.
 */
#include "east_blob.h"

#include "east_lz4.h"
#include "east_packing.h"

#define EAST_BLOB_MAGIC 0x54534145U /* "EAST" */
#define EAST_BLOB_VERSION 1U
#define EAST_BLOB_HEADER_BYTES 16U
#define EAST_BLOB_ENTRY_BYTES 4U
#define EAST_BLOB_LZ4_FLAG 0x80000000U

static uint32_t read_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t crc32_update(uint32_t crc, const uint8_t *data, size_t bytes)
{
    while (bytes-- > 0U) {
        int bit;
        crc ^= *data++;
        for (bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xEDB88320U & (0U - (crc & 1U)));
        }
    }
    return crc;
}

uint32_t east_crc32(const uint8_t *data, size_t bytes)
{
    return ~crc32_update(0xFFFFFFFFU, data, bytes);
}

enum east_status east_blob_open(struct east_blob_reader *reader, const uint8_t *blob, size_t blob_bytes,
                                uint32_t tile_count)
{
    const size_t table_bytes = (size_t)tile_count * EAST_BLOB_ENTRY_BYTES;
    const uint8_t *entry = blob + EAST_BLOB_HEADER_BYTES;
    size_t left;
    uint32_t crc;
    uint32_t i;

    if (blob_bytes < EAST_BLOB_HEADER_BYTES + table_bytes || read_u32(blob) != EAST_BLOB_MAGIC ||
        read_u32(blob + 4) != (EAST_BLOB_VERSION | tile_count << 16) || read_u32(blob + 8) != blob_bytes) {
        return EAST_BAD_HEADER;
    }
    crc = crc32_update(0xFFFFFFFFU, blob, 12);
    crc = crc32_update(crc, entry, table_bytes);
    if (read_u32(blob + 12) != (crc ^ 0xFFFFFFFFU)) {
        return EAST_BAD_HEADER;
    }

    left = blob_bytes - EAST_BLOB_HEADER_BYTES - table_bytes;
    for (i = 0; i < tile_count; i++) {
        const size_t stored = read_u32(entry + i * EAST_BLOB_ENTRY_BYTES) & ~EAST_BLOB_LZ4_FLAG;
        if (stored > left) {
            return EAST_BAD_HEADER;
        }
        left -= stored;
    }
    if (left != 0U) {
        return EAST_BAD_HEADER;
    }
    reader->entry = entry;
    reader->block = entry + table_bytes;
    return EAST_OK;
}

const int8_t *east_blob_next(struct east_blob_reader *reader, const struct east_packing *packing, int8_t *buffer,
                             size_t weights)
{
    const uint32_t entry = read_u32(reader->entry);
    const size_t stored = entry & ~EAST_BLOB_LZ4_FLAG;
    const uint8_t *content = reader->block;
    const size_t bytes = east_packed_bytes(packing, weights);

    reader->entry += EAST_BLOB_ENTRY_BYTES;
    reader->block += stored;
    if ((entry & EAST_BLOB_LZ4_FLAG) != 0U) {
        uint8_t *decoded;
        if (buffer == NULL) {
            return NULL;
        }
        /* At the buffer's end, so that packed weights can be unpacked from its start on. */
        decoded = (uint8_t *)buffer + (weights - bytes);
        if (!east_lz4_decode(content, stored, decoded, bytes)) {
            return NULL;
        }
        content = decoded;
    } else if (stored != bytes) {
        return NULL;
    }
    if (packing == NULL) {
        return (const int8_t *)content;
    }
    packing->unpack(content, buffer, weights);
    return buffer;
}
