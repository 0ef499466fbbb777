/*
 * east_stream.c - see east_stream.h.
 */
#include "east_stream.h"

#include <string.h>

void east_stream_forget(const struct east_stream *stream)
{
    memset(stream->model->arena + stream->number, 0, sizeof(uint32_t));
}

enum east_status east_stream_advance(const struct east_stream *stream, const int8_t *input, int8_t *output)
{
    int8_t *const arena = stream->model->arena;
    enum east_status status;
    uint32_t number;
    uint32_t i;

    memcpy(&number, arena + stream->number, sizeof number);
    if (number == 0U) {
        number = 1;
        for (i = 0; i < stream->kept_count; i++) {
            const struct east_kept *const kept = &stream->kept[i];
            memset(arena + kept->offset, (int)kept->zero_point, kept->past);
        }
    }
    status = east_run(stream->model, input, output);
    if (status == EAST_BAD_ARGUMENT) {
        return status;
    }
    if (status != EAST_OK) {
        east_stream_forget(stream);
        return status;
    }
    for (i = 0; i < stream->kept_count; i++) {
        const struct east_kept *const kept = &stream->kept[i];
        memmove(arena + kept->offset, arena + kept->offset + kept->fresh, kept->past);
    }
    if (number < stream->warm_up) {
        number++;
        status = EAST_PENDING;
    }
    memcpy(arena + stream->number, &number, sizeof number);
    return status;
}
