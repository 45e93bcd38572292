// Writer csv: the requests that would be replayed, one a line, under a line of column names:
//
//     time_ns     since the recording's first event
//     cpu         that issued the request
//     kind        read, write, flush, trim, write_zeroes
//     offset      bytes
//     bytes       0 for a flush
//     fua         1 where the data must be on the medium before completion
//     latency_ns  recorded, issue to completion; empty where unknown
//     more        1 where the next line is of the same request
//     device      MAJOR:MINOR
//     pid         of the process that issued the request; 0 where it is not known
//
// A preflush is a line of its own before the transfer that waits for it, and a trim of several ranges a line for each;
// the latency stands on the last of them, which ends the request; `more` says which lines are one.
#include <inttypes.h>

#include "spec/blktrace.h"
#include "trace/write/convert.h"

static void *begin(FILE *to)
{
    fputs("time_ns,cpu,kind,offset,bytes,fua,latency_ns,more,device,pid\n", to);
    return NULL;
}

static void write_line(const struct trace_request *request, const char *kind, struct io_range range, bool last,
                       FILE *to)
{
    fprintf(to, "%" PRIu64 ",%" PRIu32 ",%s,%" PRIu64 ",%" PRIu64 ",%d,", request->time_ns, request->cpu, kind,
            range.offset, range.bytes, last && request->fua);
    if (last && request->latency_ns != TRACE_LATENCY_UNKNOWN)
        fprintf(to, "%" PRIu64, request->latency_ns);
    fprintf(to, ",%d,%u:%u,%" PRIu32 "\n", !last, request->device >> BLKTRACE_MINOR_BITS,
            request->device & ((1u << BLKTRACE_MINOR_BITS) - 1), request->pid);
}

static void write_request(void *state, const struct trace_request *request, FILE *to)
{
    const char *kind = io_kind_name(request->kind);
    (void)state;
    if (request->preflush)
        write_line(request, io_kind_name(IO_FLUSH), (struct io_range){0, 0}, false, to);
    for (uint32_t i = 0; i < request->range_count; i++)
        write_line(request, kind, request->ranges[i], i + 1 == request->range_count, to);
    if (request->range_count == 0)
        write_line(request, kind, (struct io_range){request->offset, request->bytes}, true, to);
}

extern const struct trace_writer_ops trace_writer_csv;
const struct trace_writer_ops trace_writer_csv = {
    .name = "csv",
    .help = "the requests to replay: time_ns,cpu,kind,offset,bytes,fua,latency_ns,more,device,pid",
    .begin = begin,
    .request = write_request,
};
