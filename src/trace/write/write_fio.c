// Writer fio-iolog-3: the requests that would be replayed, as fio's write_iolog has them and its read_iolog replays
// them (HOWTO, "Trace file format v3"; times in microseconds, as iolog.c has them).
//
//     TIME FILE add | open | close
//     TIME FILE read | write | trim OFFSET BYTES
//     TIME FILE sync 0 0
//
// The file is called `recording`, which is no device, so that nobody overwrites one unawares: fio's --replay_redirect
// says where requests go. A preflush is a sync before its write, a trim of several ranges a line for each. What fio
// has no word for is told (trace/write/convert.c): write-zeroes are written as writes.
#include <inttypes.h>
#include <stdlib.h>

#include "trace/write/convert.h"
#include "util/alloc.h"

enum { NS_PER_US = 1000 };

struct fio_writer {
    uint64_t last_us;
};

static const char *const words[IO_KIND_COUNT] = {
    [IO_READ] = "read", [IO_WRITE] = "write", [IO_FLUSH] = "sync", [IO_TRIM] = "trim", [IO_WRITE_ZEROES] = "write",
};

static void write_line(struct fio_writer *writer, const char *word, struct io_range range, FILE *to)
{
    fprintf(to, "%" PRIu64 " recording %s %" PRIu64 " %" PRIu64 "\n", writer->last_us, word, range.offset,
            range.bytes);
}

static void write_request(void *state, const struct trace_request *request, FILE *to)
{
    struct fio_writer *writer = state;
    writer->last_us = request->time_ns / NS_PER_US;
    if (request->preflush)
        write_line(writer, words[IO_FLUSH], (struct io_range){0, 0}, to);
    for (uint32_t i = 0; i < request->range_count; i++)
        write_line(writer, words[request->kind], request->ranges[i], to);
    if (request->range_count == 0)
        write_line(writer, words[request->kind], (struct io_range){request->offset, request->bytes}, to);
}

static void *begin(FILE *to)
{
    fputs("fio version 3 iolog\n0 recording add\n0 recording open\n", to);
    return xcalloc(1, sizeof(struct fio_writer));
}

static void finish(void *state, FILE *to)
{
    const struct fio_writer *writer = state;
    fprintf(to, "%" PRIu64 " recording close\n", writer->last_us);
}

extern const struct trace_writer_ops trace_writer_fio;
const struct trace_writer_ops trace_writer_fio = {
    .name = "fio-iolog-3",
    .help = "the requests to replay, for fio --read_iolog",
    .loses = 1 << LOSS_LATENCY | 1 << LOSS_FUA | 1 << LOSS_ZEROES | 1 << LOSS_NANOSECONDS | 1 << LOSS_RANGES |
             1 << LOSS_DEVICES,
    .begin = begin,
    .request = write_request,
    .finish = finish,
    .end = free,
};
