// A recording's summary for people: what it is, what would be replayed, what would not.
#include <inttypes.h>
#include <stddef.h>

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

#define COUNT(member, shown, what) {#member, shown, what, offsetof(struct trace_info, member)}
const struct trace_count trace_counts[] = {
    COUNT(preflushes, "preflushes", "requests that flush the cache first"),
    COUNT(unanswered, "unanswered", "requests without a completion after them"),
    COUNT(untrusted, "untrusted", "recorded latencies that may be another request's"),
    COUNT(unfollowed, "unfollowed", "discards whose ranges were not recorded"),
    COUNT(passthrough, "passthrough", "requests of raw commands, not replayed"),
    COUNT(unsupported, "unsupported", "requests of kinds that are not replayed"),
    COUNT(disordered, "out of order", "requests behind later ones, put in order"),
    COUNT(late, "too late", "of them too far behind; taken to be of when they came"),
    COUNT(unaligned, "unaligned", "requests extended to whole sectors"),
    COUNT(requeued, "requeued", "issues that the driver gave back"),
    COUNT(other_devices, "other devices", "requests, not replayed"),
    COUNT(lost, "lost", "events that the recorder dropped"),
    COUNT(gaps, "gaps", "sequence numbers without an event: filtered out, or not recorded"),
    COUNT(passed, "passed over", "lines that are no events, or a record cut off at the end"),
    COUNT(skipped, "skipped", "malformed records or lines"),
    {NULL, NULL, NULL, 0},
};

uint64_t trace_count_of(const struct trace_info *info, const struct trace_count *count)
{
    return *(const uint64_t *)((const char *)info + count->offset);
}

static void print_count(const struct trace_count *count, uint64_t value, FILE *to)
{
    if (value != 0)
        fprintf(to, "%-15s %12" PRIu64 "   %s\n", count->shown, value, count->meaning);
}

enum { DEVICES_SHOWN = 16 };

static void print_devices(const struct trace_info *info, FILE *to)
{
    for (uint64_t i = 0; info->device_count > 1 && i < info->device_count && i < DEVICES_SHOWN; i++) {
        const struct trace_device *device = &info->devices[i];
        char name[32];
        snprintf(name, sizeof name, "%u,%u", device->number >> BLKTRACE_MINOR_BITS,
                 device->number & ((1u << BLKTRACE_MINOR_BITS) - 1));
        fprintf(to, "%-15s %12" PRIu64 "   requests, ", i == 0 ? "devices" : "", device->requests);
        print_bytes(device->bytes, to);
        fprintf(to, ", to %s\n", name);
    }
    if (info->device_count > DEVICES_SHOWN)
        fprintf(to, "%-15s %12" PRIu64 "   further devices\n", "", info->device_count - DEVICES_SHOWN);
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
    if (info->every_device)
        fprintf(to, "%-15s all\n", "device");
    else
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
    for (const struct trace_count *count = trace_counts; count->name != NULL; count++)
        print_count(count, trace_count_of(info, count), to);
    print_devices(info, to);
}
