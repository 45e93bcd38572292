// sqtail trace slice: the requests of a recording that are all of what is asked for.
#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_filter.h"
#include "cli/trace/trace_words.h"
#include "trace/filter/slice.h"

struct slice_command {
    struct trace_reading_options reading;
    struct trace_writing_options writing;
    const char *from_time, *to_time, *kind, *cpu, *from_offset, *to_offset;
    uint64_t skip, count;
    bool keep_times;
};

#define AT(member) offsetof(struct slice_command, member)

static const struct option_row rows[] = {
    {"from-time", 0, OPTION_TEXT, AT(from_time), "TIME",
     "Requests from TIME on, such as 1.5s, from which times then count."},
    {"to-time", 0, OPTION_TEXT, AT(to_time), "TIME", "Requests before TIME."},
    {"keep-times", 0, OPTION_FLAG, AT(keep_times), NULL, "Times stay what they were."},
    {"kind", 'k', OPTION_TEXT, AT(kind), "READ,WRITE,...",
     "Of these kinds: read, write, write_fua, flush, trim, write_zeroes."},
    {"cpu", 0, OPTION_TEXT, AT(cpu), "N,N-M,...", "Issued by these CPUs."},
    {"from-offset", 0, OPTION_TEXT, AT(from_offset), "BYTES",
     "Those that begin at BYTES or later, such as 1GiB, and flushes, which are of no place."},
    {"to-offset", 0, OPTION_TEXT, AT(to_offset), "BYTES", "Those that begin before BYTES, and flushes."},
    {"skip", 0, OPTION_COUNT, AT(skip), "N", "Of all those, N are left out from the front."},
    {"count", 'n', OPTION_COUNT, AT(count), "N", "And then at most N are taken."},
    TRACE_WRITING_ROWS(struct slice_command)
    TRACE_READING_ROWS(struct slice_command)
};

static int check(struct diag *diag, const struct slice_command *command, const struct slice_options *slice)
{
    const struct place place = {.file = "sqtail"};
    if (command->to_time != NULL && slice->to_ns <= slice->from_ns)
        return diag_error(diag, place, "--to-time must be later than --from-time");
    if (command->to_offset != NULL && slice->to_offset <= slice->from_offset)
        return diag_error(diag, place, "--to-offset must be beyond --from-offset");
    return 0;
}

static struct request_source *filter(struct diag *diag, struct request_source *const *inputs, uint32_t count,
                                     const void *options)
{
    const struct slice_command *command = options;
    struct slice_options slice = {.keep_times = command->keep_times, .skip = command->skip, .count = command->count};
    int failed = trace_word_time(diag, "--from-time", command->from_time, &slice.from_ns);
    (void)count;
    failed |= trace_word_time(diag, "--to-time", command->to_time, &slice.to_ns);
    failed |= trace_word_bytes(diag, "--from-offset", command->from_offset, &slice.from_offset);
    failed |= trace_word_bytes(diag, "--to-offset", command->to_offset, &slice.to_offset);
    failed |= trace_word_kinds(diag, command->kind, &slice.kinds);
    failed |= trace_word_cpus(diag, command->cpu, &slice);
    return failed != 0 || check(diag, command, &slice) != 0 ? NULL : slice_create(inputs[0], &slice);
}

static int slice(struct diag *diag, const struct invocation *call)
{
    const struct slice_command *command = call->options;
    return trace_filter(diag, call, &(struct trace_filtering){&command->reading, &command->writing, filter});
}

static int run(const struct invocation *call)
{
    return trace_command(call, slice);
}

const struct command command_trace_slice = {
    .name = "trace slice",
    .arguments = "PATH [options]",
    .summary = "A part of it: by time, device, CPU, kind, range of offsets, count.",
    .details = "Times of the part count from --from-time on, so that it can be replayed by itself; with --keep-times "
               "parts merge into what they were cut from.",
    .example = "sqtail trace slice traces/mke2fs --from-time 200ms --to-time 400ms --kind write -o part.csv",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct slice_command),
    .run = run,
};
