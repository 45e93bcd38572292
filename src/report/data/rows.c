// Every number of a result, in the order in which results show them.
#include "report/data/rows.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/data/precision.h"
#include "util/macros.h"

enum { NAME_MAX_BYTES = 96 };

struct visitor {
    row_fn *visit;
    void *context;
    char group[NAME_MAX_BYTES];
};

static void set_group(struct visitor *v, const char *outer, const char *inner)
{
    snprintf(v->group, sizeof v->group, "%s%s%s", outer, *inner == '\0' ? "" : ".", inner);
}

static void whole(struct visitor *v, const char *name, const char *unit, uint64_t value)
{
    v->visit(v->context, &(struct row){v->group, name, unit, true, value, 0});
}

static void real(struct visitor *v, const char *name, const char *unit, double value)
{
    v->visit(v->context, &(struct row){v->group, name, unit, false, 0, value});
}

static void visit_latency(struct visitor *v, const char *group, const struct report_latency *latency)
{
    set_group(v, group, "latency_us");
    real(v, "mean", "us", latency->mean);
    real(v, "min", "us", latency->min);
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        real(v, report_percentiles[i].name, "us", latency->percentile[i]);
    real(v, "max", "us", latency->max);
}

static void visit_interval(struct visitor *v, const char *name, struct report_interval interval)
{
    char end[NAME_MAX_BYTES];
    snprintf(end, sizeof end, "%s_low", name);
    real(v, end, "us", interval.low);
    snprintf(end, sizeof end, "%s_high", name);
    real(v, end, "us", interval.high);
}

static void visit_precision(struct visitor *v, const char *group, const struct report_precision *precision)
{
    set_group(v, group, "interval_us");
    visit_interval(v, "mean", precision->mean);
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        visit_interval(v, report_percentiles[i].name, precision->percentile[i]);
}

static void visit_stages(struct visitor *v, const char *group, const struct kind_stats *kind)
{
    set_group(v, group, "stages_us");
    for (int i = 0; i < STAGE_COUNT; i++)
        real(v, stage_names[i], "us",
             kind->count == 0 ? 0 : (double)kind->stage_sum[i] / (double)kind->count / 1e6);
}

// Commands of one kind, or of all, with their course over time. The bytes that a trim or write zeroes names are no
// bandwidth: nothing moves.
struct visited_kind {
    const struct kind_stats *kind;
    const struct series *series;
    unsigned series_count;
    bool moves_data;
};

static void visit_kind(struct visitor *v, const char *group, const struct visited_kind *visited, double seconds)
{
    const struct kind_stats *kind = visited->kind;
    double moved = visited->moves_data ? (double)kind->bytes : 0;
    struct report_latency latency = report_latency_of(kind);
    struct report_precision precision = report_precision_of(kind, visited->series, visited->series_count);
    set_group(v, group, "");
    whole(v, "count", "1", kind->count);
    whole(v, "bytes", "B", kind->bytes);
    whole(v, "errors", "1", kind->errors);
    real(v, "iops", "1/s", seconds > 0 ? (double)kind->count / seconds : 0);
    real(v, "bandwidth_mb_s", "MB/s", seconds > 0 ? moved / seconds / 1e6 : 0);
    visit_latency(v, group, &latency);
    visit_precision(v, group, &precision);
    visit_stages(v, group, kind);
}

// `scope`: what stands before the names of the groups.
static void visit_commands(struct visitor *v, const char *scope, const struct command_stats *commands,
                           tick_t duration)
{
    double seconds = (double)duration / TICKS_PER_S;
    char group[NAME_MAX_BYTES];
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        if (commands->kinds[i].count == 0)
            continue;
        snprintf(group, sizeof group, "%scommands.%s", scope, io_kind_name(i));
        visit_kind(v, group, &(struct visited_kind){&commands->kinds[i], &commands->series[i], 1, io_moves_data(i)},
                   seconds);
    }
    struct kind_stats total;
    kind_stats_init(&total);
    command_stats_total(commands, &total);
    snprintf(group, sizeof group, "%stotal", scope);
    visit_kind(v, group, &(struct visited_kind){&total, commands->series, IO_KIND_COUNT, true}, seconds);
    kind_stats_destroy(&total);
}

static void visit_job_load(struct visitor *v, const struct host_group_load *load)
{
    real(v, "offered_iops", "1/s", load->offered_iops);
    real(v, "offered_mb_s", "MB/s", load->offered_mb_s);
    whole(v, "waiting_at_end", "1", load->waiting_at_end);
    whole(v, "most_in_flight", "1", load->most_in_flight);
}

