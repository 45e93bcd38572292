// What a run's block layer did, as blktrace records it: Linux kernel/trace/blktrace.c (blk_add_trace_rq, blk_add_trace_bio,
// blk_add_trace_plug) says which event has which categories. Its records are of version 7, in which write-zeroes are
// writes, as the kernel's are.
//
// A process of a replayed recording keeps its number, of further recordings beside it with 2^23 a recording on top; a CPU that submits a job is process 1000 and up, a worker is beyond
// what Linux gives, and completions are the idle task's.
#include "cli/session/run_block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/whole_file.h"
#include "host/block/block.h"
#include "trace/trace_event.h"
#include "trace/write/convert.h"
#include "util/alloc.h"

#define OPTION(name) ((struct place){.file = name})

enum { CPU_PIDS = 1000, WORKER_PIDS = 1 << 22, NAME_BYTES = 32 };
static const uint32_t drive_number = 259u << BLKTRACE_MINOR_BITS; // block-ext, as nvme0n1 has it

struct run_block {
    struct block_options options;
    struct session_watch watch;
    struct machine *machine;
    const struct trace_writer_ops *writer;
    void *writing;
    FILE *trace;
    uint32_t *sequence; // by CPU
    const char *reason; // why an event could not be written
};

// --- events --------------------------------------------------------------------------------------------------------

// READ, WRITE, and DISCARD beside WRITE, as op_is_write has it.
static uint64_t kind_categories(const struct block_event *event)
{
    static const uint64_t kinds[IO_KIND_COUNT] = {
        [IO_READ] = 0x1, [IO_WRITE] = 0x2, [IO_FLUSH] = 0x2, [IO_TRIM] = 0x2 | 0x2000, [IO_WRITE_ZEROES] = 0x2};
    if (!event->has_kind)
        return BLKTRACE_IS_READ;
    if (event->by_machine)
        return BLKTRACE_IS_READ | BLKTRACE_IS_FLUSH;
    return kinds[event->kind] << BLKTRACE_CATEGORY_SHIFT | (event->preflush ? BLKTRACE_IS_FLUSH : 0) | (event->fua ? BLKTRACE_IS_FUA : 0) |
           ((event->how & IO_SYNC) != 0 ? BLKTRACE_IS_SYNC : 0) |
           ((event->how & IO_META) != 0 ? BLKTRACE_IS_META : 0) |
           ((event->how & IO_AHEAD) != 0 ? BLKTRACE_IS_AHEAD : 0);
}

static uint64_t action_category(enum blktrace_action action)
{
    if (action == BLKTRACE_ISSUE)
        return BLKTRACE_IS_ISSUED;
    if (action == BLKTRACE_COMPLETE)
        return BLKTRACE_IS_COMPLETED;
    return action == BLKTRACE_SPLIT ? 0 : BLKTRACE_IS_QUEUED;
}

static uint32_t pid_of(const struct block_event *event)
{
    if (event->action == BLKTRACE_COMPLETE)
        return 0;
    if (event->by_worker)
        return WORKER_PIDS + event->cpu;
    return event->task < BLOCK_TASK_CPUS ? event->task : CPU_PIDS + (event->task - BLOCK_TASK_CPUS);
}

static void name_process(const struct block_event *event, char name[NAME_BYTES])
{
    if (event->by_worker)
        snprintf(name, NAME_BYTES, "kworker/%u:1H", event->cpu);
    else
        strcpy(name, event->task < BLOCK_TASK_CPUS ? "recorded" : "sqtail");
}

