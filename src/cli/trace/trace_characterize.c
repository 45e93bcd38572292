// sqtail trace characterize: a synthetic job that is like a recording.
#include "characterize/characterize.h"
#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_output.h"
#include "cli/trace/trace_reading.h"
#include "trace/filter/slice.h"

enum { REQUESTS = 200000 };

struct characterize_options {
    struct trace_reading_options reading;
    uint64_t count;
    const char *fio;
    bool json;
};

#define AT(member) offsetof(struct characterize_options, member)

static const struct option_row rows[] = {
    {"count", 'n', OPTION_COUNT, AT(count), "N", "Requests that are looked at, from the front (default 200000)."},
    {"fio", 0, OPTION_TEXT, AT(fio), "FILE", "The job as a file for fio and for sqtail run --fio, too."},
    {"json", 0, OPTION_FLAG, AT(json), NULL, "As JSON (doc/schema/characterize.json)."},
    TRACE_READING_ROWS(struct characterize_options)
};

struct found {
    const struct characterization *of;
    const char *path;
};

static int write_fio(void *context, struct diag *diag, FILE *to)
{
    const struct found *found = context;
    (void)diag;
    characterization_write_fio(found->of, found->path, to);
    return 0;
}

static int show(struct diag *diag, struct found *found, const struct characterize_options *options)
{
    if (options->json)
        characterization_write_json(found->of, found->path, stdout);
    else
        characterization_print(found->of, stdout);
    return options->fio == NULL ? 0 : trace_output_write(options->fio, write_fio, found, diag);
}

static void tell_part(struct diag *diag, const struct trace_info *info, uint64_t count)
{
    if (info->requests > count)
        diag_warning(diag, (struct place){.file = info->path},
                     "the first %llu of %llu requests were looked at; --count N", (unsigned long long)count,
                     (unsigned long long)info->requests);
}

static int characterize_trace(struct diag *diag, struct trace *trace, const struct characterize_options *options)
{
    struct slice_options part = {.count = options->count == 0 ? REQUESTS : options->count};
    struct request_source *source = slice_create(trace_as_source(trace), &part);
    struct characterization c;
    int failed = characterize(&c, source, diag);
    if (failed == 0) {
        tell_part(diag, trace_get_info(trace), part.count);
        failed = show(diag, &(struct found){&c, trace_get_info(trace)->path}, options);
        characterization_free(&c);
    }
    request_source_destroy(source);
    return failed;
}

static int run_with(struct diag *diag, const struct invocation *call)
{
    const struct characterize_options *options = call->options;
    struct trace_options how = trace_reading_of(&options->reading);
    struct trace *trace = trace_open(diag, options_input_path(call->arguments[0]), &how);
    if (trace == NULL)
        return -1;
    int failed = characterize_trace(diag, trace, options);
    trace_close(trace);
    return failed;
}

static int run(const struct invocation *call)
{
    return trace_command(call, run_with);
}

const struct command command_trace_characterize = {
    .name = "trace characterize",
    .arguments = "PATH [options]",
    .summary = "A synthetic job, in fio's words, that is like it, and how like it is.",
    .details = "The job is one that sqtail run --job and fio take. How like it is is measured: the job is played "
               "without a drive, each request as slow as one of its kind was in the recording, and looked at as the "
               "recording was (doc/traces.md).",
    .example = "sqtail trace characterize traces/fio-randrw70-16k-qd16-uring --fio like.fio",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct characterize_options),
    .run = run,
};
