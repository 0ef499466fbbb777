/*
 * listen.h - from the microphone's DMA to the word that is heard.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdint.h>

/* No new word: too few samples yet, or between two steps of the network. */
#define LISTEN_NOTHING (-1)
/* The main loop was too slow and samples are lost; listening begins anew. */
#define LISTEN_LATE (-2)
/* The weights in flash are damaged. */
#define LISTEN_DAMAGED (-3)

/*
 * To be called from the DMA's interrupt whenever a hop of samples has come. samples: int16_t[KEYWORD_HOP_SAMPLES], 16,000 a
 * second; copied, so that the DMA may go on at once.
 */
void microphone_has_hop(const int16_t *samples);

/*
 * To be called in the main loop, as often as there is time: takes in one hop. The number of the class that is heard, whose name
 * is in KEYWORD_CLASS_NAMES, or one of the values above. output: int8_t[KEYWORD_OUTPUT_BYTES], every class's score, written
 * where a number is returned.
 */
int listen(int8_t *output);

#endif
