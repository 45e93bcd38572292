// One list of a command's times, from which all tables of commands are made.
#include "report/text/command_columns.h"

#include <inttypes.h>

const char *const command_first_columns[] = {"number", "time_us", "queue", "kind", "offset", "bytes", NULL};

// A column of a stage, of a cause, or of what is left of a stage without them.
struct column {
    enum stage stage;
    int wait; // its cause; -1: none
    bool rest;
};

static struct column rest_column(unsigned index)
{
    int stage = 0;
    for (; wait_rest_names[stage] == NULL || index > 0; stage++)
        index -= wait_rest_names[stage] != NULL;
    return (struct column){.stage = stage, .wait = -1, .rest = true};
}

static struct column column_of(unsigned index)
{
    if (index < STAGE_COUNT)
        return (struct column){.stage = index, .wait = -1};
    index -= STAGE_COUNT;
    if (index < WAIT_COUNT)
        return (struct column){.stage = wait_rows[index].stage, .wait = (int)index};
    return rest_column(index - WAIT_COUNT);
}

const char *command_time_name(unsigned index, char name[COMMAND_COLUMN_BYTES])
{
    if (index == 0)
        return "latency_us";
    struct column column = column_of(index - 1);
    const char *stage = stage_names[column.stage];
    if (column.rest)
        snprintf(name, COMMAND_COLUMN_BYTES, "%s:%s_us", stage, wait_rest_names[column.stage]);
    else if (column.wait >= 0)
        snprintf(name, COMMAND_COLUMN_BYTES, "%s:%s_us", stage, wait_rows[column.wait].name);
    else
        snprintf(name, COMMAND_COLUMN_BYTES, "%s_us", stage);
    return name;
}

static tick_t time_of(const struct breakdown *path, struct column column)
{
    if (column.rest)
        return wait_rest(path, column.stage);
    if (column.wait < 0)
        return path->spent[column.stage];
    return wait_of(path, column.wait);
}

void command_times(const struct command_record *record, tick_t times[COMMAND_TIMES])
{
    times[0] = command_latency(record);
    for (unsigned i = 1; i < COMMAND_TIMES; i++)
        times[i] = time_of(record->path, column_of(i - 1));
}

void command_write_heading(FILE *to)
{
    char name[COMMAND_COLUMN_BYTES];
    for (size_t i = 0; command_first_columns[i] != NULL; i++)
        fprintf(to, "%s%s", i == 0 ? "" : ",", command_first_columns[i]);
    for (unsigned i = 0; i < COMMAND_TIMES; i++)
        fprintf(to, ",%s", command_time_name(i, name));
    fputc('\n', to);
}

static void put_us(tick_t time, FILE *to)
{
    if (time == 0)
        fputc('0', to);
    else
        fprintf(to, "%" PRIu64 ".%06" PRIu64, time / TICKS_PER_US, time % TICKS_PER_US);
}

void command_write_row(const struct command_record *record, FILE *to)
{
    tick_t times[COMMAND_TIMES];
    command_times(record, times);
    fprintf(to, "%" PRIu64 ",", record->number);
    put_us(record->time, to);
    fprintf(to, ",%" PRIu32 ",%s,%" PRIu64 ",%" PRIu64, record->queue, io_kind_name(record->kind), record->offset,
            record->bytes);
    for (unsigned i = 0; i < COMMAND_TIMES; i++) {
        fputc(',', to);
        put_us(times[i], to);
    }
    fputc('\n', to);
}
