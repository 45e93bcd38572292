// Statistics of a drive's I/O commands by its own stopwatch. Commands of other opcodes than block I/O's are not
// counted.
#include "nvme/stopwatch.h"

#include "nvme/controller.h"
#include "spec/nvme.h"
#include "util/macros.h"

static const struct {
    uint8_t opcode;
    enum io_kind kind;
} kinds[] = {
    {NVME_IO_READ, IO_READ},
    {NVME_IO_WRITE, IO_WRITE},
    {NVME_IO_FLUSH, IO_FLUSH},
    {NVME_IO_DATASET_MANAGEMENT, IO_TRIM},
    {NVME_IO_WRITE_ZEROES, IO_WRITE_ZEROES},
};

static void record(struct nvme_stopwatch *stopwatch, const struct nvme_completed *completed, enum io_kind kind)
{
    bool fua = kind == IO_WRITE && (completed->sqe->cdw12 & NVME_RW_FUA);
    command_stats_record(&stopwatch->stats, io_kind_with_fua(kind, fua), completed->bytes, completed->status != 0,
                         completed->path);
}

static void completed(void *self, const struct nvme_completed *completed)
{
    struct nvme_stopwatch *stopwatch = self;
    for (size_t i = 0; completed->sqid != 0 && i < ARRAY_SIZE(kinds); i++)
        if (kinds[i].opcode == completed->sqe->opcode)
            record(stopwatch, completed, kinds[i].kind);
    if (stopwatch->next.completed != NULL)
        stopwatch->next.completed(stopwatch->next.self, completed);
}

void nvme_stopwatch_start(struct nvme_stopwatch *stopwatch, struct nvme *nvme, tick_t origin)
{
    stopwatch->nvme = nvme;
    stopwatch->next = nvme_get_observer(nvme);
    command_stats_init(&stopwatch->stats);
    command_stats_restart(&stopwatch->stats, origin);
    nvme_observe(nvme, (struct nvme_observer){
        .self = stopwatch, .waits = stopwatch->next.waits, .completed = completed});
}

void nvme_stopwatch_stop(struct nvme_stopwatch *stopwatch)
{
    nvme_observe(stopwatch->nvme, stopwatch->next);
    command_stats_destroy(&stopwatch->stats);
}
