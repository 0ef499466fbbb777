/*
 * east_log_mel.c - logarithms of mel bands; see east_frontend.h.
 */
#include "east_frontend.h"

void east_log_mel(const struct east_frontend *frontend, const int16_t *samples, int32_t *features)
{
    east_log_bands(frontend, samples, 0, east_frame_work(frontend), features);
}
