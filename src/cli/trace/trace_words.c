// Values of the options of `sqtail trace`: times and sizes are those of configurations (config/value.h).
#include "cli/trace/trace_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/value.h"
#include "sim/tick.h"
#include "spec/io.h"
#include "trace/trace.h"
#include "util/alloc.h"

static int take(struct diag *diag, const char *option, const char *text, enum config_type type, uint64_t *value)
{
    struct config_field field = {.key = option, .type = type};
    struct config_problem problem = {0};
    if (config_parse(&field, text, value, &problem))
        return 0;
    return diag_error(diag, (struct place){.file = "sqtail"}, "%s", problem.message);
}

int trace_word_time(struct diag *diag, const char *option, const char *text, uint64_t *ns)
{
    uint64_t ticks;
    if (text == NULL)
        return 0;
    if (take(diag, option, text, CONFIG_TIME, &ticks) != 0)
        return -1;
    *ns = ticks / TICKS_PER_NS;
    return 0;
}

int trace_word_bytes(struct diag *diag, const char *option, const char *text, uint64_t *bytes)
{
    return text == NULL ? 0 : take(diag, option, text, CONFIG_BYTES, bytes);
}

static int find_kind(const char *word)
{
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        if (strcmp(word, io_kind_name((enum io_kind)kind)) == 0)
            return kind;
    return -1;
}

static int unknown_kind(struct diag *diag, const char *word)
{
    const char *names[IO_KIND_COUNT + 1] = {NULL};
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        names[kind] = io_kind_name((enum io_kind)kind);
    const char *nearest = diag_nearest(word, names);
    return diag_error(diag, (struct place){.file = "--kind"}, "there is no kind '%s'%s%s%s", word,
                      nearest == NULL ? ": read, write, write_fua, flush, trim, write_zeroes" : "; did you mean '",
                      nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
}

int trace_word_kinds(struct diag *diag, const char *text, uint32_t *kinds)
{
    char *copy = xstrdup(text == NULL ? "" : text), *rest = copy, *word;
    int failed = 0;
    while (text != NULL && (word = strsep(&rest, ",")) != NULL) {
        int kind = find_kind(word);
        if (kind < 0)
            failed = unknown_kind(diag, word);
        else
            *kinds |= 1u << kind;
    }
    free(copy);
    return failed;
}

static bool read_cpus(const char *word, struct slice_cpus *cpus)
{
    int end = 0;
    if (sscanf(word, "%" SCNu32 "%n-%" SCNu32 "%n", &cpus->first, &end, &cpus->last, &end) == 1)
        cpus->last = cpus->first;
    return end > 0 && word[end] == '\0' && word[0] != '-' && cpus->first <= cpus->last;
}

int trace_word_cpus(struct diag *diag, const char *text, struct slice_options *slice)
{
    const struct place place = {.file = "--cpu"};
    char *copy = xstrdup(text == NULL ? "" : text), *rest = copy, *word;
    int failed = 0;
    while (text != NULL && failed == 0 && (word = strsep(&rest, ",")) != NULL) {
        if (slice->cpu_count == SLICE_CPUS_MAX)
            failed = diag_error(diag, place, "more than %d ranges", SLICE_CPUS_MAX);
        else if (!read_cpus(word, &slice->cpus[slice->cpu_count++]))
            failed = diag_error(diag, place, "'%s' is no CPU and no range of them, such as 0-3", word);
    }
    free(copy);
    return failed;
}

static int take_shift(struct diag *diag, const char *text, struct remap_shift *shift)
{
    const struct place place = {.file = "--shift"};
    uint64_t bytes = 0;
    bool back = *text == '-';
    if (trace_word_bytes(diag, place.file, text + back, &bytes) != 0)
        return -1;
    if (bytes > INT64_MAX)
        return diag_error(diag, place, "%s is more than any drive has", text);
    shift->bytes = back ? -(int64_t)bytes : (int64_t)bytes;
    return 0;
}

int trace_word_shift(struct diag *diag, const char *text, struct remap_shift *shift)
{
    const char *equals = strchr(text, '=');
    *shift = (struct remap_shift){.every = equals == NULL};
    if (equals == NULL)
        return take_shift(diag, text, shift);
    char *device = xformat("%.*s", (int)(equals - text), text);
    int failed = trace_parse_device(diag, device, &shift->device);
    free(device);
    return failed != 0 ? failed : take_shift(diag, equals + 1, shift);
}
