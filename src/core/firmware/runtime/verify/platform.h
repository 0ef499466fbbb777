/*
 * platform.h - what the verification harness needs from where it runs: the host, or a simulated Cortex-M4.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/* Writes a string to standard output. */
void platform_print(const char *text);

/* Opens a file for reading; later reads continue where the last ended. Returns 1, or 0 when it cannot be opened. */
int platform_open(const char *path);

/* Fills buffer with the next bytes of the file. Returns 1, or 0 when there are fewer. */
int platform_read(void *buffer, size_t bytes);

/* Instructions executed so far, in steps of PLATFORM_INSTRUCTIONS_PER_TICK; 0 where they cannot be counted. */
uint64_t platform_instructions(void);

#endif
