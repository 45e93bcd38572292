// sqtail trace remap: the same requests in other places.
#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_filter.h"
#include "cli/trace/trace_words.h"
#include "trace/filter/remap.h"

struct remap_command {
    struct trace_reading_options reading;
    struct trace_writing_options writing;
    const char *fits[REMAP_WAY_COUNT];
    struct option_texts shifts;
    bool apart;
};

#define AT(member) offsetof(struct remap_command, member)

static const struct option_row rows[] = {
#define WAY_ROW(id, name, help) {name, 0, OPTION_TEXT, AT(fits[REMAP_##id]), "BYTES", "Into so many bytes: " help},
    REMAP_WAY_LIST(WAY_ROW)
#undef WAY_ROW
    {"shift", 0, OPTION_TEXTS, AT(shifts), "BYTES",
     "Moved by BYTES, such as 1GiB or -1GiB; MAJOR,MINOR=BYTES: of that device alone. May be repeated. Comes first."},
    {"apart", 0, OPTION_FLAG, AT(apart), NULL,
     "Of a recording of several devices (--device all): one behind the other, from whole MiB on, as device 0,0."},
    TRACE_WRITING_ROWS(struct remap_command)
    TRACE_READING_ROWS(struct remap_command)
};

#define COMMAND_LINE ((struct place){.file = "sqtail"})

enum { CHUNK = 4096, SHIFTS_MAX = OPTION_TEXTS_MAX };

// What is done, in this order.
struct plan {
    struct remap_shift shifts[SHIFTS_MAX];
    uint64_t size; // 0: they are not fitted
    enum remap_way way;
};

static int plan_way(struct diag *diag, enum remap_way way, const char *text, struct plan *plan)
{
    static const char *const options[] = {
#define WAY_NAME(id, name, help) "--" name,
        REMAP_WAY_LIST(WAY_NAME)
#undef WAY_NAME
    };
    plan->way = way;
    if (trace_word_bytes(diag, options[way], text, &plan->size) != 0)
        return -1;
    if (plan->size == 0 || plan->size % CHUNK != 0)
        return diag_error(diag, (struct place){.file = options[way]}, "'%s' is no multiple of 4KiB", text);
    return 0;
}

static int plan_fit(struct diag *diag, const struct remap_command *command, struct plan *plan)
{
    int given = 0, failed = 0;
    for (int way = 0; way < REMAP_WAY_COUNT; way++) {
        if (command->fits[way] == NULL)
            continue;
        failed |= plan_way(diag, (enum remap_way)way, command->fits[way], plan);
        given++;
    }
    return given > 1 ? diag_error(diag, COMMAND_LINE, "give one of --wrap, --modulo and --scale") : failed;
}

static int plan_all(struct diag *diag, const struct remap_command *command, struct plan *plan)
{
    int failed = plan_fit(diag, command, plan);
    for (uint32_t i = 0; i < command->shifts.count; i++)
        failed |= trace_word_shift(diag, command->shifts.text[i], &plan->shifts[i]);
    if (failed == 0 && command->shifts.count == 0 && plan->size == 0 && !command->apart)
        failed = diag_error(diag, COMMAND_LINE, "say where to: --wrap, --modulo, --scale, --shift or --apart");
    return failed;
}

static struct request_source *filter(struct diag *diag, struct request_source *const *inputs, uint32_t count,
                                     const void *options)
{
    const struct remap_command *command = options;
    struct request_source *source = inputs[0];
    struct plan plan = {0};
    (void)count;
    if (plan_all(diag, command, &plan) != 0)
        return NULL;
    if (command->shifts.count > 0)
        source = remap_shift_create(source, plan.shifts, command->shifts.count, diag);
    if (command->apart)
        source = remap_apart_create(source, diag);
    if (plan.size != 0)
        source = remap_fit_create(source, plan.way, plan.size);
    return source;
}

static int remap(struct diag *diag, const struct invocation *call)
{
    const struct remap_command *command = call->options;
    return trace_filter(diag, call, &(struct trace_filtering){&command->reading, &command->writing, filter});
}

static int run(const struct invocation *call)
{
    return trace_command(call, remap);
}

const struct command command_trace_remap = {
    .name = "trace remap",
    .arguments = "PATH [options]",
    .summary = "The same in other places: wrapped, modulo, scaled, moved, devices one behind the other.",
    .example = "sqtail trace remap traces/mke2fs --scale 64MiB -o small.csv",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct remap_command),
    .run = run,
};