static void write_event(void *context, tick_t time, const struct block_event *event)
{
    struct run_block *run = context;
    char name[NAME_BYTES];
    bool unplugs = event->action == BLKTRACE_UNPLUG_IO || event->action == BLKTRACE_UNPLUG_TIMER;
    struct trace_event record = {
        .time_ns = time / TICKS_PER_NS,
        .sector = event->offset / BLKTRACE_SECTOR_BYTES,
        .bytes = MIN(event->bytes, (uint64_t)UINT32_MAX / BLKTRACE_SECTOR_BYTES * BLKTRACE_SECTOR_BYTES),
        .action = event->action | action_category(event->action) | kind_categories(event),
        .value = unplugs ? event->value : event->value / BLKTRACE_SECTOR_BYTES,
        .device = drive_number,
        .sequence = ++run->sequence[event->cpu],
        .pid = pid_of(event),
        .cpu = event->cpu,
        .error = event->failed ? EIO : 0,
    };
    if (record.pid != 0) {
        name_process(event, name);
        record.process = name;
        record.process_length = (uint32_t)strlen(name);
    }
    const char *reason = run->writer->event(run->writing, &record, run->trace);
    run->reason = reason != NULL ? reason : run->reason;
}

// --- files ---------------------------------------------------------------------------------------------------------

static const struct trace_writer_ops *blktrace_writer(void)
{
    size_t i = 0;
    while (strcmp(trace_writers[i]->name, "blktrace") != 0)
        i++;
    return trace_writers[i];
}

static int begin_trace(struct run_block *run, uint32_t cpus, struct diag *diag)
{
    run->trace = whole_file_open(run->options.trace);
    if (run->trace == NULL)
        return diag_error(diag, OPTION(run->options.trace), "cannot be written: %s", strerror(errno));
    run->sequence = xcalloc(cpus, sizeof *run->sequence);
    run->writer = blktrace_writer();
    run->writing = run->writer->begin(run->trace);
    host_on_block_event(machine_host(run->machine), write_event, run);
    return 0;
}

static int attach(void *self, struct machine *machine, const struct machine_config *config, struct diag *diag)
{
    struct run_block *run = self;
    const char *option = run->options.trace != NULL ? "--block-trace" : "--block-state";
    run->machine = machine;
    if (!config->host.block_layer)
        return diag_error(diag, OPTION(option), "there is no block layer: give --set host.block_layer=true, too");
    return run->options.trace == NULL ? 0 : begin_trace(run, config->host.cpus, diag);
}

static int close_file(FILE *file, const char *path, struct diag *diag)
{
    if (whole_file_close(file, path) == 0)
        return 0;
    return diag_error(diag, OPTION(path), "cannot be written: %s", strerror(errno));
}

static int end_trace(struct run_block *run, struct diag *diag)
{
    FILE *file = run->trace;
    run->trace = NULL;
    if (run->reason != NULL)
        diag_warning(diag, OPTION(run->options.trace), "not all that happened is in it: %s", run->reason);
    return close_file(file, run->options.trace, diag);
}

static int write_state(struct run_block *run, struct diag *diag)
{
    FILE *file = whole_file_open(run->options.state);
    if (file != NULL)
        host_print_block(machine_host(run->machine), file);
    return close_file(file, run->options.state, diag);
}

static int ended(void *self, bool complete, struct diag *diag)
{
    struct run_block *run = self;
    int failed = 0;
    (void)complete;
    if (run->options.trace != NULL)
        failed |= end_trace(run, diag);
    if (run->options.state != NULL)
        failed |= write_state(run, diag);
    return failed;
}

// --- the run -------------------------------------------------------------------------------------------------------

struct run_block *run_block_begin(const struct block_options *options, struct session_options *session)
{
    if (options->trace == NULL && options->state == NULL)
        return NULL;
    struct run_block *run = xcalloc(1, sizeof *run);
    run->options = *options;
    run->watch = (struct session_watch){.self = run, .attach = attach, .ended = ended, .next = session->watch};
    session->watch = &run->watch;
    return run;
}

static void drop_unfinished(struct run_block *run)
{
    if (run->trace == NULL)
        return;
    char *unfinished = xformat("%s.new", run->options.trace);
    fclose(run->trace);
    unlink(unfinished);
    free(unfinished);
}

void run_block_end(struct run_block *run)
{
    if (run == NULL)
        return;
    drop_unfinished(run);
    if (run->writing != NULL)
        run->writer->end(run->writing);
    free(run->sequence);
    free(run);
}
