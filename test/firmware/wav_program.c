/*
 * wav_program.c - reads sound.wav byte by byte, as a program on the target would that has it in flash, and says what the model
 * "keyword" hears: first of a whole example, then hop by hop through the example's listen.c, as from a microphone.
 */
#include "keyword_model.h"
#include "listen.h"
#include "platform.h"

#include <string.h>

#define HOP (KEYWORD_HOP_SAMPLES * KEYWORD_SAMPLE_CHANNELS)

static const char *const names[KEYWORD_OUTPUT_BYTES] = KEYWORD_CLASS_NAMES;

static void print_heard(const char *what, int best, const int8_t *output)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * KEYWORD_OUTPUT_BYTES + 2];
    int i;

    platform_print(what);
    platform_print(" ");
    platform_print(names[best]);
    platform_print(" ");
    for (i = 0; i < KEYWORD_OUTPUT_BYTES; i++) {
        text[2 * i] = digits[(uint8_t)output[i] >> 4];
        text[2 * i + 1] = digits[(uint8_t)output[i] & 15];
    }
    text[2 * i] = '\n';
    text[2 * i + 1] = '\0';
    platform_print(text);
}

static int16_t sample_at(const uint8_t *bytes)
{
    return (int16_t)(bytes[0] | bytes[1] << 8);
}

int main(void)
{
    static int16_t samples[KEYWORD_SAMPLES * KEYWORD_SAMPLE_CHANNELS];
    static uint8_t bytes[2 * KEYWORD_SAMPLES * KEYWORD_SAMPLE_CHANNELS];
    int16_t hop[HOP];
    int8_t output[KEYWORD_OUTPUT_BYTES];
    uint8_t header[44];
    uint32_t i;

    if (!platform_open("sound.wav") || !platform_read(header, sizeof header) || memcmp(header + 36, "data", 4) != 0 ||
        !platform_read(bytes, sizeof bytes)) {
        platform_print("unreadable\n");
        return 1;
    }
    for (i = 0; i < KEYWORD_SAMPLES * KEYWORD_SAMPLE_CHANNELS; i++) {
        samples[i] = sample_at(bytes + 2 * i);
    }
    if (keyword_process(samples, output) == KEYWORD_OK) {
        int best = 0;
        for (i = 1; i < KEYWORD_OUTPUT_BYTES; i++) {
            best = output[i] > output[best] ? (int)i : best;
        }
        print_heard("example", best, output);
    }

    /* So much silence that the first hop of the file makes the first frame. */
    memset(hop, 0, sizeof hop);
    for (i = 0; i < KEYWORD_FRAME_SAMPLES - KEYWORD_HOP_SAMPLES; i += KEYWORD_HOP_SAMPLES) {
        microphone_has_hop(hop);
        if (listen(output) != LISTEN_NOTHING) {
            platform_print("heard silence\n");
        }
    }
    if (!platform_open("sound.wav") || !platform_read(header, sizeof header)) {
        return 1;
    }
    while (platform_read(bytes, 2 * HOP)) {
        int heard;
        for (i = 0; i < HOP; i++) {
            hop[i] = sample_at(bytes + 2 * i);
        }
        microphone_has_hop(hop);
        heard = listen(output);
        if (heard >= 0) {
            print_heard("stream", heard, output);
        } else if (heard != LISTEN_NOTHING) {
            platform_print("failed\n");
        }
    }

    /* Who does not listen in time loses samples, and is told. */
    for (i = 0; i < 6; i++) {
        microphone_has_hop(hop);
    }
    platform_print(listen(output) == LISTEN_LATE ? "late\n" : "in time\n");
    platform_print(listen(output) == LISTEN_NOTHING ? "anew\n" : "on\n");
    return 0;
}
