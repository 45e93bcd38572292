// sqtail trace info: what is in a recording, and what it is like.
#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_reading.h"
#include "profile/profile.h"
#include "report/data/profile_json.h"
#include "report/text/profile_text.h"
#include "trace/write/convert.h"

struct info_options {
    struct trace_reading_options reading;
    bool json, brief;
};

static const struct option_row rows[] = {
    {"json", 0, OPTION_FLAG, offsetof(struct info_options, json), NULL, "As JSON (doc/schema/recording.json)."},
    {"brief", 0, OPTION_FLAG, offsetof(struct info_options, brief), NULL,
     "What is in it alone, for which it is read once, and not three times."},
    TRACE_READING_ROWS(struct info_options)
};

// `profile` is NULL where nobody asked for it.
static void print(const struct trace_info *info, const struct profile *profile, bool json)
{
    if (json) {
        recording_write_json(info, profile, stdout);
        return;
    }
    trace_print_info(info, stdout);
    if (profile != NULL)
        profile_print(profile, stdout);
}

static int info(struct diag *diag, const struct invocation *call)
{
    const struct info_options *options = call->options;
    struct trace_options how = trace_reading_of(&options->reading);
    struct trace *trace = trace_open(diag, options_input_path(call->arguments[0]), &how);
    if (trace == NULL)
        return -1;
    struct profile *profile = options->brief ? NULL : profile_of(trace_as_source(trace));
    bool failed = trace_failed(trace);
    if (!failed)
        print(trace_get_info(trace), profile, options->json);
    profile_destroy(profile);
    trace_close(trace);
    return failed ? -1 : 0;
}

static int run(const struct invocation *call)
{
    return trace_command(call, info);
}

const struct command command_trace_info = {
    .name = "trace info",
    .arguments = "PATH [options]",
    .summary = "What is in it and what it is like: counts, sizes, rates, sequentiality, depth, reuse, latencies.",
    .details = "What is touched, and how soon again, is exact up to 512 MiB of chunks of 4 KiB; of more it is "
               "estimated from a sample of them, which is told.",
    .example = "sqtail trace info traces/mke2fs",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct info_options),
    .run = run,
};
