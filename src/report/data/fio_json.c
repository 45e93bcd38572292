// The layout that fio 3 writes with --output-format=json and json+ (its stat.c, show_ddir_status_json and those around
// it), so that plotters and dashboards that know it read what was simulated.
//
// clat is lat: requests are measured from their submission, and slat, the system call's own part of them, is not
// modelled (no samples). bw and iops over time are from intervals of the run's time series. Time begins at 0, so that
// the same run gives the same bytes. Left out, because no simulated drive has it: processor time of the host, page
// faults, context switches (zero), the distribution of depths, disk_util.
#include "report/data/fio_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/data/summary_json.h"
#include "stats/histogram.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/version.h"

enum { KIB = 1024 };

// Of one job, or of the whole load where there is but one.
struct source {
    const char *name, *text;
    const struct command_stats *commands;
    tick_t duration;
    bool bins;
};

static const struct direction {
    const char *name;
    enum io_kind kinds[2];
    unsigned count;
} directions[] = {{"read", {IO_READ}, 1}, {"write", {IO_WRITE, IO_WRITE_FUA}, 2}, {"trim", {IO_TRIM}, 1}};

static void set_whole(json_t *json, const char *name, uint64_t value)
{
    json_object_set_new(json, name, report_whole_json(value));
}

static void set_real(json_t *json, const char *name, double value)
{
    json_object_set_new(json, name, json_real(value));
}

static double rate(double amount, tick_t duration)
{
    return duration == 0 ? 0 : amount * TICKS_PER_S / (double)duration;
}

// --- latencies -----------------------------------------------------------------------------------------------------

static json_t *percentiles_json(const struct histogram *latency)
{
    static const double percents[] = {1,  5,  10, 20, 30, 40,   50,   60,    70,
                                      80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99};
    json_t *json = json_object();
    for (size_t i = 0; i < ARRAY_SIZE(percents); i++) {
        char name[16];
        snprintf(name, sizeof name, "%.6f", percents[i]);
        set_whole(json, name, histogram_quantile(latency, percents[i] / 100));
    }
    return json;
}

static json_t *bins_json(const struct histogram *latency)
{
    json_t *json = json_object();
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        char name[24];
        if (latency->buckets[i] == 0)
            continue;
        snprintf(name, sizeof name, "%llu", (unsigned long long)histogram_bucket_top(i));
        set_whole(json, name, latency->buckets[i]);
    }
    return json;
}

static json_t *nothing_json(void)
{
    return json_pack("{s:i, s:i, s:f, s:f, s:i}", "min", 0, "max", 0, "mean", 0.0, "stddev", 0.0, "N", 0);
}

static json_t *latency_json(const struct kind_stats *kind, bool bins)
{
    if (kind->count == 0)
        return nothing_json();
    json_t *json = json_object();
    set_whole(json, "min", kind->latency_min / TICKS_PER_NS);
    set_whole(json, "max", kind->latency_max / TICKS_PER_NS);
    set_real(json, "mean", (double)kind->latency_sum / (double)kind->count / TICKS_PER_NS);
    set_real(json, "stddev", histogram_deviation(&kind->latency));
    set_whole(json, "N", kind->count);
    json_object_set_new(json, "percentile", percentiles_json(&kind->latency));
    if (bins)
        json_object_set_new(json, "bins", bins_json(&kind->latency));
    return json;
}

// --- over time -----------------------------------------------------------------------------------------------------

struct samples {
    double min, max, sum, squares;
    unsigned count;
};

static void add_sample(struct samples *samples, double value)
{
    samples->min = samples->count == 0 ? value : MIN(samples->min, value);
    samples->max = MAX(samples->max, value);
    samples->sum += value;
    samples->squares += value * value;
    samples->count++;
}

static void set_samples(json_t *json, const char *name, const struct samples *samples, bool is_whole)
{
    double mean = samples->count == 0 ? 0 : samples->sum / samples->count;
    double variance = samples->count < 2 ? 0 : (samples->squares - samples->count * mean * mean) / (samples->count - 1);
    const char *const ends[] = {"min", "max", "mean", is_whole ? "dev" : "stddev"};
    const double values[] = {samples->min, samples->max, mean, sqrt(MAX(variance, 0))};
    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        char full[24];
        snprintf(full, sizeof full, "%s_%s", name, ends[i]);
        if (i < 2)
            set_whole(json, full, (uint64_t)llround(values[i]));
        else
            set_real(json, full, values[i]);
    }
    char full[24];
    snprintf(full, sizeof full, "%s_samples", name);
    set_whole(json, full, samples->count);
}

