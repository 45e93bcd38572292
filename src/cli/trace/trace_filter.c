// Commands of `sqtail trace` that make a recording of others.
#include "cli/trace/trace_filter.h"

#include "cli/trace/trace_output.h"
#include "trace/write/convert.h"

struct run {
    const struct invocation *call;
    const struct trace_filtering *filtering;
    struct trace *traces[TRACE_FILTER_INPUTS_MAX];
    struct request_source *source; // what is written
};

static int open_all(struct run *run, struct diag *diag)
{
    struct trace_options how = trace_reading_of(run->filtering->reading);
    int failed = 0;
    for (size_t i = 0; i < run->call->count; i++) {
        run->traces[i] = trace_open(diag, options_input_path(run->call->arguments[i]), &how);
        failed |= run->traces[i] == NULL ? -1 : 0;
    }
    return failed;
}

static int make_source(struct run *run, struct diag *diag)
{
    struct request_source *inputs[TRACE_FILTER_INPUTS_MAX];
    for (size_t i = 0; i < run->call->count; i++)
        inputs[i] = trace_as_source(run->traces[i]);
    run->source = run->filtering->filter(diag, inputs, (uint32_t)run->call->count, run->call->options);
    return run->source == NULL ? -1 : 0;
}

static int write_source(void *context, struct diag *diag, FILE *to)
{
    struct run *run = context;
    const char *format = run->filtering->writing->format, *name = options_input_path(run->call->arguments[0]);
    return trace_write(diag, run->source, name, format == NULL ? "csv" : format, to);
}

int trace_filter(struct diag *diag, const struct invocation *call, const struct trace_filtering *filtering)
{
    struct run run = {.call = call, .filtering = filtering};
    int failed = open_all(&run, diag);
    if (failed == 0)
        failed = make_source(&run, diag);
    if (failed == 0)
        failed = trace_output_write(filtering->writing->output, write_source, &run, diag);
    request_source_destroy(run.source);
    for (size_t i = 0; i < call->count; i++)
        trace_close(run.traces[i]);
    return failed;
}
