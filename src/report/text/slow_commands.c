// The slowest commands, and what they did all the time, in words.
//
// A command that is slower than the last of those kept takes its place, and the last is looked for only then.
#include "report/text/slow_commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/text/command_columns.h"
#include "report/text/number_text.h"
#include "stats/holding.h"
#include "util/alloc.h"
#include "util/macros.h"

struct kept {
    struct command_record record;
    struct breakdown path;
    tick_t waits[WAIT_COUNT];
};

struct slow_commands {
    struct kept **all;
    uint32_t limit, count;
    uint32_t last;  // of a full list: the one to be replaced next
    tick_t least;   // what it takes to be added
};

struct slow_commands *slow_commands_create(uint32_t limit)
{
    struct slow_commands *slowest = xcalloc(1, sizeof *slowest);
    slowest->limit = limit;
    slowest->all = xcalloc(limit, sizeof *slowest->all);
    return slowest;
}

void slow_commands_destroy(struct slow_commands *slowest)
{
    if (slowest == NULL)
        return;
    for (uint32_t i = 0; i < slowest->count; i++)
        free(slowest->all[i]);
    free(slowest->all);
    free(slowest);
}

// Slower ones first, of equal ones the earlier.
static int compare(const struct kept *a, const struct kept *b)
{
    tick_t x = command_latency(&a->record), y = command_latency(&b->record);
    if (x != y)
        return x < y ? 1 : -1;
    return (a->record.number > b->record.number) - (a->record.number < b->record.number);
}

const tick_t *slow_commands_least(const struct slow_commands *slowest)
{
    return &slowest->least;
}

static void find_last(struct slow_commands *slowest)
{
    slowest->last = 0;
    for (uint32_t i = 1; i < slowest->count; i++)
        if (compare(slowest->all[i], slowest->all[slowest->last]) > 0)
            slowest->last = i;
    slowest->least = command_latency(&slowest->all[slowest->last]->record) + 1;
}

static void copy(struct kept *kept, const struct command_record *record)
{
    kept->record = *record;
    kept->path = *record->path;
    kept->record.path = &kept->path;
    kept->path.waits = kept->waits;
    for (int i = 0; i < WAIT_COUNT; i++)
        kept->waits[i] = wait_of(record->path, i);
}

void slow_commands_add(struct slow_commands *slowest, const struct command_record *record)
{
    bool full = slowest->count == slowest->limit;
    if (command_latency(record) < slowest->least)
        return;
    struct kept *place = full ? slowest->all[slowest->last] : xcalloc(1, sizeof *place);
    copy(place, record);
    if (!full)
        slowest->all[slowest->count++] = place;
    if (slowest->count == slowest->limit)
        find_last(slowest);
}

static int by_latency(const void *a, const void *b)
{
    return compare(*(struct kept *const *)a, *(struct kept *const *)b);
}

uint32_t slow_commands_count(struct slow_commands *slowest)
{
    qsort(slowest->all, slowest->count, sizeof *slowest->all, by_latency);
    slowest->last = slowest->count == 0 ? 0 : slowest->count - 1;
    return slowest->count;
}

const struct command_record *slow_commands_get(struct slow_commands *slowest, uint32_t index)
{
    return &slowest->all[index]->record;
}

void slow_commands_write_csv(struct slow_commands *slowest, FILE *to)
{
    uint32_t count = slow_commands_count(slowest);
    command_write_heading(to);
    for (uint32_t i = 0; i < count; i++)
        command_write_row(slow_commands_get(slowest, i), to);
}

// --- in words ------------------------------------------------------------------------------------------------------

// Where times of stages and of causes end, and what is said of a die begins.
enum { STAGE_COLUMN = 11, CAUSE_COLUMN = 15, FACT_COLUMN = 7 };

static void put_time(tick_t time, FILE *to)
{
    char text[48];
    spaced_time_text((double)time / TICKS_PER_US, text, sizeof text);
    fputs(text, to);
}

static void put_bytes(uint64_t bytes, FILE *to)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
        value /= 1024;
    fprintf(to, "%.4g %s", value, units[unit]);
}

// A line of a stage, or further to the right of a cause; times stand below each other.
static void put_part(int column, tick_t time, const char *name, const char *help, FILE *to)
{
    char text[48];
    spaced_time_text((double)time / TICKS_PER_US, text, sizeof text);
    fprintf(to, "%*s  %s: %s\n", column, text, name, help);
}

