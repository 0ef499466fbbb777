/*
 * main.c - reads ten pictures of a meter's number wheels and prints what it sees, through semihosting.
 *
 * The lines that an application needs are in read_digit; the rest is there to be looked at.
 */
#include "meter_model.h"
#include "meter_selftest.h"
#include "samples.h"

#include <stdio.h>
#include <string.h>

#if METER_INPUT_BYTES != SAMPLE_HEIGHT * SAMPLE_WIDTH
#error "the samples have another size than the network's input"
#endif

/* Digits that must be right for this program to succeed; a worn wheel may fool any reader now and then. */
#define ENOUGH 8

/* The digit that the picture shows, or -1 when the weights in flash are damaged; confidence in percent. */
static int read_digit(const uint8_t *pixels, int *confidence)
{
    int8_t *const input = meter_input();
    int8_t output[METER_OUTPUT_BYTES];
    int best = 0;
    int i;

    for (i = 0; i < METER_INPUT_BYTES; i++) {
        input[i] = (int8_t)(pixels[i] - 128);
    }
    if (meter_invoke(input, output) != METER_OK) {
        return -1;
    }
    for (i = 1; i < METER_OUTPUT_BYTES; i++) {
        if (output[i] > output[best]) {
            best = i;
        }
    }
    *confidence = (int)((float)(output[best] - METER_OUTPUT_ZERO_POINT) * METER_OUTPUT_SCALE * 100.0F + 0.5F);
    return best;
}

/* One row of a sample, SAMPLE_WIDTH characters, its own darkest grey to its lightest. */
static void shade_row(int sample, int y, char *line)
{
    static const char shades[] = "@#*+=-. ";
    const uint8_t *const pixels = samples[sample];
    int darkest = 255;
    int lightest = 0;
    int i;

    for (i = 0; i < SAMPLE_HEIGHT * SAMPLE_WIDTH; i++) {
        darkest = pixels[i] < darkest ? pixels[i] : darkest;
        lightest = pixels[i] > lightest ? pixels[i] : lightest;
    }
    for (i = 0; i < SAMPLE_WIDTH; i++) {
        line[i] = shades[(pixels[y * SAMPLE_WIDTH + i] - darkest) * 8 / (lightest - darkest + 1)];
    }
}

/* Two samples side by side; characters are twice as high as wide, so every other row is enough. */
static void print_pair(int left, int right)
{
    int y;

    for (y = 0; y < SAMPLE_HEIGHT; y += 2) {
        char line[2 * SAMPLE_WIDTH + 4];
        shade_row(left, y, line);
        memset(line + SAMPLE_WIDTH, ' ', 3);
        shade_row(right, y, line + SAMPLE_WIDTH + 3);
        line[2 * SAMPLE_WIDTH + 3] = '\0';
        printf("  %s\n", line);
    }
}

int main(void)
{
    enum meter_status status;
    int right = 0;
    int i;

    /* Once at boot: inference itself finds only damage that breaks the decoding. */
    if (meter_check_weights() != METER_OK) {
        printf("the weights in flash are damaged\n");
        return 1;
    }
    status = meter_selftest();
    printf("self-test: %s\n", status == METER_OK ? "ok" : "FAILED");
    if (status != METER_OK) {
        return 1;
    }
    print_pair(3, 7);
    for (i = 0; i < SAMPLE_COUNT; i++) {
        int confidence = 0;
        const int digit = read_digit(samples[i], &confidence);
        right += digit == i;
        printf("  picture of %d: reads %d (%d %%)%s\n", i, digit, confidence, digit == i ? "" : "  <- wrong");
    }
    printf("%d of %d digits right\n", right, SAMPLE_COUNT);
    return right >= ENOUGH ? 0 : 1;
}
