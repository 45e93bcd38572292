// A recording's summary for people: what it is, what would be replayed, what would not.
#include <inttypes.h>

#include "spec/blktrace.h"
#include "trace/write/convert.h"

static void print_bytes(uint64_t bytes, FILE *to)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    unsigned unit = 0;
    for (; value >= 1024 && unit < 6; unit++)
        value /= 1024;
    fprintf(to, unit == 0 ? "%.0f %s" : "%.2f %s", value, units[unit]);
}

static void print_kinds(const struct trace_info *info, FILE *to)
{
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        if (info->by_kind[kind] == 0)
            continue;
        fprintf(to, "  %-13s %12" PRIu64 "   ", io_kind_name((enum io_kind)kind), info->by_kind[kind]);
        print_bytes(info->bytes_by_kind[kind], to);
        fputc('\n', to);
    }
}

static void print_count(const char *name, uint64_t count, const char *meaning, FILE *to)
{
    if (count != 0)
        fprintf(to, "%-15s %12" PRIu64 "   %s\n", name, count, meaning);
}

static void print_actions(const struct trace_info *info, FILE *to)
{
    fprintf(to, "%-15s %12" PRIu64 "  ", "events", info->events);
    for (int letter = 1; letter < 256; letter++)
        if (info->events_by_action[letter] != 0)
            fprintf(to, " %c %" PRIu64, letter, info->events_by_action[letter]);
    if (info->events_by_action[0] != 0)
        fprintf(to, " other %" PRIu64, info->events_by_action[0]);
    fputc('\n', to);
}

void trace_print_info(const struct trace_info *info, FILE *to)
{
    fprintf(to, "%-15s %s\n", "recording", info->path);
    fprintf(to, "%-15s %s, %" PRIu64 " file%s\n", "format", info->format, info->files, info->files == 1 ? "" : "s");
    fprintf(to, "%-15s %s\n", "sha256", info->sha256);
    fprintf(to, "%-15s %u,%u\n", "device", info->device >> BLKTRACE_MINOR_BITS,
            info->device & ((1u << BLKTRACE_MINOR_BITS) - 1));
    fprintf(to, "%-15s %12.6f s\n", "duration", (double)info->duration_ns / 1e9);
    fprintf(to, "%-15s %12" PRIu32 "   that issued requests\n", "CPUs", info->cpus);
    print_actions(info, to);
    fprintf(to, "%-15s %12" PRIu64 "   %" PRIu64 " with a recorded latency\n", "requests", info->requests,
            info->completed);
    print_kinds(info, to);
    fprintf(to, "%-15s %12" PRIu64 "   bytes: the drive must be at least this large (", "end", info->end_offset);
    print_bytes(info->end_offset, to);
    fputs(")\n", to);
    print_count("preflushes", info->preflushes, "requests that flush the cache first", to);
    print_count("unanswered", info->unanswered, "requests without a completion after them", to);
    print_count("untrusted", info->untrusted, "recorded latencies that may be another request's", to);
    print_count("unfollowed", info->unfollowed, "discards whose ranges were not recorded", to);
    print_count("passthrough", info->passthrough, "requests of raw commands, not replayed", to);
    print_count("unsupported", info->unsupported, "requests of kinds that are not replayed", to);
    print_count("out of order", info->disordered, "requests behind later ones, put in order", to);
    print_count("too late", info->late, "of them too far behind; taken to be of when they came", to);
    print_count("unaligned", info->unaligned, "requests extended to whole sectors", to);
    print_count("requeued", info->requeued, "issues that the driver gave back", to);
    print_count("other devices", info->other_devices, "requests, not replayed", to);
    print_count("lost", info->lost, "events that the recorder dropped", to);
    print_count("gaps", info->gaps, "sequence numbers without an event: filtered out, or not recorded", to);
    print_count("passed over", info->passed, "lines that are no events, or a record cut off at the end", to);
    print_count("skipped", info->skipped, "malformed records or lines", to);
}
