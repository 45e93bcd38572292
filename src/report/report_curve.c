// Load curves: JSON, CSV, table and plots.
#include "report/report_curve.h"

#include <inttypes.h>
#include <string.h>

#include "config/config_json.h"
#include "report/plot/plots.h"
#include "report/folder/folder.h"
#include "report/locale_guard.h"
#include "report/data/summary_json.h"
#include "report/text/number_text.h"
#include "util/macros.h"

static bool is_open_loop(const struct report_curve *curve)
{
    return curve->count > 0 && curve->points[0].offered_iops > 0;
}

// --- JSON and CSV --------------------------------------------------------------------------------------------------

static json_t *point_json(const struct report_curve_point *point)
{
    json_t *json = json_object();
    json_object_set_new(json, "iodepth", report_whole_json(point->iodepth));
    if (point->offered_iops > 0)
        json_object_set_new(json, "offered_iops", json_real(point->offered_iops));
    json_object_set_new(json, "count", report_whole_json(point->count));
    json_object_set_new(json, "errors", report_whole_json(point->errors));
    json_object_set_new(json, "iops", json_real(point->iops));
    json_object_set_new(json, "bandwidth_mb_s", json_real(point->bandwidth_mb_s));
    json_object_set_new(json, "latency_us", report_latency_json(&point->latency));
    json_object_update(json, point->parts);
    return json;
}

static json_t *seeds_json(const struct report_curve *curve)
{
    json_t *json = json_array();
    for (size_t i = 0; i < curve->seed_count; i++)
        json_array_append_new(json, report_whole_json(curve->seeds[i]));
    return json;
}

static json_t *curve_json(const struct report_curve *curve)
{
    char id[CONFIG_HASH_BYTES];
    json_t *json = json_object(), *points = json_array();
    config_hash(curve->config, id);
    for (size_t i = 0; i < curve->count; i++)
        json_array_append_new(points, point_json(&curve->points[i]));
    json_object_set_new(json, "schema", json_string(REPORT_CURVE_SCHEMA));
    json_object_set_new(json, "tool", report_tool_json());
    json_object_set_new(json, "complete", json_boolean(curve->complete));
    json_object_set_new(json, "drive", report_json_text(curve->drive));
    json_object_set_new(json, "seed", report_whole_json(curve->seed));
    if (curve->seed_count > 1)
        json_object_set_new(json, "seeds", seeds_json(curve));
    report_put_sets(json, curve->sets, curve->set_count);
    json_object_set_new(json, "config_id", json_string(id));
    json_object_set_new(json, "config", config_to_json(curve->config));
    json_object_set_new(json, "job", report_json_text(curve->job));
    if (curve->until != NULL)
        json_object_set_new(json, "until", json_string(curve->until));
    if (curve->varied != NULL)
        json_object_set_new(json, "varied", report_json_text(curve->varied));
    if (curve->saturation_iops > 0)
        json_object_set_new(json, "saturation_iops", json_real(curve->saturation_iops));
    json_object_set_new(json, "points", points);
    return json;
}

static void write_json(const struct report_curve *curve, FILE *to)
{
    json_t *json = curve_json(curve);
    report_dump_json(json, to);
    json_decref(json);
}

// The kinds of command of a curve, where there are several; else NULL.
static json_t *several_kinds(const struct report_curve *curve)
{
    json_t *kinds = curve->count == 0 ? NULL : json_object_get(curve->points[0].parts, "commands");
    return json_object_size(kinds) < 2 ? NULL : kinds;
}

static json_t *figures_of_kind(const struct report_curve_point *point, const char *kind)
{
    return json_object_get(json_object_get(point->parts, "commands"), kind);
}

