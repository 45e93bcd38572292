// The report of results as a page: what was run, its figures, plots, and what stands in the other files.
#include "report/html/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot/curve_shown.h"
#include "report/html/html_parts.h"
#include "report/text/number_text.h"
#include "report/plot/plot_parts.h"
#include "util/alloc.h"
#include "util/macros.h"

// --- what was run --------------------------------------------------------------------------------------------------

static void put_paragraph(const char *class, const char *text, FILE *to)
{
    if (*text == '\0')
        return;
    fprintf(to, "<p class=\"%s\">", class);
    figure_put_escaped(text, to);
    fputs("</p>\n", to);
}

static void put_meta(const struct result *result, FILE *to)
{
    const char *id = result_text(result, "config_id"), *version = result_text(result, "tool|version");
    double seconds = result_number(result, "sim|time_s");
    char time[2 * NUMBER_TEXT_BYTES];
    fputs("<p class=\"meta\">", to);
    if (!isnan(seconds)) {
        spaced_time_text(seconds * 1e6, time, sizeof time);
        fprintf(to, "<span>%s simulated</span> · ", time);
    }
    fprintf(to, "<span>seed %.0f</span> · <span>configuration %s</span> · <span>sqtail %s</span></p>\n",
            result_number(result, "seed"), id == NULL ? "?" : id, version == NULL ? "?" : version);
}

static void put_single_head(const struct result *result, FILE *to)
{
    char *load = result_load(result), *changes = result_changes(result);
    const char *name = result_text(result, "drive");
    fputs("<h1>", to);
    figure_put_escaped(name == NULL ? result->name : name, to);
    fputs("</h1>\n", to);
    put_paragraph("load", load, to);
    put_paragraph("load", changes, to);
    put_meta(result, to);
    if (!json_is_true(result_at(result, "complete")))
        put_paragraph("warn", "Not complete: the run was stopped before its end.", to);
    free(load);
    free(changes);
}

static void put_compared_head(const struct shown *shown, FILE *to)
{
    fprintf(to, "<h1>%zu results side by side</h1>\n<div class=\"scroll\"><table class=\"words\"><thead><tr>"
                "<th>result</th><th>drive</th><th>load</th><th>configuration</th></tr></thead><tbody>\n", shown->count);
    for (size_t i = 0; i < shown->count; i++) {
        const struct result *result = &shown->results[i];
        const char *id = result_text(result, "config_id");
        char *load = result_load(result), *drive = result_drive(result);
        fputs("<tr>", to);
        html_put_cell("th", result->label, to);
        html_put_cell("td", drive, to);
        html_put_cell("td", load, to);
        html_put_cell("td", id == NULL ? "" : id, to);
        fputs("</tr>\n", to);
        free(load);
        free(drive);
    }
    fputs("</tbody></table></div>\n", to);
}

// --- the first figures ---------------------------------------------------------------------------------------------

static void put_card(const char *name, const char *value, FILE *to)
{
    fputs("<div class=\"card\"><span>", to);
    figure_put_escaped(name, to);
    fputs("</span><b>", to);
    figure_put_escaped(value, to);
    fputs("</b></div>\n", to);
}

static void put_number_card(const char *name, double value, double scale, const char *unit, FILE *to)
{
    char number[NUMBER_TEXT_BYTES], text[2 * NUMBER_TEXT_BYTES];
    if (isnan(value))
        return;
    snprintf(text, sizeof text, "%s%s", number_text(value * scale, number), unit);
    put_card(name, text, to);
}

static void put_latency_cards(const struct result *result, enum io_kind kind, FILE *to)
{
    static const char *const shown[] = {"p50", "p99", "p99.9"};
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
        char name[64], text[2 * NUMBER_TEXT_BYTES];
        snprintf(name, sizeof name, "%s %s", io_kind_name(kind), shown[i]);
        spaced_time_text(plot_latency(result, kind, shown[i]), text, sizeof text);
        put_card(name, text, to);
    }
}

static void put_cards(const struct result *result, FILE *to)
{
    fputs("<div class=\"cards\">\n", to);
    put_number_card("IOPS", result_number(result, "total|iops"), 1, "", to);
    put_number_card("bandwidth", result_number(result, "total|bandwidth_mb_s"), 1, " MB/s", to);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        if ((kind == IO_READ || kind == IO_WRITE) && plot_count(result, kind) > 0)
            put_latency_cards(result, kind, to);
    put_number_card("write amplification", result_number(result, "ftl|write_amplification"), 1, "", to);
    put_number_card("dies busy", result_number(result, "utilization|die"), 100, " %", to);
    put_number_card("busiest die", result_number(result, "utilization|die_max"), 100, " %", to);
    fputs("</div>\n", to);
}

static const char *const percentiles[] = {"mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"};

static void put_table_head(const char *first, FILE *to)
{
    fprintf(to, "<div class=\"scroll\"><table><thead><tr><th>%s</th>", first);
    fputs("<th>count</th><th>IOPS</th><th>MB/s</th>", to);
    for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
        html_put_cell("th", percentiles[i], to);
    fputs("</tr></thead><tbody>\n", to);
}

static void put_latency_row(const struct result *result, const char *name, const char *scope, FILE *to)
{
    static const char *const rates[] = {"count", "iops", "bandwidth_mb_s"};
    char path[160];
    fputs("<tr>", to);
    html_put_cell("th", name, to);
    for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
        snprintf(path, sizeof path, "%s|%s", scope, rates[i]);
        html_put_number_cell(result_number(result, path), to);
    }
    for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++) {
        snprintf(path, sizeof path, "%s|latency_us|%s", scope, percentiles[i]);
        html_put_time_cell(result_number(result, path), to);
    }
    fputs("</tr>\n", to);
}

