// Writer blkparse: events as blkparse 1.2.0 prints them by default, without its summary.
//
// Left out, as blkparse does: actions that it has no letter for.
#include <inttypes.h>

#include "trace/write/convert.h"
#include "trace/read/rwbs.h"
#include "trace/trace_event.h"

static unsigned major_of(uint32_t device)
{
    return device >> BLKTRACE_MINOR_BITS;
}

static unsigned minor_of(uint32_t device)
{
    return device & ((1u << BLKTRACE_MINOR_BITS) - 1);
}

static void write_process(const struct trace_event *event, FILE *to)
{
    if (event->process == NULL)
        fputs("[(null)]", to); // blkparse prints its lack of a name so
    else
        fprintf(to, "[%.*s]", (int)event->process_length, event->process);
}

static void write_range(const struct trace_event *event, FILE *to)
{
    uint64_t sectors = event->bytes / BLKTRACE_SECTOR_BYTES;
    if (sectors != 0)
        fprintf(to, "%" PRIu64 " + %" PRIu64 " ", event->sector, sectors);
}

// The command of a passthrough request; where only zeroes are left, one is written and then "..".
static void write_payload(const struct trace_event *event, FILE *to)
{
    uint32_t used = event->pdu_length;
    if (used == 0)
        return;
    while (used > 0 && event->pdu[used - 1] == 0)
        used--;
    fputc('(', to);
    for (uint32_t i = 0; i < event->pdu_length; i++) {
        fprintf(to, i == 0 ? "%02x" : " %02x", event->pdu[i]);
        if (i >= used) {
            fputs(" ..", to);
            break;
        }
    }
    fputs(") ", to);
}

static void write_completion(const struct trace_event *event, FILE *to)
{
    if (trace_event_is(event, BLKTRACE_IS_PC))
        write_payload(event, to);
    else if (event->bytes >= BLKTRACE_SECTOR_BYTES)
        write_range(event, to);
    else
        fprintf(to, "%" PRIu64 " ", event->sector);
    fprintf(to, "[%u]", event->error);
}

static void write_issue(const struct trace_event *event, FILE *to)
{
    if (trace_event_is(event, BLKTRACE_IS_PC)) {
        fprintf(to, "%" PRIu64 " ", event->bytes);
        write_payload(event, to);
    } else
        write_range(event, to);
    write_process(event, to);
}

static void write_tail(const struct trace_event *event, FILE *to)
{
    switch (trace_event_action(event)) {
    case BLKTRACE_COMPLETE:
    case BLKTRACE_REQUEUE:
        write_completion(event, to);
        break;
    case BLKTRACE_QUEUE:
    case BLKTRACE_ISSUE:
    case BLKTRACE_INSERT:
    case BLKTRACE_BOUNCE:
        write_issue(event, to);
        break;
    case BLKTRACE_UNPLUG_IO:
    case BLKTRACE_UNPLUG_TIMER:
        write_process(event, to);
        fprintf(to, " %" PRIu64, event->value);
        break;
    case BLKTRACE_SPLIT:
        fprintf(to, "%" PRIu64 " / %" PRIu64 " ", event->sector, event->value);
        write_process(event, to);
        break;
    case BLKTRACE_REMAP:
        fprintf(to, "%" PRIu64 " + %" PRIu64 " <- (%u,%u) %" PRIu64, event->sector,
                event->bytes / BLKTRACE_SECTOR_BYTES, major_of(event->from_device), minor_of(event->from_device),
                event->from_sector);
        break;
    case BLKTRACE_PLUG:
        write_process(event, to);
        break;
    default:
        write_range(event, to);
        write_process(event, to);
    }
}

static void write_head(const struct trace_event *event, const char *name, FILE *to)
{
    char rwbs[RWBS_SIZE] = "N";
    bool message = trace_event_is_message(event); // blkparse prints neither its number nor its process
    if (!message)
        rwbs_print(event, rwbs);
    fprintf(to, "%3u,%-3u %2u %8u %5" PRIu64 ".%09" PRIu64 " %5u %2s %3s ", major_of(event->device),
            minor_of(event->device), event->cpu, message ? 0 : event->sequence, event->time_ns / 1000000000,
            event->time_ns % 1000000000, message ? 0 : event->pid, name, rwbs);
}

static const char *write_event(void *state, const struct trace_event *event, FILE *to)
{
    const char *name = trace_event_name(event);
    (void)state;
    if (name == NULL)
        return NULL;
    write_head(event, name, to);
    if (trace_event_is_message(event))
        fwrite(event->pdu, 1, event->pdu_length, to);
    else
        write_tail(event, to);
    fputc('\n', to);
    return NULL;
}

extern const struct trace_writer_ops trace_writer_blkparse;
const struct trace_writer_ops trace_writer_blkparse = {
    .name = "blkparse",
    .help = "text, as blkparse prints it by default",
    .loses = 1 << LOSS_RANGES,
    .event = write_event,
};
