// summary.json, stats.csv and host.json.
#include "report/data/summary_json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "config/config_json.h"
#include "report/data/rows.h"
#include "report/data/tail_rows.h"
#include "util/alloc.h"
#include "util/version.h"

json_t *report_json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *json = json_string(text);
    if (json != NULL)
        return json;
    char *plain = xstrdup(text);
    for (char *c = plain; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    json = json_string(plain);
    free(plain);
    return json;
}

json_t *report_tool_json(void)
{
    json_t *json = json_object();
    json_object_set_new(json, "version", json_string(version_release));
    json_object_set_new(json, "commit", json_string(version_commit));
    return json;
}

void report_put_sets(json_t *object, const char *const *sets, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        if (strncmp(sets[i], "seed=", strlen("seed=")) != 0)
            json_array_append_new(array, report_json_text(sets[i]));
    if (json_array_size(array) > 0)
        json_object_set(object, "set", array);
    json_decref(array);
}

void report_dump_json(json_t *json, FILE *to)
{
    json_dumpf(json, to, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    fputc('\n', to);
}

// JSON readers agree on integers up to 2^63 - 1 only; beyond that, digits in a string.
json_t *report_whole_json(uint64_t value)
{
    return value <= INT64_MAX ? json_integer((json_int_t)value) : json_sprintf("%" PRIu64, value);
}

json_t *report_latency_json(const struct report_latency *latency)
{
    json_t *json = json_object();
    json_object_set_new(json, "mean", json_real(latency->mean));
    json_object_set_new(json, "min", json_real(latency->min));
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        json_object_set_new(json, report_percentiles[i].name, json_real(latency->percentile[i]));
    json_object_set_new(json, "max", json_real(latency->max));
    return json;
}

// The object at a path such as "commands.read", made where it is missing.
static json_t *descend(json_t *object, const char *path)
{
    while (*path != '\0') {
        size_t length = strcspn(path, ".");
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        json_t *inner = json_object_get(object, key);
        if (inner == NULL) {
            inner = json_object();
            json_object_set_new(object, key, inner);
        }
        object = inner;
        path += path[length] == '.' ? length + 1 : length;
    }
    return object;
}

static json_t *row_json(const struct row *row)
{
    if (row->is_whole)
        return report_whole_json(row->whole);
    return isfinite(row->real) ? json_real(row->real) : json_null();
}

static void add_row(void *context, const struct row *row)
{
    json_object_set_new(descend(context, row->group), row->name, row_json(row));
}

static json_t *counts_by_kind(const uint64_t counts[IO_KIND_COUNT])
{
    json_t *json = json_object();
    for (int i = 0; i < IO_KIND_COUNT; i++)
        if (counts[i] != 0)
            json_object_set_new(json, io_kind_name(i), report_whole_json(counts[i]));
    return json;
}

static json_t *steady_json(const struct steady_outcome *steady)
{
    json_t *json = json_object();
    json_object_set_new(json, "warmed_up", json_boolean(steady->warmed_up));
    json_object_set_new(json, "reached", json_boolean(steady->reached));
    json_object_set_new(json, "dropped", report_whole_json(steady->dropped));
    json_object_set_new(json, "mean_us", isfinite(steady->mean_us) ? json_real(steady->mean_us) : json_null());
    json_object_set_new(json, "half_width_95",
                        isfinite(steady->half_width) ? json_real(steady->half_width) : json_null());
    return json;
}

static json_t *source_json(const struct trace_info *info, const char *job)
{
    json_t *json = json_object();
    if (info != NULL) {
        json_object_set_new(json, "path", report_json_text(info->path));
        json_object_set_new(json, "sha256", report_json_text(info->sha256));
        json_object_set_new(json, "format", report_json_text(info->format));
        json_object_set_new(json, "files", report_whole_json(info->files));
        json_object_set_new(json, "cpus", report_whole_json(info->cpus));
        json_object_set_new(json, "events", report_whole_json(info->events));
        json_object_set_new(json, "requests", report_whole_json(info->requests));
        json_object_set_new(json, "requests_by_kind", counts_by_kind(info->by_kind));
        json_object_set_new(json, "completed", report_whole_json(info->completed));
        json_object_set_new(json, "skipped", report_whole_json(info->skipped));
        json_object_set_new(json, "passed", report_whole_json(info->passed));
        json_object_set_new(json, "lost", report_whole_json(info->lost));
        json_object_set_new(json, "gaps", report_whole_json(info->gaps));
        json_object_set_new(json, "unanswered", report_whole_json(info->unanswered));
        json_object_set_new(json, "untrusted", report_whole_json(info->untrusted));
        json_object_set_new(json, "end_offset_bytes", report_whole_json(info->end_offset));
        json_object_set_new(json, "duration_s", json_real((double)info->duration_ns / 1e9));
    }
    if (job != NULL)
        json_object_set_new(json, "job", report_json_text(job));
    return json;
}

// The classes of latency of each of several jobs, and its recording.
static void add_jobs(const struct report_input *input, json_t *json)
{
    for (size_t i = 0; i < input->job_count; i++) {
        json_t *job = json_object_get(json_object_get(json, "jobs"), input->jobs[i].name);
        json_object_set_new(job, "tail", report_tail_json(input->jobs[i].commands));
        if (input->jobs[i].source != NULL)
            json_object_set_new(job, "source", source_json(input->jobs[i].source, input->jobs[i].text));
    }
}

void report_write_json(const struct report_input *input, FILE *to)
{
    char id[17];
    json_t *json = json_object();
    config_hash(input->config, id);
    json_object_set_new(json, "schema", json_string(REPORT_SCHEMA));
    json_object_set_new(json, "tool", report_tool_json());
    json_object_set_new(json, "complete", json_boolean(input->complete));
    if (input->stopped != NULL)
        json_object_set_new(json, "stopped", report_json_text(input->stopped));
    json_object_set_new(json, "drive", report_json_text(input->drive));
    json_object_set_new(json, "seed", report_whole_json(input->seed));
    report_put_sets(json, input->sets, input->set_count);
    json_object_set_new(json, "config_id", json_string(id));
    json_object_set_new(json, "config", config_to_json(input->config));
    json_object_set_new(json, "source", source_json(input->source, input->job));
    if (input->steady != NULL)
        json_object_set_new(json, "steady", steady_json(input->steady));
    json_object_set_new(json, "sim", json_object());
    json_object_set_new(json, "commands", json_object());
    json_object_set_new(json, "tail", report_tail_json(input->commands));
    report_visit_rows(input, add_row, json);
    add_jobs(input, json);
    report_dump_json(json, to);
    json_decref(json);
}

static void print_row(void *context, const struct row *row)
{
    char value[ROW_TEXT];
    row_format(row, value);
    fprintf(context, "%s,%s,%s,%s\n", row->group, row->name, value, row->unit);
}

void report_write_csv(const struct report_input *input, FILE *to)
{
    fputs("group,name,value,unit\n", to);
    report_visit_rows(input, print_row, to);
    report_visit_tail(input, print_row, to);
}

// --- the machine ---------------------------------------------------------------------------------------------------

static double rate(uint64_t count, double seconds)
{
    return seconds > 0 ? (double)count / seconds : 0;
}

static json_t *machine_json(void)
{
    struct utsname name;
    json_t *json = json_object();
    if (uname(&name) != 0)
        return json;
    json_object_set_new(json, "node", report_json_text(name.nodename));
    json_object_set_new(json, "system", report_json_text(name.sysname));
    json_object_set_new(json, "release", report_json_text(name.release));
    json_object_set_new(json, "machine", report_json_text(name.machine));
    json_object_set_new(json, "compiler", report_json_text(__VERSION__));
    return json;
}

static json_t *now_json(void)
{
    char text[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return json_string(text);
}

void report_write_host(const struct report_host *host, uint64_t commands, uint64_t events, FILE *to)
{
    json_t *json = json_object();
    json_object_set_new(json, "schema", json_string(REPORT_HOST_SCHEMA));
    json_object_set_new(json, "written", now_json());
    json_object_set_new(json, "command_line", report_json_text(host->command_line));
    json_object_set_new(json, "kernel", report_json_text(host->kernel));
    json_object_set_new(json, "prepare_s", json_real(host->prepare_s));
    json_object_set_new(json, "wall_s", json_real(host->wall_s));
    json_object_set_new(json, "cpu_s", json_real(host->cpu_s));
    json_object_set_new(json, "peak_memory_bytes", report_whole_json(host->peak_memory_bytes));
    json_object_set_new(json, "commands_per_cpu_s", json_real(rate(commands, host->cpu_s)));
    json_object_set_new(json, "events_per_cpu_s", json_real(rate(events, host->cpu_s)));
    json_object_set_new(json, "machine", machine_json());
    report_dump_json(json, to);
    json_decref(json);
}
