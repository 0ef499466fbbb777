/*
 * east_multiply.c - where the time goes: weights times columns. Two output channels and two columns at once, so that
 * each loaded word is used twice; a channel left over goes with itself.
 *
 * With DSP instructions the inputs of a column lie widened to int16, since every filter takes them apart anew otherwise:
 * four of each column are 16 bytes, of the first column elements 0 and 2, 1 and 3, then of the second. Without, columns are
 * int8, one behind the other.
 */
#include "east_hot.h"

#include "east_dsp.h"
#include "east_fixed_point.h"
#include "east_kernels.h"

#include <string.h>

#ifdef EAST_USE_DSP
void east_columns(struct east_column columns[2], int8_t *place, uint32_t length)
{
    (void)length;
    columns[0].place = place;
    columns[1].place = place + 8;
}

void east_put(struct east_column *column, const int8_t *from, uint32_t count, uint32_t step)
{
    uint32_t at = column->at;
    int16_t *to = (int16_t *)(void *)column->place + (at & ~3U) * 2U;

    column->at = at + count;
    at &= 3U;
    if (at == 1U && count > 0U) {
        to[2] = *from;
        from += step;
        count--;
        at++;
    }
    if (at == 2U && count > 0U) {
        to[1] = *from;
        from += step;
        count--;
        at++;
    }
    if (at == 3U && count > 0U) {
        to[3] = *from;
        from += step;
        count--;
        to += 8;
    }
    for (; count >= 8U; count -= 8U) {
        east_widen_4(&from, 4U * step, &to);
        east_widen_4(&from, 4U * step, &to);
    }
    if (count >= 4U) {
        east_widen_4(&from, 4U * step, &to);
        count -= 4U;
    }
    if (count > 0U) {
        to[0] = from[0];
        if (count > 1U) {
            to[2] = from[step];
            if (count > 2U) {
                to[1] = from[2U * step];
            }
        }
    }
}

/* Four elements of each row and column. */
static inline void four_2x2(const int8_t **rows, const int8_t **columns, uint32_t stride, int32_t sum[4])
{
    uint32_t even[2];
    uint32_t odd[2];
    east_load_rows(rows, stride, even, odd);
    east_multiply_wide(columns, even, odd, &sum[0], &sum[2]);
    east_multiply_wide(columns, even, odd, &sum[1], &sum[3]);
}

/* Adds the products of rows a, a + stride with both columns, n elements each, to sum[row][column]. */
static inline void dot_2x2(const int8_t *a, uint32_t stride, const int8_t *columns, uint32_t n, int32_t result[4])
{
    const int8_t *const end = a + (n & ~7U);
    const int16_t *halves;
    int32_t sum[4];
    uint32_t at;

    memcpy(sum, result, sizeof sum);
    while (a != end) {
        four_2x2(&a, &columns, stride, sum);
        four_2x2(&a, &columns, stride, sum);
    }
    if ((n & 4U) != 0U) {
        four_2x2(&a, &columns, stride, sum);
    }
    halves = (const int16_t *)(const void *)columns;
    for (at = 0; at < (n & 3U); at++) {
        sum[0] += a[0] * halves[0];
        sum[1] += a[0] * halves[4];
        sum[2] += a[stride] * halves[0];
        sum[3] += a[stride] * halves[4];
        a++;
        halves += at == 0U ? 2 : -1; /* 0, 2, 1 */
    }
    memcpy(result, sum, sizeof sum);
}
#else
void east_columns(struct east_column columns[2], int8_t *place, uint32_t length)
{
    columns[0].place = place;
    columns[1].place = place + length;
}

void east_put(struct east_column *column, const int8_t *from, uint32_t count, uint32_t step)
{
    int8_t *const to = column->place + column->at;
    column->at += count;
    if (step == 0U) {
        memset(to, *from, count);
    } else {
        memcpy(to, from, count);
    }
}

static inline void dot_2x2(const int8_t *a, uint32_t stride, const int8_t *columns, uint32_t n, int32_t sum[4])
{
    const int8_t *const end = a + n;
    while (a != end) {
        const int32_t a0 = a[0];
        const int32_t a1 = a[stride];
        const int32_t b0 = columns[0];
        const int32_t b1 = columns[n];
        sum[0] += a0 * b0;
        sum[1] += a0 * b1;
        sum[2] += a1 * b0;
        sum[3] += a1 * b1;
        a++;
        columns++;
    }
}
#endif

/* Makes outputs of the sums of two channels, the second `next` behind the first, clamped to int8. */
static inline void outputs_of(const struct east_weights *layer, uint32_t channel, uint32_t next, int32_t result[4])
{
    const int32_t *const multiplier = layer->multiplier + channel;
    const int8_t *const shift = layer->shift + channel;
    const int32_t zero_point = layer->output_zero_point;
    int32_t sum[4];
    uint32_t i;

#ifdef EAST_USE_DSP
    if (east_scales_fast(shift[0]) && east_scales_fast(shift[next])) {
        result[0] = east_saturate_8(east_scale_fast(result[0], multiplier[0], shift[0]) + zero_point);
        result[1] = east_saturate_8(east_scale_fast(result[1], multiplier[0], shift[0]) + zero_point);
        result[2] = east_saturate_8(east_scale_fast(result[2], multiplier[next], shift[next]) + zero_point);
        result[3] = east_saturate_8(east_scale_fast(result[3], multiplier[next], shift[next]) + zero_point);
        return;
    }
#endif
    memcpy(sum, result, sizeof sum);
    for (i = 0; i < 4U; i++) {
        const uint32_t of = i < 2U ? 0U : next;
        sum[i] = east_clamp_to(east_scale(sum[i], multiplier[of], shift[of]) + zero_point, -128, 127);
    }
    memcpy(result, sum, sizeof sum);
}

void east_multiply(const struct east_task *task, const struct east_column columns[2], uint32_t count, int8_t *output)
{
    const struct east_weights *const layer = task->layer;
    const int32_t low = layer->activation_min;
    const int32_t high = layer->activation_max;
    const uint32_t n = layer->channel_weights;
    /* Where there is no second column, and where a channel is left over, the others' outputs are written last. */
    const uint32_t second = count > 1U ? layer->channels : 0U;
    const int8_t *row = task->weights;
    uint32_t channel = task->first_channel;
    const uint32_t end = channel + task->channels;

    while (channel < end) {
        const uint32_t next = end - channel > 1U ? 1U : 0U;
        int32_t sum[4]; /* [row][column] */
        sum[0] = sum[1] = layer->bias[channel];
        sum[2] = sum[3] = layer->bias[channel + next];
        dot_2x2(row, next * n, columns[0].place, n, sum);
        outputs_of(layer, channel, next, sum);
        if (low > -128 || high < 127) {
            sum[0] = east_clamp_to(sum[0], low, high);
            sum[1] = east_clamp_to(sum[1], low, high);
            sum[2] = east_clamp_to(sum[2], low, high);
            sum[3] = east_clamp_to(sum[3], low, high);
        }
        output[second + next] = (int8_t)sum[3];
        output[second] = (int8_t)sum[1];
        output[next] = (int8_t)sum[2];
        output[0] = (int8_t)sum[0];
        row += 2U * n;
        output += 2;
        channel += 2U;
    }
}
