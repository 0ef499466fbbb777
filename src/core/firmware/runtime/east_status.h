/*
 * east_status.h - what every function of the generated sources returns.
 */
#ifndef EAST_STATUS_H
#define EAST_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

enum east_status {
    EAST_OK = 0,
    /* A null pointer was passed. */
    EAST_BAD_ARGUMENT = 1,
    /* The weight blob's header or tile table is damaged, or belongs to another model. Nothing was computed. */
    EAST_BAD_HEADER = 2,
    /* invoke: a weight block does not decode to exactly its size. check_weights: any byte has changed. */
    EAST_BAD_WEIGHTS = 3,
    /* Self-test only: the outputs differ from the expected ones. */
    EAST_MISMATCH = 4,
    /* Streams only: no output yet, for the first window is not full. Go on. */
    EAST_PENDING = 5
};

#ifdef __cplusplus
}
#endif

#endif
