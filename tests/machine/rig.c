#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/job/job.h"
#include "trace/trace.h"
#include "util/alloc.h"
#include "util/check.h"

// --- configuration -------------------------------------------------------------------------------------------------

static void stop_when_wrong(struct diag *diag, const char *what)
{
    diag_print(diag, stderr);
    CHECK(diag_error_count(diag) == 0, "%s is wrong", what);
}

static void apply_changes(struct rig *rig, struct diag *diag, const char *changes)
{
    char *copy = xstrdup(changes), *rest = copy;
    for (char *change; (change = strtok_r(rest, " ", &rest)) != NULL;)
        config_set(rig->config, diag, change);
    free(copy);
}

void rig_load(struct rig *rig, const char *name, const char *changes)
{
    const char *folder = getenv("srcdir");
    char path[4096];
    struct diag *diag = diag_create();
    *rig = (struct rig){0};
    snprintf(path, sizeof path, "%s/configs/%s", folder == NULL ? "." : folder, name);
    machine_get_sections(rig->sections);
    rig->config = config_create(rig->sections, &rig->values);
    config_load(rig->config, diag, path);
    apply_changes(rig, diag, changes);
    stop_when_wrong(diag, name);
    machine_check_config(&rig->values, rig->config, diag);
    stop_when_wrong(diag, name);
    diag_destroy(diag);
}

// --- run -----------------------------------------------------------------------------------------------------------

void rig_open(struct rig *rig, struct workload *workload)
{
    struct diag *diag = diag_create();
    rig->workload = workload;
    rig->machine = machine_create(&rig->values);
    workload_check(workload, ftl_capacity_bytes(ssd_core(machine_ssd(rig->machine))), rig->values.drive.nvme.lba_size,
                   diag);
    stop_when_wrong(diag, "the workload");
    diag_destroy(diag);
}

void rig_open_job(struct rig *rig, const char *job)
{
    struct diag *diag = diag_create();
    struct workload *workload = job_create(job, diag);
    stop_when_wrong(diag, job);
    diag_destroy(diag);
    rig_open(rig, workload);
    rig->workload_is_own = true;
}

static void on_prepared(void *context)
{
    (void)context;
}

static bool on_stopped(void *context)
{
    (void)context;
    return true;
}

const struct machine_watcher rig_watcher = {.prepared = on_prepared, .stopped = on_stopped};

void rig_start(struct rig *rig)
{
    machine_bind(rig->machine);
    machine_start(rig->machine, rig->workload, &rig_watcher);
}

void rig_check(struct rig *rig)
{
    const char *failure = machine_failure(rig->machine);
    CHECK(failure == NULL, "the run did not finish: %s", failure);
    CHECK(machine_finished(rig->machine), "the run did not finish");
    machine_check(rig->machine);
}

void rig_run(struct rig *rig)
{
    rig_start(rig);
    machine_run_native(rig->machine);
    rig_check(rig);
}

void rig_close(struct rig *rig)
{
    machine_destroy(rig->machine);
    if (rig->workload_is_own)
        workload_destroy(rig->workload);
    rig->machine = NULL;
    rig->workload = NULL;
    rig->workload_is_own = false;
}

void rig_destroy(struct rig *rig)
{
    rig_close(rig);
    config_destroy(rig->config);
}

// --- statistics as text --------------------------------------------------------------------------------------------

static void write_value(FILE *to, const struct stat_group *group, const struct stat_field *field)
{
    const void *value = (const char *)group->values + field->offset;
    if (field->type == STAT_REAL)
        fprintf(to, "%s.%s %a\n", group->name, field->name, *(const double *)value);
    else
        fprintf(to, "%s.%s %llu\n", group->name, field->name, (unsigned long long)*(const uint64_t *)value);
}

static void write_kind(FILE *to, const char *name, const struct kind_stats *kind)
{
    fprintf(to, "%s %llu %llu %llu %llu %llu %llu\n", name, (unsigned long long)kind->count,
            (unsigned long long)kind->bytes, (unsigned long long)kind->errors, (unsigned long long)kind->latency_sum,
            (unsigned long long)kind->latency_min, (unsigned long long)kind->latency_max);
    for (int i = 0; i < STAGE_COUNT; i++)
        fprintf(to, "%s.%s %llu\n", name, stage_names[i], (unsigned long long)kind->stage_sum[i]);
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        if (kind->latency.buckets[i] != 0)
            fprintf(to, "%s.latency[%u] %llu\n", name, i, (unsigned long long)kind->latency.buckets[i]);
}

