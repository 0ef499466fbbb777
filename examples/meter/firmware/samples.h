/*
 * samples.h - pictures to try the meter reader on, as its camera would take them. Sample i shows digit i.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include <stdint.h>

#define SAMPLE_COUNT 10
#define SAMPLE_HEIGHT 24
#define SAMPLE_WIDTH 16

/* Grey levels 0 .. 255, row by row. */
extern const uint8_t samples[SAMPLE_COUNT][SAMPLE_HEIGHT * SAMPLE_WIDTH];

#endif