// What an operation does that holds a die.
static const char *const works[NAND_HOLDER_COUNT] = {
    [HOLDER_HOST_READ] = "a read",    [HOLDER_READ_AHEAD] = "a read",    [HOLDER_RAID] = "a read",
    [HOLDER_GC_READ] = "a read",      [HOLDER_FOLD_READ] = "a read",     [HOLDER_HOST_WRITE] = "a program",
    [HOLDER_GC_WRITE] = "a program",  [HOLDER_FOLD_WRITE] = "a program", [HOLDER_PARITY] = "a program",
    [HOLDER_ERASE] = "an erase",      [HOLDER_SUSPEND] = "the suspension of an operation",
    [HOLDER_PAUSE] = "a pause",
};

// What the core submits operations for (ftl/inspect.h), in words.
static const char *words_of(const char *begun_by)
{
    static const struct {
        const char *name, *words;
    } rows[] = {
        {"host", "for the host"},
        {"ahead", "to read ahead of a sequential reader"},
        {"collect", "begun by garbage collection"},
        {"fold", "begun by folding of the SLC cache"},
        {"reuse", "begun before its first program"},
        {"parity", "for parity"},
        {"raid", "to reconstruct a page"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (strcmp(rows[i].name, begun_by) == 0)
            return rows[i].words;
    return begun_by;
}

// "waited longest, 3.1 ms, for die 17: an erase of superblock 212 begun by garbage collection, not suspended because"
static void put_fact(const struct breakdown *path, FILE *to)
{
    const struct wait_fact *fact = &path->fact;
    if (fact->length == 0)
        return;
    fprintf(to, "%*swaited longest, ", FACT_COLUMN, "");
    put_time(fact->length, to);
    fprintf(to, ", for die %" PRIu32 ": %s", fact->die, works[fact->holder]);
    if (fact->origin.superblock != UINT32_MAX)
        fprintf(to, " of superblock %" PRIu32, fact->origin.superblock);
    fprintf(to, " %s", words_of(fact->origin.begun_by));
    if (fact->why != UNSUSPENDED_NOT_ASKED)
        fprintf(to, ",\n%*s%s", FACT_COLUMN, "", unsuspended_words[fact->why]);
    fputc('\n', to);
}

static void put_cause(tick_t time, const char *name, const char *help, FILE *to)
{
    if (time > 0)
        put_part(CAUSE_COLUMN, time, name, help, to);
}

static void put_causes(const struct breakdown *path, enum stage stage, FILE *to)
{
    for (unsigned i = wait_ranges[stage].first; i < wait_ranges[stage].end; i++)
        put_cause(wait_of(path, i), wait_rows[i].name, wait_rows[i].help, to);
    put_cause(wait_rest(path, stage), wait_rest_names[stage], wait_rest_help[stage], to);
}

// From the longest stage on, as long as they are at least a hundredth of the latency.
static void put_stages(const struct command_record *record, FILE *to)
{
    const struct breakdown *path = record->path;
    bool told[STAGE_COUNT] = {false};
    for (;;) {
        int longest = -1;
        for (int i = 0; i < STAGE_COUNT; i++)
            if (!told[i] && path->spent[i] > 0 && (longest < 0 || path->spent[i] > path->spent[longest]))
                longest = i;
        if (longest < 0 || path->spent[longest] * 100 < command_latency(record))
            return;
        told[longest] = true;
        put_part(STAGE_COLUMN, path->spent[longest], stage_names[longest], stage_help[longest], to);
        if (wait_rest_names[longest] != NULL)
            put_causes(path, longest, to);
        if (longest == STAGE_DIE_WAIT)
            put_fact(path, to);
    }
}

static void tell(const struct command_record *record, uint32_t place, FILE *to)
{
    fprintf(to, "%" PRIu32 ". %s", place, io_kind_name(record->kind));
    if (record->bytes > 0) {
        fputs(" of ", to);
        put_bytes(record->bytes, to);
        fputs(" at ", to);
        put_bytes(record->offset, to);
    }
    fputs(" took ", to);
    put_time(command_latency(record), to);
    fputs("; it came ", to);
    put_time(record->time, to);
    fprintf(to, " after the start, to queue %" PRIu32 ", as number %" PRIu64 " to be done\n", record->queue,
            record->number);
    put_stages(record, to);
}

void slow_commands_tell(struct slow_commands *slowest, uint32_t count, FILE *to)
{
    uint32_t there = MIN(slow_commands_count(slowest), count);
    if (there > 0)
        fputs("\nThe slowest commands, and what they did all the time\n", to);
    for (uint32_t i = 0; i < there; i++)
        tell(slow_commands_get(slowest, i), i + 1, to);
}
