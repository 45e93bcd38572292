// Fuzzing the trace readers: whatever the bytes, reading ends, stays within memory and keeps its promises.
//
// Linked with libFuzzer (--enable-fuzzers), or with replay.c, which feeds the kept corpus and mutations of it.
#include <stdlib.h>

#include "profile/profile.h"
#include "trace/filter/remap.h"
#include "trace/filter/repeat.h"
#include "trace/filter/slice.h"
#include "trace/write/convert.h"
#include "trace/format.h"
#include "trace/trace_event.h"
#include "trace/trace_internal.h"
#include "util/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_range(const struct trace_info *info, uint64_t offset, uint64_t bytes)
{
    CHECK(offset + bytes >= offset, "range wraps");
    CHECK(offset + bytes <= info->end_offset, "beyond the end");
}

static void check_request(const struct trace_info *info, const struct trace_request *request)
{
    uint64_t sum = 0;
    for (uint32_t range = 0; range < request->range_count; range++) {
        check_range(info, request->ranges[range].offset, request->ranges[range].bytes);
        sum += request->ranges[range].bytes;
    }
    if (request->range_count == 0)
        check_range(info, request->offset, request->bytes);
    else
        CHECK(sum == request->bytes, "ranges do not add up");
}

// Read twice, it must be the same.
static void check_requests(struct trace *trace)
{
    const struct trace_info *info = trace_get_info(trace);
    uint64_t by_kind = 0, count = 0, last = 0, places = 0;
    struct trace_request request;
    CHECK(info->requests > 0, "an empty trace was opened");
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        by_kind += info->by_kind[kind];
    CHECK(by_kind == info->requests, "kinds do not add up");
    for (; trace_next(trace, &request); count++) {
        check_request(info, &request);
        CHECK(request.time_ns >= last, "out of order");
        last = request.time_ns;
        places += request.offset + request.latency_ns;
    }
    CHECK(count == info->requests && !trace_failed(trace), "other requests than were counted");
    for (trace_rewind(trace); trace_next(trace, &request); count--)
        places -= request.offset + request.latency_ns;
    CHECK(count == 0 && places == 0, "read again it is another");
}

static void open_window(const uint8_t *bytes, size_t size, char action, uint64_t skip_bad, const char *format,
                        uint64_t window)
{
    struct diag *diag = diag_create();
    struct trace_options options = {.action = action, .skip_bad = skip_bad, .format = format, .window = window};
    struct trace *trace = trace_open_memory(diag, "fuzz", bytes, size, &options);
    CHECK((trace == NULL) == (diag_error_count(diag) > 0), "errors and outcome disagree");
    if (trace != NULL)
        check_requests(trace);
    trace_close(trace);
    diag_destroy(diag);
}

// ---- what is made of requests ------------------------------------------------------------------------------------

enum { FITTED_BYTES = 1 << 20 };

static void check_fitted(struct request_source *source)
{
    struct trace_request request;
    uint64_t last = 0;
    for (; request_source_next(source, &request); last = request.time_ns) {
        CHECK(request.time_ns >= last, "filters put it out of order");
        for (uint32_t i = 0; i < request.range_count; i++)
            CHECK(request.ranges[i].offset + request.ranges[i].bytes <= FITTED_BYTES, "a range beyond what it was fitted to");
        CHECK(request.range_count != 0 || request.offset + request.bytes <= FITTED_BYTES, "beyond what it was fitted to");
    }
}

static void write_source(struct request_source *source)
{
    for (size_t i = 0; trace_writers[i] != NULL; i++) {
        struct diag *diag = diag_create();
        char *text = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&text, &size);
        request_source_rewind(source);
        trace_write(diag, source, "fuzz", trace_writers[i]->name, to);
        fclose(to);
        free(text);
        diag_destroy(diag);
    }
}

static void make_others(const uint8_t *bytes, size_t size)
{
    struct diag *diag = diag_create();
    struct trace_options options = {.skip_bad = UINT64_MAX, .device = "all"};
    struct trace *trace = trace_open_memory(diag, "fuzz", bytes, size, &options);
    for (int way = 0; trace != NULL && way < REMAP_WAY_COUNT; way++) {
        trace_rewind(trace);
        struct request_source *source =
            slice_create(trace_as_source(trace), &(struct slice_options){.kinds = ~(1u << IO_FLUSH), .skip = (uint64_t)way});
        source = remap_fit_create(remap_apart_create(source, diag), (enum remap_way)way, FITTED_BYTES);
        source = repeat_create(source, 2, 1, diag);
        if (source == NULL)
            continue;
        check_fitted(source);
        write_source(source);
        request_source_destroy(source);
    }
    if (trace != NULL) {
        trace_rewind(trace);
        profile_destroy(profile_of(trace_as_source(trace)));
    }
    trace_close(trace);
    diag_destroy(diag);
}

static void write_events(const uint8_t *bytes, size_t size, const struct trace_writer_ops *writer, FILE *to)
{
    struct diag *diag = diag_create();
    struct trace_event event;
    struct trace_events *events = trace_events_open_memory(diag, "fuzz", bytes, size, UINT64_MAX, NULL);
    void *state = writer->begin == NULL ? NULL : writer->begin(to);
    while (events != NULL && trace_next_event(events, &event) > 0) {
        trace_events_name_process(events, &event);
        writer->event(state, &event, to);
    }
    if (writer->end != NULL)
        writer->end(state);
    trace_events_close(events);
    diag_destroy(diag);
}

static void open_requests(const uint8_t *bytes, size_t size, char action, uint64_t skip_bad, const char *format)
{
    open_window(bytes, size, action, skip_bad, format, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    for (uint64_t window = 1; window < 4; window++) {
        open_window(bytes, size, 'D', UINT64_MAX, NULL, window);
        open_window(bytes, size, 'Q', UINT64_MAX, NULL, window);
    }
    open_requests(bytes, size, 'D', 0, NULL);
    open_requests(bytes, size, 'D', UINT64_MAX, NULL);
    open_requests(bytes, size, 'Q', UINT64_MAX, NULL);
    for (size_t i = 0; trace_formats[i] != NULL; i++)
        if (trace_formats[i]->columns != NULL)
            open_requests(bytes, size, 'D', UINT64_MAX, trace_formats[i]->name);
    open_requests(bytes, size, 'D', UINT64_MAX,
                  "columns: time=1:ps offset=-1:4KiB bytes=2 op=3 cpu=4 more=5 other=count");
    open_requests(bytes, size, 'Q', UINT64_MAX, "blkparse: %T.%t,%a,%d,%S,%n,%-8C|%p %e\\nX,%T.%t %d %S %N [%C] %U");
    open_requests(bytes, size, 'D', UINT64_MAX, "ftrace");
    make_others(bytes, size);
    for (size_t i = 0; trace_writers[i] != NULL; i++) {
        char *text = NULL;
        size_t written = 0;
        if (trace_writers[i]->event == NULL)
            continue;
        FILE *to = open_memstream(&text, &written);
        write_events(bytes, size, trace_writers[i], to);
        fclose(to);
        free(text);
    }
    return 0;
}
