/*
 * frontend_cases.c - for each example of cases.bin (raw samples): features and codes of the whole example, how many hops of a
 * stream of them gave an output, and whether the last one's codes are those of the whole example, to results.bin.
 * arena.inc has the network's arena where it serves as working memory, tables.inc the front end's constants and state.
 */
#include "east_frontend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.inc"
#include "tables.inc"

int main(void)
{
    const struct east_frontend *const front = &east_front;
    const size_t samples = (size_t)(front->frames - 1U) * front->hop + front->window;
    const size_t values = samples * front->channels;
    const size_t step = (size_t)front->hop * front->channels;
    const size_t lead = (front->hop - samples % front->hop) % front->hop * front->channels;
    const size_t count = (size_t)front->frames * front->features;
    int16_t *raw = malloc(values * sizeof *raw);
    int16_t *stream = calloc(lead + values, sizeof *stream);
    int8_t *codes = malloc(count);
    FILE *in = fopen("cases.bin", "rb");
    FILE *out = fopen("results.bin", "wb");
    size_t i;

    if (raw == NULL || stream == NULL || codes == NULL || in == NULL || out == NULL) {
        return 1;
    }
    while (fread(raw, sizeof *raw, values, in) == values) {
        uint8_t said[2] = {0, 0};
        for (i = 0; i < front->frames; i++) {
            front->frame(front, raw + i * step, front->work);
            fwrite(front->work, sizeof *front->work, front->features, out);
        }
        east_frontend_whole(front, raw);
        memcpy(codes, front->codes, count);
        fwrite(codes, 1, count, out);
        memcpy(stream + lead, raw, values * sizeof *raw);
        for (i = 0; i < (lead + values) / step; i++) {
            said[0] = (uint8_t)(said[0] + east_frontend_hop(front, stream + i * step));
        }
        said[1] = memcmp(codes, front->codes, count) == 0;
        fwrite(said, 1, 2, out);
    }
    free(raw);
    free(stream);
    free(codes);
    return fclose(in) != 0 || fclose(out) != 0;
}