static void visit_job(struct visitor *v, const struct report_input *input, const struct report_job *job)
{
    const struct command_stats *commands = job->commands;
    char scope[NAME_MAX_BYTES];
    snprintf(scope, sizeof scope, "jobs.%s", job->name);
    set_group(v, scope, "");
    real(v, "start_s", "s", (double)(commands->origin - input->commands->origin) / TICKS_PER_S);
    real(v, "time_s", "s", (double)(commands->end - commands->origin) / TICKS_PER_S);
    if (job->load != NULL)
        visit_job_load(v, job->load);
    snprintf(scope, sizeof scope, "jobs.%s.", job->name);
    visit_commands(v, scope, commands, commands->end - commands->origin);
}

static void visit_recorded(struct visitor *v, const struct report_input *input)
{
    char group[NAME_MAX_BYTES];
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        if (kind->recorded.count == 0)
            continue;
        struct report_latency latency = report_recorded_of(kind);
        snprintf(group, sizeof group, "recorded.%s", io_kind_name(i));
        set_group(v, group, "");
        whole(v, "count", "1", kind->recorded.count);
        visit_latency(v, group, &latency);
    }
}

// Times are told in microseconds, and their names say so.
static void visit_time(struct visitor *v, const char *name, tick_t time)
{
    char with_unit[NAME_MAX_BYTES];
    size_t length = strlen(name);
    bool says_so = length > 3 && strcmp(name + length - 3, "_us") == 0;
    snprintf(with_unit, sizeof with_unit, "%s%s", name, says_so ? "" : "_us");
    real(v, with_unit, "us", (double)time / TICKS_PER_US);
}

static void visit_group(struct visitor *v, const struct stat_group *group)
{
    set_group(v, group->name, "");
    for (size_t i = 0; i < group->field_count; i++) {
        const struct stat_field *field = &group->fields[i];
        const void *value = (const char *)group->values + field->offset;
        if (field->type == STAT_COUNT)
            whole(v, field->name, field->unit, *(const uint64_t *)value);
        else if (field->type == STAT_REAL)
            real(v, field->name, field->unit, *(const double *)value);
        else
            visit_time(v, field->name, *(const tick_t *)value);
    }
}

static void visit_meters(struct visitor *v, const struct report_input *input)
{
    set_group(v, "utilization", "");
    for (size_t i = 0; i < input->meter_count; i++) {
        const struct meter *meter = input->meters[i].meter;
        real(v, input->meters[i].name, "1", meter_utilization(meter, meter->origin + input->duration));
    }
}

// The mean over all hides the busiest.
static void visit_busiest(struct visitor *v, const char *of, const struct meter *meter, tick_t duration)
{
    char name[NAME_MAX_BYTES];
    double most = 0;
    uint32_t busiest = 0;
    for (uint32_t i = 0; i < meter->resources; i++) {
        double busy = meter_own_total(meter, i, meter->origin + duration);
        busiest = busy > most ? i : busiest;
        most = MAX(most, busy);
    }
    snprintf(name, sizeof name, "%s_max", of);
    real(v, name, "1", duration == 0 ? 0 : most / (double)duration);
    snprintf(name, sizeof name, "busiest_%s", of);
    whole(v, name, "1", busiest);
}

static void visit_each(struct visitor *v, const struct report_input *input)
{
    for (size_t i = 0; i < input->meter_count; i++)
        if (input->meters[i].meter->each != NULL)
            visit_busiest(v, input->meters[i].name, input->meters[i].meter, input->duration);
}

void report_visit_rows(const struct report_input *input, row_fn *visit, void *context)
{
    struct visitor v = {.visit = visit, .context = context};
    set_group(&v, "sim", "");
    real(&v, "time_s", "s", (double)input->duration / TICKS_PER_S);
    whole(&v, "events", "1", input->events);
    visit_commands(&v, "", input->commands, input->duration);
    for (size_t i = 0; i < input->job_count; i++)
        visit_job(&v, input, &input->jobs[i]);
    visit_recorded(&v, input);
    for (size_t i = 0; i < input->group_count; i++)
        visit_group(&v, &input->groups[i]);
    visit_meters(&v, input);
    visit_each(&v, input);
}

void row_format(const struct row *row, char text[ROW_TEXT])
{
    if (row->is_whole)
        snprintf(text, ROW_TEXT, "%" PRIu64, row->whole);
    else if (isfinite(row->real))
        snprintf(text, ROW_TEXT, "%.12g", row->real);
    else
        text[0] = '\0';
}