static void put_csv_names(FILE *to, const char *kind)
{
    static const char *const before[] = {"count", "iops", "bandwidth_mb_s", "mean_us", "min_us"};
    const char *dot = *kind == '\0' ? "" : ".";
    for (size_t i = 0; i < ARRAY_SIZE(before); i++)
        fprintf(to, ",%s%s%s", kind, dot, before[i]);
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        fprintf(to, ",%s%s%s_us", kind, dot, report_percentiles[i].name);
    fprintf(to, ",%s%smax_us,%s%serrors", kind, dot, kind, dot);
}

static void put_csv_figures(FILE *to, const struct report_curve_point *p)
{
    fprintf(to, ",%" PRIu64 ",%.12g,%.12g,%.12g,%.12g", p->count, p->iops, p->bandwidth_mb_s, p->latency.mean,
            p->latency.min);
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        fprintf(to, ",%.12g", p->latency.percentile[i]);
    fprintf(to, ",%.12g,%" PRIu64, p->latency.max, p->errors);
}

// A kind that a load had none of has empty cells.
static void put_csv_kind(FILE *to, const struct report_curve_point *point, const char *kind)
{
    json_t *of = figures_of_kind(point, kind);
    struct report_curve_point figures = report_curve_figures(point, of);
    if (of != NULL)
        put_csv_figures(to, &figures);
    for (int i = 0; of == NULL && i < REPORT_PERCENTILES + 7; i++)
        fputc(',', to);
}

// A line a load: its totals, then, where there are several kinds of command, the same of each.
static void write_csv(const struct report_curve *curve, FILE *to)
{
    const char *kind;
    json_t *of, *kinds = several_kinds(curve);
    fputs("iodepth,offered_iops", to);
    put_csv_names(to, "");
    json_object_foreach(kinds, kind, of)
        put_csv_names(to, kind);
    fputc('\n', to);
    for (size_t i = 0; i < curve->count; i++) {
        const struct report_curve_point *point = &curve->points[i];
        fprintf(to, "%" PRIu32 ",%.12g", point->iodepth, point->offered_iops);
        put_csv_figures(to, point);
        json_object_foreach(kinds, kind, of)
            put_csv_kind(to, point, kind);
        fputc('\n', to);
    }
}

static void write_host(const struct report_curve *curve, FILE *to)
{
    uint64_t commands = 0, events = 0;
    for (size_t i = 0; i < curve->count; i++) {
        commands += curve->points[i].count;
        events += curve->points[i].events;
    }
    report_write_host(&curve->host, commands, events, to);
}

// --- all -----------------------------------------------------------------------------------------------------------

typedef void write_fn(const struct report_curve *curve, FILE *to);

static void write_file(struct folder *folder, const char *name, write_fn *write, const struct report_curve *curve)
{
    FILE *file = folder_open(folder, name);
    if (file == NULL)
        return;
    write(curve, file);
    folder_close(folder, file, name);
}

static int begin(struct folder *folder, const struct report_curve *curve, const char *path, struct diag *diag)
{
    if (!curve->there)
        return folder_begin(folder, path, diag);
    folder_reopen(folder, path, diag);
    return 0;
}

static void write_plots(struct folder *folder, const struct report_curve *curve)
{
    struct result result = {.json = curve_json(curve), .is_curve = true};
    plot_write_all(folder, &result);
    json_decref(result.json);
}

static int write_all(const struct report_curve *curve, const char *path, struct diag *diag)
{
    struct folder folder;
    if (begin(&folder, curve, path, diag) != 0)
        return -1;
    if (curve->finished != NULL)
        folder_take(&folder, curve->finished, curve->finished_name);
    write_file(&folder, "curve.csv", write_csv, curve);
    write_file(&folder, "host.json", write_host, curve);
    write_plots(&folder, curve);
    write_file(&folder, "curve.json", write_json, curve); // last: it says what the others hold
    return folder_commit(&folder);
}

int report_write_curve(const struct report_curve *curve, const char *folder, struct diag *diag)
{
    struct locale_guard guard = locale_guard_enter();
    int result = write_all(curve, folder, diag);
    locale_guard_leave(guard);
    return result;
}

// --- table ---------------------------------------------------------------------------------------------------------