// Series widen their bins each on its own; here the bins of several are those of the widest.
struct course {
    const struct series *series[2];
    unsigned count, shift;
    uint32_t length;
};

static struct course course_of(const struct source *source, const struct direction *direction)
{
    struct course course = {.count = direction->count};
    for (unsigned i = 0; i < direction->count; i++) {
        course.series[i] = &source->commands->series[direction->kinds[i]];
        course.shift = MAX(course.shift, course.series[i]->shift);
    }
    for (unsigned i = 0; i < direction->count; i++) {
        uint32_t length = series_length(course.series[i]) >> (course.shift - course.series[i]->shift);
        course.length = MAX(course.length, length);
    }
    return course;
}

static struct series_bin bin_of(const struct course *course, uint32_t bin)
{
    struct series_bin sum = {0};
    for (unsigned i = 0; i < course->count; i++) {
        unsigned finer = course->shift - course->series[i]->shift;
        for (uint32_t k = bin << finer; k < (bin + 1) << finer && k < SERIES_BINS; k++)
            series_bin_add(&sum, &course->series[i]->bins[k]);
    }
    return sum;
}

static void add_over_time(json_t *json, const struct source *source, const struct direction *direction)
{
    struct samples iops = {0}, bandwidth = {0};
    struct course course = course_of(source, direction);
    tick_t width = (tick_t)1 << course.shift;
    for (uint32_t i = 0; i + 1 < course.length; i++) { // the last one is not whole
        struct series_bin bin = bin_of(&course, i);
        add_sample(&iops, rate((double)bin.count, width));
        add_sample(&bandwidth, rate((double)bin.bytes / KIB, width));
    }
    set_samples(json, "bw", &bandwidth, true);
    set_real(json, "bw_agg", bandwidth.count > 0 ? 100 : 0);
    set_samples(json, "iops", &iops, false);
}

// --- kinds of command ----------------------------------------------------------------------------------------------

static void add_rates(json_t *json, const struct kind_stats *kind, tick_t duration)
{
    set_whole(json, "io_bytes", kind->bytes);
    set_whole(json, "io_kbytes", kind->bytes / KIB);
    set_whole(json, "bw_bytes", (uint64_t)rate((double)kind->bytes, duration));
    set_whole(json, "bw", (uint64_t)rate((double)kind->bytes / KIB, duration));
    set_real(json, "iops", rate((double)kind->count, duration));
    set_whole(json, "runtime", kind->count == 0 ? 0 : duration / TICKS_PER_MS);
    set_whole(json, "total_ios", kind->count);
    set_whole(json, "short_ios", 0);
    set_whole(json, "drop_ios", 0);
}

static json_t *direction_json(const struct source *source, const struct direction *direction)
{
    struct kind_stats sum;
    json_t *json = json_object();
    kind_stats_init(&sum);
    for (unsigned i = 0; i < direction->count; i++) {
        const struct kind_stats *kind = &source->commands->kinds[direction->kinds[i]];
        kind_stats_add(&sum, kind);
        sum.bytes += kind->bytes;
    }
    add_rates(json, &sum, source->duration);
    json_object_set_new(json, "slat_ns", nothing_json());
    json_object_set_new(json, "clat_ns", latency_json(&sum, source->bins));
    json_object_set_new(json, "lat_ns", latency_json(&sum, source->bins));
    add_over_time(json, source, direction);
    kind_stats_destroy(&sum);
    return json;
}

static json_t *sync_json(const struct source *source)
{
    const struct kind_stats *kind = &source->commands->kinds[IO_FLUSH];
    json_t *json = json_object();
    set_whole(json, "total_ios", kind->count);
    json_object_set_new(json, "lat_ns", latency_json(kind, source->bins));
    return json;
}

// --- how latencies are distributed, in percent -----------------------------------------------------------------------

static uint64_t count_below(const struct kind_stats *kind, uint64_t ns)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && histogram_bucket_top(i) < ns; i++)
        count += kind->latency.buckets[i];
    return count;
}

// Of each class those that took less than its name, in `unit_ns`, and not less than the one before.
static json_t *classes_json(const struct kind_stats *all, uint64_t unit_ns, uint64_t from, bool with_rest)
{
    static const unsigned names[] = {2, 4, 10, 20, 50, 100, 250, 500, 750, 1000, 2000};
    json_t *json = json_object();
    size_t count = with_rest ? ARRAY_SIZE(names) : ARRAY_SIZE(names) - 1;
    uint64_t below = count_below(all, from);
    double percent = all->count == 0 ? 0 : 100 / (double)all->count;
    for (size_t i = 0; i < count; i++) {
        char name[16];
        uint64_t next = count_below(all, names[i] * unit_ns);
        snprintf(name, sizeof name, "%u", names[i]);
        set_real(json, name, percent * (double)(next - below));
        below = next;
    }
    if (with_rest)
        set_real(json, ">=2000", percent * (double)(all->count - below));
    return json;
}

