/*
 * platform_host.c - the harness on the machine that builds.
 */
#include "platform.h"

#include <stdio.h>

static FILE *file;

void platform_print(const char *text)
{
    fputs(text, stdout);
}

int platform_open(const char *path)
{
    file = fopen(path, "rb");
    return file != NULL;
}

int platform_read(void *buffer, size_t bytes)
{
    return fread(buffer, 1, bytes, file) == bytes;
}

uint64_t platform_instructions(void)
{
    return 0;
}
