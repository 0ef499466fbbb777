/*
 * east_blob_v2.c - see east_blob.h: the reader of blobs of version 2, whose entries name a codec and a shared table for
 * each tile. All fields are little endian and read byte by byte, so that neither the blob's alignment nor the processor's
 * byte order matters.
 */
#include "east_blob.h"

#include "east_codec.h"

#define EAST_BLOB_MAGIC 0x54534145U /* "EAST" */
#define EAST_BLOB_VERSION 2U
#define EAST_BLOB_CODING_COUNT 16U /* where it lies; before it the header, behind it the codings */
#define EAST_BLOB_CODINGS 20U
#define EAST_BLOB_ENTRY_BYTES 4U
#define EAST_BLOB_MAX_CODINGS 255U
#define EAST_BLOB_LENGTH 0x00FFFFFFU /* of an entry; the topmost byte is a number */

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

static const struct east_codec *codec_numbered(uint32_t number)
{
    uint32_t i;

    for (i = 0; i < east_codec_count; i++) {
        if (east_codecs[i].number == number) {
            return &east_codecs[i];
        }
    }
    return NULL;
}

/* Takes the lengths of entry[0 .. count) off left, which must be enough for all. */
static int take_lengths(const uint8_t *entry, uint32_t count, size_t *left)
{
    for (; count > 0U; count--) {
        const size_t length = read_u32(entry) & EAST_BLOB_LENGTH;
        if (length > *left) {
            return 0;
        }
        *left -= length;
        entry += EAST_BLOB_ENTRY_BYTES;
    }
    return 1;
}

enum east_status east_blob_open(struct east_blob_reader *reader, const uint8_t *blob, size_t blob_bytes,
                                uint32_t tile_count)
{
    const uint8_t *const codings = blob + EAST_BLOB_CODINGS;
    uint32_t coding_count;
    size_t checked;
    size_t left;
    uint32_t crc;
    uint32_t i;

    if (blob_bytes < EAST_BLOB_CODINGS || read_u32(blob) != EAST_BLOB_MAGIC ||
        read_u32(blob + 4) != (EAST_BLOB_VERSION | tile_count << 16) || read_u32(blob + 8) != blob_bytes) {
        return EAST_BAD_HEADER;
    }
    coding_count = read_u32(blob + EAST_BLOB_CODING_COUNT);
    if (coding_count > EAST_BLOB_MAX_CODINGS) {
        return EAST_BAD_HEADER;
    }
    left = blob_bytes - EAST_BLOB_CODINGS;
    if (left < (size_t)(coding_count + tile_count) * EAST_BLOB_ENTRY_BYTES) {
        return EAST_BAD_HEADER;
    }
    left -= (size_t)(coding_count + tile_count) * EAST_BLOB_ENTRY_BYTES;
    if (!take_lengths(codings, coding_count, &left)) {
        return EAST_BAD_HEADER;
    }
    checked = blob_bytes - left; /* what is in front of the tiles */
    crc = crc32_update(0xFFFFFFFFU, blob, 12);
    crc = crc32_update(crc, blob + EAST_BLOB_CODING_COUNT, checked - EAST_BLOB_CODING_COUNT);
    if (read_u32(blob + 12) != (crc ^ 0xFFFFFFFFU)) {
        return EAST_BAD_HEADER;
    }

    for (i = 0; i < coding_count; i++) {
        if (codec_numbered(codings[EAST_BLOB_ENTRY_BYTES * i + 3U]) == NULL) {
            return EAST_BAD_HEADER;
        }
    }
    reader->entry = codings + (size_t)coding_count * EAST_BLOB_ENTRY_BYTES;
    for (i = 0; i < tile_count; i++) {
        if (reader->entry[EAST_BLOB_ENTRY_BYTES * (size_t)i + 3U] >= coding_count) {
            return EAST_BAD_HEADER;
        }
    }
    if (!take_lengths(reader->entry, tile_count, &left) || left != 0U) {
        return EAST_BAD_HEADER;
    }
    reader->block = blob + checked;
    reader->blob = blob;
    return EAST_OK;
}

const int8_t *east_blob_next(struct east_blob_reader *reader, const struct east_packing *packing, int8_t *buffer,
                             size_t weights)
{
    const uint8_t *coding = reader->blob + EAST_BLOB_CODINGS;
    const uint32_t coding_count = read_u32(reader->blob + EAST_BLOB_CODING_COUNT);
    const uint32_t tile_count = read_u32(reader->blob + 4) >> 16;
    uint32_t index = reader->entry[3];
    struct east_coded_tile tile;

    tile.stored = reader->block;
    tile.stored_bytes = read_u32(reader->entry) & EAST_BLOB_LENGTH;
    tile.packing = packing;
    /* The tables lie behind the entries of codings and tiles, one behind the other. */
    tile.table = coding + (size_t)(coding_count + tile_count) * EAST_BLOB_ENTRY_BYTES;
    for (; index > 0U; index--) {
        tile.table += read_u32(coding) & EAST_BLOB_LENGTH;
        coding += EAST_BLOB_ENTRY_BYTES;
    }
    tile.table_bytes = read_u32(coding) & EAST_BLOB_LENGTH;
    reader->entry += EAST_BLOB_ENTRY_BYTES;
    reader->block += tile.stored_bytes;
    if (buffer == NULL && coding[3] != EAST_CODEC_RAW) {
        return NULL;
    }
    return codec_numbered(coding[3])->read(&tile, buffer, weights);
}
