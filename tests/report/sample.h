// A small result made by hand, and the folder to write it to; for the tests of reports.
#ifndef SQTAIL_TESTS_REPORT_SAMPLE_H
#define SQTAIL_TESTS_REPORT_SAMPLE_H

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "report/report.h"
#include "../util/printed.h"

struct sample_config {
    uint32_t dies;
    tick_t t_r;
};

struct sample_stats {
    uint64_t gc_copies;
    double write_amplification;
    tick_t gc_stall_time;
    double undefined;
};

struct sample {
    char root[64]; // a temporary folder
    struct sample_config values;
    struct config *config;
    struct command_stats commands;
    struct meter dies;
    struct report_meter meters[1];
    struct sample_stats stats;
    struct stat_group groups[1];
    struct trace_info source;
    struct report_input input;
    struct diag *diag;
};

static const struct config_field sample_fields[] = {
    {.key = "dies", .type = CONFIG_UINT, .offset = offsetof(struct sample_config, dies), .fallback = "8", .min = "1",
     .max = "64", .help = "Dies."},
    {.key = "t_r", .type = CONFIG_TIME, .offset = offsetof(struct sample_config, t_r), .fallback = "50us", .min = "0",
     .max = "1s", .help = "Array read."},
};

static const struct config_section sample_sections[] = {
    {.name = "nand", .help = "Flash.", .fields = sample_fields, .field_count = 2},
    {.name = NULL},
};

static const struct stat_field sample_stat_fields[] = {
    {"write_amplification", STAT_REAL, offsetof(struct sample_stats, write_amplification), "1", "Programs a write."},
    {"gc_copies", STAT_COUNT, offsetof(struct sample_stats, gc_copies), "1", "Units moved."},
    {"gc_stall_time", STAT_TIME, offsetof(struct sample_stats, gc_stall_time), "us", "Waited."},
    {"undefined", STAT_REAL, offsetof(struct sample_stats, undefined), "1", "Nothing by nothing."},
};

static void sample_record(struct sample *s, enum io_kind kind, uint64_t bytes, tick_t start, tick_t fetch,
                          tick_t array)
{
    struct breakdown path;
    breakdown_start(&path, STAGE_SQ_FETCH, start);
    breakdown_enter(&path, STAGE_ARRAY, start + fetch);
    breakdown_enter(&path, STAGE_ARRAY, start + fetch + array);
    command_stats_record(&s->commands, kind, bytes, 0, &path);
    meter_add(&s->dies, start + fetch, array);
}

static void sample_init(struct sample *s)
{
    memset(s, 0, sizeof *s);
    snprintf(s->root, sizeof s->root, "sqtail-test-XXXXXX");
    if (mkdtemp(s->root) == NULL)
        abort();
    s->config = config_create(sample_sections, &s->values);
    s->diag = diag_create();
    command_stats_init(&s->commands);
    meter_init(&s->dies, 8);
    s->meters[0] = (struct report_meter){"die", &s->dies};
    s->stats = (struct sample_stats){12, 1.25, 1500000, NAN};
    s->groups[0] = (struct stat_group){"ftl", sample_stat_fields, 4, &s->stats};
    s->input = (struct report_input){
        .drive = "a drive made by 'hand'",
        .config = s->config,
        .seed = 42,
        .complete = true,
        .job = "rw=randread bs=4k",
        .events = 1000,
        .duration = 2 * TICKS_PER_MS,
        .commands = &s->commands,
        .groups = s->groups,
        .group_count = 1,
        .meters = s->meters,
        .meter_count = 1,
        .host = {"sqtail run x", "native", 0.05, 0.5, 0.25, 1 << 20},
    };
}

static int sample_remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void sample_destroy(struct sample *s)
{
    nftw(s->root, sample_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    command_stats_destroy(&s->commands);
    config_destroy(s->config);
    diag_destroy(s->diag);
}

// "ROOT/name", valid until the eighth next call.
static inline const char *sample_path(const struct sample *s, const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", s->root, name);
    return path;
}

// The whole file, or NULL; the caller frees it.
static inline char *sample_read(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    for (int c; (c = fgetc(file)) != EOF;)
        fputc(c, to);
    fclose(to);
    fclose(file);
    return text;
}

static inline void sample_write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

// A number of a result by its path, such as "commands.read.latency_us|p99.9"; NAN when there is none.
static inline double sample_number(json_t *json, const char *path)
{
    char key[64];
    while (json != NULL && *path != '\0' && *path != '|') {
        size_t length = strcspn(path, ".|");
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        json = json_object_get(json, key);
        path += length + (path[length] == '.');
    }
    json = json_object_get(json, path + (*path == '|'));
    return json_is_number(json) ? json_number_value(json) : NAN;
}

#endif