enum { WIDTH = 9 };

// The percentiles that are shown; the others are in the files.
static const int shown[] = {0, 3, 4, 5};

static void put_number(FILE *to, double value)
{
    char text[NUMBER_TEXT_BYTES];
    fprintf(to, " %*s", WIDTH - 1, number_text(value, text));
}

static void put_time(FILE *to, int width, double us)
{
    char text[NUMBER_TEXT_BYTES];
    fprintf(to, " %*s", width - 1, time_text(us, text));
}

// Returns whether a percentile was marked.
static bool put_latency(FILE *to, const struct report_curve_point *point)
{
    bool any = false;
    put_time(to, WIDTH, point->latency.mean);
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
        bool few = rests_on_few(point->count, report_percentiles[shown[i]].fraction);
        put_time(to, WIDTH - 1, point->latency.percentile[shown[i]]);
        fputc(few ? '*' : ' ', to);
        any |= few;
    }
    put_time(to, WIDTH, point->latency.max);
    return any;
}

static void put_load(FILE *to, const struct report_curve_point *point)
{
    if (point->offered_iops > 0)
        put_number(to, point->offered_iops);
    else
        fprintf(to, " %*" PRIu32, WIDTH - 1, point->iodepth);
}

// How far the mean over seeds may lie from that over more of them, in percent of it.
static void put_share(FILE *to, int width, double half_width, double mean)
{
    if (mean > 0)
        fprintf(to, " %*.1f%%", width - 2, 100 * half_width / mean);
    else
        fprintf(to, " %*s", width - 1, "-");
}

static void put_interval(FILE *to, const struct report_curve_point *point)
{
    json_t *json = json_object_get(point->parts, "interval_95");
    if (json == NULL)
        return;
    struct report_curve_point half = report_curve_figures(point, json);
    fprintf(to, " %*s", WIDTH - 1 + 1, "±"); // two bytes, one character
    put_share(to, WIDTH, half.iops, point->iops);
    put_share(to, WIDTH, half.bandwidth_mb_s, point->bandwidth_mb_s);
    put_share(to, WIDTH, half.latency.mean, point->latency.mean);
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
        put_share(to, WIDTH - 1, half.latency.percentile[shown[i]], point->latency.percentile[shown[i]]);
        fputc(' ', to);
    }
    put_share(to, WIDTH, half.latency.max, point->latency.max);
    fputc('\n', to);
}

static bool put_point(FILE *to, const struct report_curve_point *point)
{
    put_load(to, point);
    put_number(to, point->iops);
    put_number(to, point->bandwidth_mb_s);
    bool few = put_latency(to, point);
    fprintf(to, " %*" PRIu64 "\n", WIDTH - 1, point->errors);
    put_interval(to, point);
    return few;
}

static void put_heading(FILE *to, const struct report_curve *curve, bool colour)
{
    fprintf(to, "%s %*s %*s %*s %*s", colour ? "\033[1m" : "", WIDTH - 1, is_open_loop(curve) ? "offered" : "iodepth",
            WIDTH - 1, "IOPS", WIDTH - 1, "MB/s", WIDTH - 1, "mean");
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
        fprintf(to, " %*s ", WIDTH - 2, report_percentiles[shown[i]].name);
    fprintf(to, " %*s %*s%s\n", WIDTH - 1, "max", WIDTH - 1, "errors", colour ? "\033[0m" : "");
}

// The same table of one kind of command. Returns as put_point.
static bool put_kind(FILE *to, const struct report_curve *curve, const char *kind, bool colour)
{
    bool few = false;
    fprintf(to, "\n%s%s%s\n", colour ? "\033[1m" : "", kind, colour ? "\033[0m" : "");
    put_heading(to, curve, colour);
    for (size_t i = 0; i < curve->count; i++) {
        json_t *of = figures_of_kind(&curve->points[i], kind);
        struct report_curve_point point = report_curve_figures(&curve->points[i], of);
        few |= of != NULL && put_point(to, &point);
    }
    return few;
}

