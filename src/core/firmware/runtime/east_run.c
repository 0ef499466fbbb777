/*
 * east_run.c - walks the network's steps: fetches each tile of weights just before it is used and calls the kernels.
 */
#include "east_blob.h"
#include "east_kernels.h"

#include <string.h>

/* A layer with weights, tile by tile. */
static enum east_status run_tiles(struct east_task *task, struct east_blob_reader *reader, east_kernel kernel)
{
    const struct east_weights *const layer = task->layer;
    const uint32_t place = layer->decode & ~EAST_KEEPS_PACKED;
    int8_t *const buffer = place == EAST_NO_BUFFER ? NULL : task->arena + place;
    const uint32_t keeps = layer->decode & EAST_KEEPS_PACKED;
    uint32_t first;

    for (first = 0; first < layer->channels; first += layer->tile_channels) {
        const uint32_t rest = layer->channels - first;
        const struct east_packing *packing = layer->packing;
        size_t bytes;
        task->first_channel = first;
        task->channels = rest < layer->tile_channels ? rest : layer->tile_channels;
        bytes = (size_t)task->channels * layer->channel_weights;
        if (keeps != 0U) {
            bytes = east_packed_bytes(packing, bytes);
            packing = NULL;
        }
        task->weights = east_blob_next(reader, packing, buffer, bytes);
        if (task->weights == NULL) {
            return EAST_BAD_WEIGHTS;
        }
        kernel(task);
    }
    return EAST_OK;
}

enum east_status east_run(const struct east_model *model, const int8_t *input, int8_t *output)
{
    struct east_blob_reader reader;
    struct east_task task;
    enum east_status status;
    uint32_t i;

    if (input == NULL || output == NULL) {
        return EAST_BAD_ARGUMENT;
    }
    status = east_blob_open(&reader, model->blob, model->blob_bytes, model->tile_count);
    task.arena = model->arena;
    /* memmove, here and below: the caller's buffers may lie anywhere, in the arena too. */
    if (status == EAST_OK && input != task.arena + model->input) {
        memmove(task.arena + model->input, input, model->input_bytes);
    }
    for (i = 0; i < model->step_count && status == EAST_OK; i++) {
        const struct east_step *const step = &model->steps[i];
        task.params = step->params;
        task.layer = step->layer;
        task.input = task.arena + step->input;
        task.output = task.arena + step->output;
        if (step->layer != NULL) {
            status = run_tiles(&task, &reader, step->kernel);
        } else {
            step->kernel(&task);
        }
    }
    if (status == EAST_OK) {
        memmove(output, task.arena + model->output, model->output_bytes);
    }
    return status;
}

enum east_status east_check_blob(const struct east_model *model)
{
    return east_crc32(model->blob, model->blob_bytes) == model->blob_crc32 ? EAST_OK : EAST_BAD_WEIGHTS;
}
