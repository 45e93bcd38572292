// What a format has no place for, of what requests need.
#include "trace/write/writers.h"

static bool needs_latency(const struct trace_request *request)
{
    return request->latency_ns != TRACE_LATENCY_UNKNOWN;
}

static bool needs_fua(const struct trace_request *request)
{
    return request->fua;
}

static bool needs_zeroes(const struct trace_request *request)
{
    return request->kind == IO_WRITE_ZEROES;
}

static bool needs_nanoseconds(const struct trace_request *request)
{
    return request->time_ns % 1000 != 0;
}

static bool needs_ranges(const struct trace_request *request)
{
    return request->range_count > 1;
}

// Needed by none that is alone: trace_losses_count() looks beside it.
static bool needs_device(const struct trace_request *request)
{
    (void)request;
    return false;
}

static bool (*const needs[LOSS_COUNT])(const struct trace_request *) = {
    [LOSS_LATENCY] = needs_latency,         [LOSS_FUA] = needs_fua,       [LOSS_ZEROES] = needs_zeroes,
    [LOSS_NANOSECONDS] = needs_nanoseconds, [LOSS_RANGES] = needs_ranges,
    [LOSS_DEVICES] = needs_device,
};

void trace_losses_count(struct trace_losses *losses, const struct trace_writer_ops *writer,
                        const struct trace_request *request)
{
    losses->device = losses->begun ? losses->device : request->device;
    losses->begun = true;
    for (size_t i = 0; i < LOSS_COUNT; i++)
        losses->counts[i] += (writer->loses >> i & 1) != 0 && needs[i](request);
    losses->counts[LOSS_DEVICES] += (writer->loses >> LOSS_DEVICES & 1) != 0 && request->device != losses->device;
}

void trace_losses_tell(const struct trace_losses *losses, const struct trace_writer_ops *writer, struct diag *diag,
                       const char *path)
{
    static const char *const names[] = {
#define NAME(id, name) name,
        TRACE_LOSS_LIST(NAME)
#undef NAME
    };
    for (size_t i = 0; i < LOSS_COUNT; i++)
        if (losses->counts[i] != 0)
            diag_warning(diag, (struct place){.file = path}, "%s has no place for %s: %llu request%s", writer->name,
                         names[i], (unsigned long long)losses->counts[i], losses->counts[i] == 1 ? "" : "s");
}