static void write_meter(FILE *to, const struct ssd_meter *part)
{
    const struct meter *meter = part->meter;
    fprintf(to, "%s %u %u %llu %llu\n", part->name, meter->resources, meter->shift,
            (unsigned long long)meter->origin, (unsigned long long)meter_total(meter));
    for (int i = 0; i < METER_BINS; i++)
        if (meter->busy[i] != 0)
            fprintf(to, "%s[%d] %llu\n", part->name, i, (unsigned long long)meter->busy[i]);
}

char *rig_statistics(struct rig *rig)
{
    struct stat_group groups[MACHINE_GROUPS_MAX];
    struct ssd_meter meters[SSD_METERS_MAX];
    size_t bytes;
    char *text;
    FILE *to = open_memstream(&text, &bytes);
    fprintf(to, "origin %llu\nduration %llu\nevents %llu\n", (unsigned long long)machine_origin(rig->machine),
            (unsigned long long)machine_duration(rig->machine),
            (unsigned long long)sim_events(machine_sim(rig->machine)));
    size_t count = machine_stat_groups(rig->machine, groups);
    for (size_t g = 0; g < count; g++)
        for (size_t f = 0; f < groups[g].field_count; f++)
            write_value(to, &groups[g], &groups[g].fields[f]);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        write_kind(to, io_kind_name(kind), &machine_commands(rig->machine)->kinds[kind]);
    count = machine_meters(rig->machine, meters);
    for (size_t m = 0; m < count; m++)
        write_meter(to, &meters[m]);
    fclose(to);
    return text;
}

// --- a workload of requests at given times -------------------------------------------------------------------------

static struct script *script_of(struct workload *workload)
{
    return (struct script *)workload;
}

static int script_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    const struct script *script = script_of(workload);
    for (uint32_t i = 0; i < script->count; i++)
        if (script->steps[i].offset + script->steps[i].bytes > drive->capacity_bytes)
            return diag_error(diag, (struct place){.file = "script"}, "step %u is beyond the capacity", i);
    return 0;
}

static void script_start(struct workload *workload, const struct workload_start *start)
{
    const struct script *script = script_of(workload);
    CHECK(script->count > 0 && script->steps[0].at > start->now, "the script begins before the drive is ready");
}

static tick_t script_arrival(struct workload *workload, tick_t now)
{
    (void)now;
    const struct script *script = script_of(workload);
    return script->next < script->count ? script->steps[script->next].at : TICK_NEVER;
}

static void script_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    (void)now;
    struct script *script = script_of(workload);
    const struct script_step *step = &script->steps[script->next];
    *request = (struct workload_request){
        .kind = step->kind,
        .fua = step->fua,
        .job = script->next++,
        .offset = step->offset,
        .bytes = step->bytes,
        .recorded_ns = TRACE_LATENCY_UNKNOWN,
    };
}

static void script_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct script *script = script_of(workload);
    script->latency[request->job] = now - script->steps[request->job].at;
}

static uint64_t script_count(const struct workload *workload)
{
    return ((const struct script *)workload)->count;
}

static void script_destroy(struct workload *workload)
{
    (void)workload;
}

static const struct workload_ops script_ops = {
    .name = "script",
    .help = "requests at given times",
    .check = script_check,
    .start = script_start,
    .arrival = script_arrival,
    .next = script_next,
    .completed = script_completed,
    .count = script_count,
    .destroy = script_destroy,
};

void script_init(struct script *script)
{
    *script = (struct script){.workload = {.ops = &script_ops}};
}

void script_add(struct script *script, tick_t at, enum io_kind kind, uint64_t offset, uint64_t bytes, bool fua)
{
    CHECK(script->count < SCRIPT_STEPS_MAX, "a script of more than %d steps", SCRIPT_STEPS_MAX);
    script->steps[script->count++] = (struct script_step){at, kind, offset, bytes, fua};
}