// Of several kinds each has a table of its own.
static bool put_kinds(FILE *to, const struct report_curve *curve, bool colour)
{
    bool few = false;
    const char *kind;
    json_t *of;
    json_object_foreach(several_kinds(curve), kind, of)
        few |= put_kind(to, curve, kind, colour);
    return few;
}

// --- where the time went -------------------------------------------------------------------------------------------

enum { STAGES_SHOWN = 8, STAGE_WIDTH = 13 };

// A kind of command and its stages that matter: those with the largest shares of the mean at any load, in their order.
struct stage_table {
    const struct report_curve *curve;
    const char *kind;
    const char *stages[STAGES_SHOWN];
    size_t count;
};

static json_t *kind_at(const struct stage_table *table, size_t point)
{
    return figures_of_kind(&table->curve->points[point], table->kind);
}

static double stage_time(json_t *of, const char *stage)
{
    return json_number_value(json_object_get(json_object_get(of, "stages_us"), stage));
}

static double mean_of(json_t *of)
{
    return json_number_value(json_object_get(json_object_get(of, "latency_us"), "mean"));
}

static double largest_share(const struct stage_table *table, const char *stage)
{
    double most = 0;
    for (size_t i = 0; i < table->curve->count; i++) {
        json_t *of = kind_at(table, i);
        most = MAX(most, mean_of(of) > 0 ? stage_time(of, stage) / mean_of(of) : 0);
    }
    return most;
}

// How many stages have a larger share.
static size_t rank_of(const struct stage_table *table, json_t *stages, const char *stage)
{
    const char *name;
    json_t *value;
    size_t rank = 0;
    double share = largest_share(table, stage);
    json_object_foreach(stages, name, value)
        rank += largest_share(table, name) > share;
    return rank;
}

static void choose_stages(struct stage_table *table)
{
    static const double least = 0.01;
    json_t *stages = json_object_get(kind_at(table, 0), "stages_us"), *value;
    const char *name;
    json_object_foreach(stages, name, value)
        if (table->count < STAGES_SHOWN && largest_share(table, name) >= least &&
            rank_of(table, stages, name) < STAGES_SHOWN)
            table->stages[table->count++] = name;
}

static void put_stage_row(FILE *to, const struct stage_table *table, size_t point)
{
    json_t *of = kind_at(table, point);
    double mean = mean_of(of), rest = mean;
    put_load(to, &table->curve->points[point]);
    put_time(to, WIDTH, mean);
    for (size_t i = 0; i < table->count; i++) {
        double us = stage_time(of, table->stages[i]);
        put_time(to, STAGE_WIDTH, us);
        rest -= us;
    }
    put_time(to, WIDTH, rest > 1e-9 * mean ? rest : 0);
    fputc('\n', to);
}

static void put_stages(FILE *to, const struct report_curve *curve, const char *kind, bool colour)
{
    struct stage_table table = {.curve = curve, .kind = kind};
    choose_stages(&table);
    fprintf(to, "\nwhere the time of a %s went\n%s %*s %*s", kind, colour ? "\033[1m" : "", WIDTH - 1,
            is_open_loop(curve) ? "offered" : "iodepth", WIDTH - 1, "mean");
    for (size_t i = 0; i < table.count; i++)
        fprintf(to, " %*s", STAGE_WIDTH - 1, table.stages[i]);
    fprintf(to, " %*s%s\n", WIDTH - 1, "other", colour ? "\033[0m" : "");
    for (size_t i = 0; i < curve->count; i++)
        put_stage_row(to, &table, i);
}

static void put_all_stages(FILE *to, const struct report_curve *curve, bool colour)
{
    const char *kind;
    json_t *of, *kinds = curve->count == 0 ? NULL : json_object_get(curve->points[0].parts, "commands");
    json_object_foreach(kinds, kind, of)
        put_stages(to, curve, kind, colour);
}

