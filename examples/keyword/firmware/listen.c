/*
 * listen.c - see listen.h. An interrupt must be short, and a step of the network takes milliseconds: so the interrupt puts hops
 * into a queue, and the main loop takes them out.
 */
#include "listen.h"

#include "keyword_model.h"

#include <string.h>

#define HOP (KEYWORD_HOP_SAMPLES * KEYWORD_SAMPLE_CHANNELS)
/* What the main loop may be behind: a step of the network has to be done within so many hops. A power of two. */
#define QUEUE 4U

static int16_t queue[QUEUE][HOP];
/* Hops since the start; the interrupt alone writes the one, the main loop the other. Both may run over. */
static volatile uint32_t arrived;
static uint32_t taken;

void microphone_has_hop(const int16_t *samples)
{
    memcpy(queue[arrived % QUEUE], samples, sizeof queue[0]);
    arrived++;
}

int listen(int8_t *output)
{
    int16_t samples[HOP];
    enum keyword_status status;
    int best = 0;
    int i;

    if (arrived == taken) {
        return LISTEN_NOTHING;
    }
    memcpy(samples, queue[taken % QUEUE], sizeof samples);
    /* After the copy: the interrupt may have come meanwhile, and begun to write where it was taken from. */
    if (arrived - taken >= QUEUE) {
        taken = arrived;
        keyword_reset();
        return LISTEN_LATE;
    }
    taken++;
    status = keyword_push(samples, output);
    if (status == KEYWORD_PENDING) {
        return LISTEN_NOTHING;
    }
    if (status != KEYWORD_OK) {
        return LISTEN_DAMAGED;
    }
    for (i = 1; i < KEYWORD_OUTPUT_BYTES; i++) {
        if (output[i] > output[best]) {
            best = i;
        }
    }
    return best;
}