static void put_kind_rows(const struct shown *shown, enum io_kind kind, FILE *to)
{
    for (size_t i = 0; i < shown->count; i++) {
        char name[FIGURE_TEXT + 32], scope[64];
        if (plot_count(&shown->results[i], kind) == 0)
            continue;
        snprintf(name, sizeof name, shown->count == 1 ? "%s" : "%s, %s", io_kind_name(kind), shown->results[i].label);
        snprintf(scope, sizeof scope, "commands|%s", io_kind_name(kind));
        put_latency_row(&shown->results[i], name, scope, to);
    }
}

static void put_job_rows(const struct result *result, FILE *to)
{
    const char *job, *kind;
    json_t *value, *commands;
    json_object_foreach(result_at(result, "jobs"), job, value)
        json_object_foreach(json_object_get(value, "commands"), kind, commands) {
            char name[160], scope[160];
            snprintf(name, sizeof name, "%s: %s", job, kind);
            snprintf(scope, sizeof scope, "jobs|%s|commands|%s", job, kind);
            put_latency_row(result, name, scope, to);
        }
}

static void put_latency_table(const struct shown *shown, FILE *to)
{
    html_put_heading("Latency and throughput", to);
    put_table_head("commands", to);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        put_kind_rows(shown, kind, to);
    for (size_t i = 0; i < shown->count; i++)
        put_job_rows(&shown->results[i], to);
    fputs("</tbody></table></div>\n", to);
}

// --- curves --------------------------------------------------------------------------------------------------------

static void put_point(const char *curve, json_t *point, const char *kind, FILE *to)
{
    static const char *const numbers[] = {"count", "iops", "bandwidth_mb_s"};
    json_t *offered = json_object_get(point, "offered_iops"), *figures = curve_figures(point, kind);
    char name[FIGURE_TEXT + 48], load[32];
    number_text(json_number_value(offered), load);
    if (offered == NULL)
        snprintf(load, sizeof load, "%.0f", json_number_value(json_object_get(point, "iodepth")));
    snprintf(name, sizeof name, "%s%s%s", load, *curve == '\0' ? "" : ", ", curve);
    fputs("<tr>", to);
    html_put_cell("th", name, to);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        html_put_number_cell(curve_number(figures, numbers[i]), to);
    for (size_t i = 0; i < ARRAY_SIZE(percentiles); i++)
        html_put_time_cell(curve_latency(figures, percentiles[i]), to);
    fputs("</tr>\n", to);
}

// Of several kinds of command each has a table of its own.
static void put_points(const struct shown *shown, const char *kind, FILE *to)
{
    char heading[FIGURE_TEXT];
    snprintf(heading, sizeof heading, kind == NULL ? "Points" : "Points: %s", kind);
    html_put_heading(heading, to);
    put_table_head(curve_is_open_loop(shown) ? "offered IOPS" : "iodepth", to);
    for (size_t i = 0; i < shown->count; i++) {
        size_t k;
        json_t *point;
        json_array_foreach(curve_points(shown, i), k, point)
            put_point(shown->count == 1 ? "" : shown->results[i].label, point, kind, to);
    }
    fputs("</tbody></table></div>\n", to);
}

// --- the page ------------------------------------------------------------------------------------------------------

static const struct {
    const char *heading;
    const char *names[5];
    void (*words)(const struct shown *shown, FILE *to);
} run_figures[] = {
    {"Distribution", {"latency_cdf", "latency_ccdf", "latency_percentiles", "jobs_percentiles"}, NULL},
    {"Recorded and simulated", {"recorded_cdf"}, NULL},
    {"Where the time went", {"stages", "tail"}, html_put_tail_words},
    {"Over time", {"latency_time", "throughput_time", "offsets"}, NULL},
    {"In the drive", {"utilization_time", "utilization_map", "activity_time"}, NULL},
};

static void put_run(const struct shown *shown, FILE *to)
{
    if (shown->count == 1)
        put_cards(shown->results, to);
    put_latency_table(shown, to);
    for (size_t i = 0; i < ARRAY_SIZE(run_figures); i++)
        html_put_figures(shown, run_figures[i].heading, run_figures[i].names, run_figures[i].words, to);
    html_put_slowest(shown, to);
    html_put_statistics(shown, to);
}

static void put_curve(const struct shown *shown, FILE *to)
{
    static const char *const latency[] = {"curve", "curve_load", NULL};
    static const char *const drive[] = {"curve_stages", "curve_drive", NULL};
    const char *kinds[IO_KIND_COUNT];
    size_t count = curve_kinds(shown, kinds);
    html_put_figures(shown, "Latency and throughput", latency, NULL, to);
    html_put_figures(shown, "Where the time went, and in the drive", drive, NULL, to);
    for (size_t i = 0; i < count; i++)
        put_points(shown, kinds[i], to);
}

void report_write_html(const struct shown *shown, FILE *to)
{
    char *load = result_load(shown->results), *title = xformat("sqtail: %s", load);
    html_begin(title, to);
    if (shown->count == 1)
        put_single_head(shown->results, to);
    else
        put_compared_head(shown, to);
    (shown->results[0].is_curve ? put_curve : put_run)(shown, to);
    html_put_config(shown, to);
    html_put_reproduce(shown, to);
    html_end(to);
    free(title);
    free(load);
}
