/*
 * east_stream.h - a network that runs along a stream: every step computes what is new, and keeps what its windows reach.
 */
#ifndef EAST_STREAM_H
#define EAST_STREAM_H

#include "east_kernels.h"
#include "east_status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A tensor whose past lies in front of what a step brings. Bytes; behind a step all of it moves forward by `fresh`. */
struct east_kept {
    uint32_t offset; /* in the arena */
    uint32_t past;
    uint32_t fresh;
    int32_t zero_point; /* what the past holds before the stream begins */
};

struct east_stream {
    const struct east_model *model; /* of one step */
    const struct east_kept *kept;
    uint32_t number;  /* arena offset of a uint32_t: of the next step, at most warm_up; 0 where the stream has not begun */
    uint32_t warm_up; /* number of the step that fills the first window, counted from 1 */
    uint32_t kept_count;
};


/*
 * One step: input[0 .. model->input_bytes) to output[0 .. model->output_bytes). EAST_PENDING while the first window is not
 * full: what is in output then means nothing. After any other status but EAST_OK the next step begins the stream anew.
 */
enum east_status east_stream_advance(const struct east_stream *stream, const int8_t *input, int8_t *output);

/* Forgets the past: the next step begins the stream anew. */
void east_stream_forget(const struct east_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
