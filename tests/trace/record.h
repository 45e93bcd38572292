// Recordings made by hand, for the tests of the trace room.
#ifndef SQTAIL_TESTS_TRACE_RECORD_H
#define SQTAIL_TESTS_TRACE_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "spec/blktrace.h"
#include "trace/trace_internal.h"
#include "util/macros.h"
#include "../util/printed.h"

struct recording {
    uint8_t bytes[1 << 16];
    size_t size;
    int version; // 7 when 0
    bool swap;
};

struct record {
    uint64_t time, sector, action;
    uint32_t sequence, bytes, pid, device, cpu;
    uint16_t error, pdu_length;
    const void *pdu;
};

enum { KIB = 1024 };

#define ACTION(name, categories) ((uint64_t)BLKTRACE_##name | (categories) | BLKTRACE_IS_FS)

static inline void record_put(struct recording *r, size_t offset, uint64_t x, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        r->bytes[r->size + offset + (r->swap ? bytes - 1 - i : i)] = (uint8_t)(x >> 8 * i);
}

// For a little-endian machine `swap` is the other byte order; the tests run on either.
static inline void record_add(struct recording *r, struct record x)
{
    bool v8 = r->version == 8;
    record_put(r, 0, v8 ? BLKTRACE_MAGIC_V8 : BLKTRACE_MAGIC_V7, 4);
    record_put(r, 4, x.sequence, 4);
    record_put(r, 8, x.time, 8);
    record_put(r, 16, x.sector, 8);
    record_put(r, 24, x.bytes, 4);
    record_put(r, v8 ? 32 : 28, x.action, v8 ? 8 : 4);
    record_put(r, v8 ? 28 : 32, x.pid, 4);
    record_put(r, v8 ? 40 : 36, x.device, 4);
    record_put(r, v8 ? 44 : 40, x.cpu, 4);
    record_put(r, v8 ? 48 : 44, x.error, 2);
    record_put(r, v8 ? 50 : 46, x.pdu_length, 2);
    r->size += v8 ? BLKTRACE_V8_SIZE : BLKTRACE_V7_SIZE;
    if (x.pdu_length != 0)
        memcpy(r->bytes + r->size, x.pdu, x.pdu_length);
    r->size += x.pdu_length;
}

static inline struct record record_of(uint64_t time, uint64_t action, uint64_t sector, uint32_t sectors)
{
    return (struct record){.time = time, .action = action, .sector = sector, .bytes = sectors * 512,
                           .device = 259u << 20, .sequence = 1};
}

// The request of that number, for tests that look at a few: read from the front, and kept until KEPT others were.
static inline const struct trace_request *request_at(struct trace *trace, uint64_t index)
{
    enum { KEPT = 32, RANGES = 256 };
    static struct trace_request kept[KEPT];
    static struct io_range ranges[KEPT][RANGES];
    static unsigned next;
    struct trace_request *request = &kept[next % KEPT];
    trace_rewind(trace);
    for (uint64_t i = 0; i <= index; i++)
        if (!trace_next(trace, request))
            return NULL;
    for (uint32_t i = 0; i < request->range_count; i++)
        ranges[next % KEPT][i] = request->ranges[i];
    if (request->range_count != 0)
        request->ranges = ranges[next % KEPT];
    next++;
    return request;
}

static inline struct trace *record_open(const struct recording *r, struct diag *diag, char action, uint64_t skip_bad)
{
    struct trace_options options = {.action = action, .skip_bad = skip_bad};
    return trace_open_memory(diag, "memory", r->bytes, r->size, &options);
}

#endif
