// sqtail trace merge: several recordings as one.
#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_filter.h"
#include "trace/filter/merge.h"
#include "trace/filter/remap.h"

enum apart { APART_NO, APART_DEVICES, APART_OFFSETS };

struct merge_command {
    struct trace_reading_options reading;
    struct trace_writing_options writing;
    uint32_t apart; // enum apart
};

static const struct option_row rows[] = {
    {"apart", 0, OPTION_CHOICE, offsetof(struct merge_command, apart), "no|devices|offsets",
     "Whether they stay apart: no, places and devices are what they were; devices, each is a device of its own, 0,0, "
     "0,1 and so on; offsets, each lies behind the one before, from a whole MiB on, on device 0,0."},
    TRACE_WRITING_ROWS(struct merge_command)
    TRACE_READING_ROWS(struct merge_command)
};

static struct request_source *filter(struct diag *diag, struct request_source *const *inputs, uint32_t count,
                                     const void *options)
{
    const struct merge_command *command = options;
    struct request_source *merged = merge_create(inputs, count, command->apart != APART_NO);
    return command->apart == APART_OFFSETS ? remap_apart_create(merged, diag) : merged;
}

static int merge(struct diag *diag, const struct invocation *call)
{
    const struct merge_command *command = call->options;
    return trace_filter(diag, call, &(struct trace_filtering){&command->reading, &command->writing, filter});
}

static int run(const struct invocation *call)
{
    return trace_command(call, merge);
}

const struct command command_trace_merge = {
    .name = "trace merge",
    .arguments = "PATH PATH... [options]",
    .summary = "Several as one, by time; devices or offsets kept apart.",
    .details = "Times of each count from its own beginning. Of equal times what is of the recording named first comes "
               "first.",
    .example = "sqtail trace merge traces/mke2fs traces/dd-sync --apart offsets -o both.csv",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 2,
    .max_arguments = TRACE_FILTER_INPUTS_MAX,
    .options_bytes = sizeof(struct merge_command),
    .run = run,
};
