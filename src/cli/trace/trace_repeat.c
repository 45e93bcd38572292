// sqtail trace repeat: a recording several times over.
#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_filter.h"
#include "cli/trace/trace_words.h"
#include "trace/filter/repeat.h"

struct repeat_command {
    struct trace_reading_options reading;
    struct trace_writing_options writing;
    uint64_t times;
    const char *gap;
};

static const struct option_row rows[] = {
    {"times", 'n', OPTION_COUNT, offsetof(struct repeat_command, times), "N", "How often (default 2)."},
    {"gap", 0, OPTION_TEXT, offsetof(struct repeat_command, gap), "TIME",
     "Between the end of one, its last request complete, and the next (default 0)."},
    TRACE_WRITING_ROWS(struct repeat_command)
    TRACE_READING_ROWS(struct repeat_command)
};

static struct request_source *filter(struct diag *diag, struct request_source *const *inputs, uint32_t count,
                                     const void *options)
{
    const struct repeat_command *command = options;
    uint64_t gap_ns = 0;
    (void)count;
    if (trace_word_time(diag, "--gap", command->gap, &gap_ns) != 0)
        return NULL;
    return repeat_create(inputs[0], command->times == 0 ? 2 : command->times, gap_ns, diag);
}

static int repeat(struct diag *diag, const struct invocation *call)
{
    const struct repeat_command *command = call->options;
    return trace_filter(diag, call, &(struct trace_filtering){&command->reading, &command->writing, filter});
}

static int run(const struct invocation *call)
{
    return trace_command(call, repeat);
}

const struct command command_trace_repeat = {
    .name = "trace repeat",
    .arguments = "PATH [options]",
    .summary = "Several times over, one after the other.",
    .example = "sqtail trace repeat traces/mke2fs --times 10 --gap 1s -o ten.csv",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct repeat_command),
    .run = run,
};