static void add_classes(json_t *json, const struct command_stats *commands)
{
    struct kind_stats all;
    kind_stats_init(&all);
    command_stats_total(commands, &all);
    json_object_set_new(json, "latency_ns", classes_json(&all, 1, 0, false));
    json_object_set_new(json, "latency_us", classes_json(&all, 1000, 1000, false));
    json_object_set_new(json, "latency_ms", classes_json(&all, 1000000, 1000000, true));
    kind_stats_destroy(&all);
}

// --- jobs ----------------------------------------------------------------------------------------------------------

static json_t *options_json(const struct source *source)
{
    json_t *json = json_object();
    char *copy = xstrdup(source->text == NULL ? "" : source->text), *rest = NULL;
    json_object_set_new(json, "name", report_json_text(source->name));
    for (char *word = strtok_r(copy, " \t\n", &rest); word != NULL; word = strtok_r(NULL, " \t\n", &rest)) {
        char *equals = strchr(word, '=');
        if (equals != NULL)
            *equals = '\0';
        json_object_set_new(json, word, report_json_text(equals == NULL ? "" : equals + 1));
    }
    free(copy);
    return json;
}

static uint64_t errors_of(const struct command_stats *commands)
{
    uint64_t errors = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++)
        errors += commands->kinds[i].errors;
    return errors;
}

static json_t *job_json(const struct source *source)
{
    static const char *const nothing[] = {"ctx", "majf", "minf"};
    json_t *json = json_object();
    json_object_set_new(json, "jobname", report_json_text(source->name));
    set_whole(json, "groupid", 0);
    set_whole(json, "error", errors_of(source->commands) > 0 ? 5 : 0); // EIO
    set_whole(json, "eta", 0);
    set_whole(json, "elapsed", (source->duration + TICKS_PER_S - 1) / TICKS_PER_S);
    json_object_set_new(json, "job options", options_json(source));
    for (size_t i = 0; i < ARRAY_SIZE(directions); i++)
        json_object_set_new(json, directions[i].name, direction_json(source, &directions[i]));
    json_object_set_new(json, "sync", sync_json(source));
    set_whole(json, "job_runtime", source->duration / TICKS_PER_MS);
    set_real(json, "usr_cpu", 0);
    set_real(json, "sys_cpu", 0);
    for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
        set_whole(json, nothing[i], 0);
    add_classes(json, source->commands);
    return json;
}

static struct source whole_of(const struct report_input *input, const char *name, bool bins)
{
    bool replayed = input->source != NULL;
    return (struct source){replayed ? input->source->path : name, replayed ? NULL : input->job, input->commands,
                           input->duration, bins};
}

// Where there are several jobs their sum stands where fio has that of several clients (its client.c).
static json_t *total_json(const struct report_input *input, bool bins)
{
    struct source whole = whole_of(input, "All clients", bins);
    whole.text = NULL; // the words are the jobs' own
    return json_pack("[o]", job_json(&whole));
}

static json_t *jobs_json(const struct report_input *input, bool bins)
{
    json_t *jobs = json_array();
    struct source whole = whole_of(input, "sqtail", bins);
    if (input->job_count == 0)
        json_array_append_new(jobs, job_json(&whole));
    for (size_t i = 0; i < input->job_count; i++) {
        const struct report_job *job = &input->jobs[i];
        struct source one = {job->name, job->text, job->commands, job->commands->end - job->commands->origin, bins};
        json_array_append_new(jobs, job_json(&one));
    }
    return jobs;
}

void report_write_fio_json(const struct report_input *input, bool bins, FILE *to)
{
    json_t *json = json_object();
    json_object_set_new(json, "fio version", json_sprintf("fio-3.33-sqtail-%s", version_release));
    set_whole(json, "timestamp", 0);
    set_whole(json, "timestamp_ms", 0);
    json_object_set_new(json, "time", json_string("Thu Jan  1 00:00:00 1970"));
    json_object_set_new(json, "global options", json_object());
    json_object_set_new(json, "jobs", jobs_json(input, bins));
    if (input->job_count > 0)
        json_object_set_new(json, "client_stats", total_json(input, bins));
    report_dump_json(json, to);
    json_decref(json);
}
