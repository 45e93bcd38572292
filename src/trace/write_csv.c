// Writer csv: the requests that would be replayed, one a line, under a line of column names:
//
//     time_ns     since the recording's first event
//     cpu         that issued the request
//     kind        read, write, flush, trim, write_zeroes
//     offset      bytes
//     bytes       0 for a flush
//     fua         1 where the data must be on the medium before completion
//     latency_ns  recorded, issue to completion; empty where unknown
#include <inttypes.h>

#include "trace/convert.h"

static void *begin(FILE *to)
{
    fputs("time_ns,cpu,kind,offset,bytes,fua,latency_ns\n", to);
    return NULL;
}

static void write_request(void *state, const struct trace_request *request, FILE *to)
{
    (void)state;
    fprintf(to, "%" PRIu64 ",%" PRIu32 ",%s,%" PRIu64 ",%" PRIu64 ",%d,", request->time_ns, request->cpu,
            io_kind_name(request->kind), request->offset, request->bytes, request->fua);
    if (request->latency_ns != TRACE_LATENCY_UNKNOWN)
        fprintf(to, "%" PRIu64, request->latency_ns);
    fputc('\n', to);
}

extern const struct trace_writer_ops trace_writer_csv;
const struct trace_writer_ops trace_writer_csv = {
    .name = "csv",
    .help = "the requests to replay: time_ns,cpu,kind,offset,bytes,fua,latency_ns",
    .begin = begin,
    .request = write_request,
};