// What is told of how busy a drive was: its resources by kind, and the busiest die.
static const struct {
    const char *name, *heading;
} busy[] = {
    {"die", "die"},           {"die_max", "busiest"},        {"channel", "channel"},
    {"link_to_host", "to host"}, {"link_to_device", "to device"}, {"frontend_processor", "frontend"},
    {"processor", "processor"},
};

enum { BUSY_WIDTH = 11 };

static void put_busy_heading(FILE *to, const struct report_curve *curve, bool colour)
{
    fprintf(to, "\n%s %*s", colour ? "\033[1m" : "", WIDTH - 1, is_open_loop(curve) ? "offered" : "iodepth");
    for (size_t i = 0; i < ARRAY_SIZE(busy); i++)
        fprintf(to, "%*s", BUSY_WIDTH, busy[i].heading);
    fprintf(to, "%*s%s\n", BUSY_WIDTH, "write amp", colour ? "\033[0m" : "");
}

static void put_busy(FILE *to, const struct report_curve_point *point)
{
    json_t *utilization = json_object_get(point->parts, "utilization");
    json_t *amplification = json_object_get(json_object_get(point->parts, "ftl"), "write_amplification");
    put_load(to, point);
    for (size_t i = 0; i < ARRAY_SIZE(busy); i++)
        fprintf(to, "%*.1f%%", BUSY_WIDTH - 1, 100 * json_number_value(json_object_get(utilization, busy[i].name)));
    if (json_number_value(amplification) > 0)
        fprintf(to, "%*.3f\n", BUSY_WIDTH, json_number_value(amplification));
    else
        fprintf(to, "%*s\n", BUSY_WIDTH, "-");
}

// How busy the parts were, and what writing cost.
static void put_all_busy(FILE *to, const struct report_curve *curve, bool colour)
{
    json_t *utilization = curve->count == 0 ? NULL : json_object_get(curve->points[0].parts, "utilization");
    if (json_object_size(utilization) == 0)
        return;
    fputs("\nhow busy dies were (all, the busiest), channels, the link, processors; write amplification", to);
    put_busy_heading(to, curve, colour);
    for (size_t i = 0; i < curve->count; i++)
        put_busy(to, &curve->points[i]);
}

static size_t count_unsteady(const struct report_curve *curve)
{
    size_t count = 0;
    for (size_t i = 0; i < curve->count; i++)
        count += json_is_false(json_object_get(json_object_get(curve->points[i].parts, "steady"), "reached"));
    return count;
}

static void put_notes(FILE *to, const struct report_curve *curve, bool few)
{
    if (few)
        fputs("* rests on fewer than ten requests\n", to);
    if (curve->seed_count > 1)
        fprintf(to, "means over %zu seeds; ±: half of the 95 %% interval\n", curve->seed_count);
    if (count_unsteady(curve) > 0)
        fprintf(to, "%zu of the points did not become steady within their requests: give a larger number_ios\n",
                count_unsteady(curve));
    if (curve->saturation_iops > 0)
        fprintf(to, "served up to %.0f IOPS\n", curve->saturation_iops);
    if (!curve->complete)
        fputs("INCOMPLETE: stopped before the end\n", to);
}

void report_print_curve(const struct report_curve *curve, FILE *to, bool colour)
{
    struct locale_guard guard = locale_guard_enter();
    bool few = false;
    fprintf(to, "%s\n%s\n", curve->drive, curve->job == NULL ? "" : curve->job);
    fprintf(to, curve->varied == NULL ? "\n" : "load and figures are of %s\n\n", curve->varied);
    put_heading(to, curve, colour);
    for (size_t i = 0; i < curve->count; i++)
        few |= put_point(to, &curve->points[i]);
    few |= put_kinds(to, curve, colour);
    put_all_stages(to, curve, colour);
    put_all_busy(to, curve, colour);
    put_notes(to, curve, few);
    locale_guard_leave(guard);
}
