// The lower sections of a report: where the slow commands' time went in words, the slowest of them, statistics,
// configuration, and how to do it again.
#include "report/html/html_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/text/number_text.h"
#include "report/plot/plot_parts.h"
#include "util/alloc.h"
#include "util/macros.h"

// --- in words ------------------------------------------------------------------------------------------------------

// The stage that takes most of a class, and its share.
static const char *main_stage(json_t *class, double *share)
{
    const char *stage, *most = "";
    json_t *us;
    double largest = 0, sum = 0;
    json_object_foreach(json_object_get(class, "stages_us"), stage, us) {
        double own = json_number_value(us);
        sum += own;
        most = own > largest ? stage : most;
        largest = MAX(largest, own);
    }
    *share = sum > 0 ? largest / sum : 0;
    return most;
}

// What held the resource of that stage most, when it is known; or NULL.
static const char *main_cause(json_t *class, const char *stage)
{
    const char *cause, *most = NULL;
    json_t *us;
    double largest = 0;
    json_object_foreach(json_object_get(json_object_get(class, "waits_us"), stage), cause, us) {
        if (json_number_value(us) <= largest || strcmp(cause, "other") == 0 || strcmp(cause, "work") == 0)
            continue;
        largest = json_number_value(us);
        most = cause;
    }
    return most;
}

static void put_class_words(json_t *class, FILE *to)
{
    double share;
    char mean[2 * NUMBER_TEXT_BYTES];
    const char *stage = main_stage(class, &share), *cause = main_cause(class, stage);
    spaced_time_text(json_number_value(json_object_get(class, "mean_us")), mean, sizeof mean);
    fprintf(to, "<b>%s</b> on average, %.0f %% of it <code>%s</code>", mean, 100 * share, stage);
    if (cause != NULL)
        fprintf(to, " (most behind <code>%s</code>)", cause);
}

// The fastest half and the slowest class that has commands.
static void put_kind_words(const char *who, const char *kind, json_t *classes, FILE *to)
{
    size_t i;
    json_t *class, *first = NULL, *last = NULL;
    json_array_foreach(classes, i, class) {
        if (json_integer_value(json_object_get(class, "count")) == 0)
            continue;
        first = first == NULL ? class : first;
        last = class;
    }
    if (first == NULL || first == last)
        return;
    fputs("<p>", to);
    figure_put_escaped(who, to);
    fprintf(to, "%s%s: the fastest half took ", *who == '\0' ? "" : ", ", kind);
    put_class_words(first, to);
    fprintf(to, "; the slowest (%s) took ", json_string_value(json_object_get(last, "class")));
    put_class_words(last, to);
    fputs(".</p>\n", to);
}

void html_put_tail_words(const struct shown *shown, FILE *to)
{
    for (size_t i = 0; i < shown->count; i++) {
        const char *kind;
        json_t *classes;
        json_object_foreach(result_at(&shown->results[i], "tail"), kind, classes)
            put_kind_words(shown->count == 1 ? "" : shown->results[i].label, kind, classes, to);
    }
}

// --- the slowest commands ------------------------------------------------------------------------------------------

enum { SLOWEST_ROWS = 20, CELLS_MAX = 128, PARTS = 3 };

struct line {
    char *text;
    char *cells[CELLS_MAX];
    size_t count;
};

static bool read_line(struct line *line, FILE *from)
{
    size_t size = 0;
    free(line->text);
    *line = (struct line){0};
    if (getline(&line->text, &size, from) <= 0)
        return false;
    char *rest = line->text;
    for (char *cell; line->count < CELLS_MAX && (cell = strsep(&rest, ",\n")) != NULL;)
        line->cells[line->count++] = cell;
    return true;
}

// Whether a column is a stage's time, "die_wait_us".
static bool is_stage(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, "_us") == 0 && strcmp(name, "time_us") != 0 &&
           strcmp(name, "latency_us") != 0 && strchr(name, ':') == NULL;
}

// Whether a column is a part of the stage's time that something else held up: "die_wait:gc_read_us".
static bool is_cause_of(const char *name, const char *stage, size_t stage_length)
{
    return strncmp(name, stage, stage_length) == 0 && name[stage_length] == ':' &&
           strcmp(name + stage_length, ":other_us") != 0 && strcmp(name + stage_length, ":work_us") != 0;
}

// The cause that took most of a stage, at least half of it.
static void put_main_cause(const struct line *names, const struct line *line, size_t stage, FILE *to)
{
    size_t length = strlen(names->cells[stage]) - strlen("_us");
    double half = strtod(line->cells[stage], NULL) / 2;
    for (size_t i = 0; i < MIN(names->count, line->count); i++) {
        const char *name = names->cells[i];
        if (is_cause_of(name, names->cells[stage], length) && strtod(line->cells[i], NULL) >= half) {
            fprintf(to, " (%.*s)", (int)(strlen(name) - length - strlen(":_us")), name + length + 1);
            return;
        }
    }
}

// The stage that took most of those that are not told yet; false when none is left.
static bool find_largest(const struct line *names, const struct line *line, const bool *told, size_t *at)
{
    double largest = 0;
    for (size_t i = 0; i < MIN(names->count, line->count); i++) {
        double us = is_stage(names->cells[i]) && !told[i] ? strtod(line->cells[i], NULL) : 0;
        if (us > largest)
            *at = i;
        largest = MAX(largest, us);
    }
    return largest > 0;
}

// The stages that took most, with their times and what they waited for.
static void put_largest_stages(const struct line *names, const struct line *line, FILE *to)
{
    bool told[CELLS_MAX] = {false};
    size_t at = 0;
    fputs("<td class=\"text\">", to);
    for (int part = 0; part < PARTS && find_largest(names, line, told, &at); part++) {
        char time[2 * NUMBER_TEXT_BYTES];
        told[at] = true;
        spaced_time_text(strtod(line->cells[at], NULL), time, sizeof time);
        fprintf(to, "%s%.*s %s", part == 0 ? "" : ", ", (int)strlen(names->cells[at]) - 3, names->cells[at], time);
        put_main_cause(names, line, at, to);
    }
    fputs("</td>", to);
}

// The columns that are shown by themselves, and how; the others are told in words.
static const struct shown_column {
    const char *name, *heading;
    bool is_time, is_text;
} columns[] = {
    {"number", "number", false, false}, {"time_us", "time", true, false},     {"queue", "queue", false, false},
    {"kind", "kind", false, true},      {"offset", "offset", false, false},   {"bytes", "bytes", false, false},
    {"latency_us", "latency", true, false},
};

static const char *cell_of(const struct line *names, const struct line *line, const char *name)
{
    for (size_t i = 0; i < MIN(names->count, line->count); i++)
        if (strcmp(names->cells[i], name) == 0)
            return line->cells[i];
    return "";
}

static void put_slowest_row(const struct line *names, const struct line *line, FILE *to)
{
    fputs("<tr>", to);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        const char *cell = cell_of(names, line, columns[i].name);
        if (columns[i].is_time)
            html_put_time_cell(strtod(cell, NULL), to);
        else if (columns[i].is_text)
            fprintf(to, "<td class=\"text\">%s</td>", cell);
        else
            html_put_cell("td", cell, to);
    }
    put_largest_stages(names, line, to);
    fputs("</tr>\n", to);
}

static void put_slowest_head(FILE *to)
{
    fputs("<div class=\"scroll\"><table><thead><tr>", to);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
        fprintf(to, "<th%s>%s</th>", columns[i].is_text ? " class=\"text\"" : "", columns[i].heading);
    fputs("<th class=\"text\">where most of it went, behind what</th></tr></thead><tbody>\n", to);
}

static void put_slowest_of(const struct shown *shown, size_t result, FILE *from, FILE *to)
{
    struct line names = {0}, line = {0};
    char *heading = shown->count == 1 ? xstrdup("Slowest commands")
                                      : xformat("Slowest commands of %s", shown->results[result].label);
    if (read_line(&names, from)) {
        html_put_heading(heading, to);
        put_slowest_head(to);
        for (int i = 0; i < SLOWEST_ROWS && read_line(&line, from); i++)
            put_slowest_row(&names, &line, to);
        fputs("</tbody></table></div>\n", to);
    }
    free(heading);
    free(names.text);
    free(line.text);
}

void html_put_slowest(const struct shown *shown, FILE *to)
{
    for (size_t i = 0; i < shown->count; i++) {
        char *path = xformat("%s/slowest.csv", shown->results[i].folder);
        FILE *from = fopen(path, "r");
        free(path);
        if (from == NULL)
            continue;
        put_slowest_of(shown, i, from, to);
        fclose(from);
    }
}

// --- tables of everything ------------------------------------------------------------------------------------------

static void put_value_cell(json_t *value, FILE *to)
{
    char *text = NULL;
    if (json_is_string(value))
        html_put_cell("td", json_string_value(value), to);
    else if (json_is_number(value))
        html_put_number_cell(json_number_value(value), to);
    else if (value == NULL || json_is_null(value))
        html_put_cell("td", "", to);
    else
        html_put_cell("td", text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT), to);
    free(text);
}

static bool differs(const struct shown *shown, const char *path)
{
    for (size_t i = 1; i < shown->count; i++)
        if (!json_equal(result_at(shown->results, path), result_at(&shown->results[i], path)))
            return true;
    return false;
}

static void put_value_row(const struct shown *shown, const char *path, const char *name, FILE *to)
{
    fputs(differs(shown, path) ? "<tr class=\"differs\">" : "<tr>", to);
    html_put_cell("th", name, to);
    for (size_t i = 0; i < shown->count; i++)
        put_value_cell(result_at(&shown->results[i], path), to);
    fputs("</tr>\n", to);
}

static void put_columns(const struct shown *shown, FILE *to)
{
    fputs("<div class=\"scroll\"><table>\n", to);
    if (shown->count > 1) {
        fputs("<thead><tr><th></th>", to);
        for (size_t i = 0; i < shown->count; i++)
            html_put_cell("th", shown->results[i].label, to);
        fputs("</tr></thead>\n", to);
    }
    fputs("<tbody>\n", to);
}

// The values of an object, such as "ftl" or "config|nand", under its name.
static void put_object(const struct shown *shown, const char *path, const char *name, FILE *to)
{
    const char *key;
    json_t *value;
    fprintf(to, "<details><summary>%s</summary>", name);
    put_columns(shown, to);
    json_object_foreach(result_at(shown->results, path), key, value) {
        char below[160];
        snprintf(below, sizeof below, "%s|%s", path, key);
        put_value_row(shown, below, key, to);
    }
    fputs("</tbody></table></div></details>\n", to);
}

static bool is_statistics(const char *name, json_t *value)
{
    static const char *const others[] = {"tool", "config", "source", "commands", "total", "recorded", "jobs", "tail"};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return json_is_object(value);
}

void html_put_statistics(const struct shown *shown, FILE *to)
{
    const char *name;
    json_t *value;
    html_put_heading("Statistics", to);
    json_object_foreach(shown->results[0].json, name, value)
        if (is_statistics(name, value))
            put_object(shown, name, name, to);
}

// --- configuration -------------------------------------------------------------------------------------------------

static void put_differences(const struct shown *shown, FILE *to)
{
    const char *section, *key;
    json_t *values, *value;
    fputs("<p>What differs:</p>\n", to);
    put_columns(shown, to);
    json_object_foreach(result_at(shown->results, "config"), section, values)
        json_object_foreach(values, key, value) {
            char path[160], name[160];
            snprintf(path, sizeof path, "config|%s|%s", section, key);
            snprintf(name, sizeof name, "%s.%s", section, key);
            if (differs(shown, path))
                put_value_row(shown, path, name, to);
        }
    fputs("</tbody></table></div>\n", to);
}

void html_put_config(const struct shown *shown, FILE *to)
{
    const char *section;
    json_t *values;
    html_put_heading("Configuration", to);
    if (differs(shown, "config"))
        put_differences(shown, to);
    json_object_foreach(result_at(shown->results, "config"), section, values) {
        char path[96];
        snprintf(path, sizeof path, "config|%s", section);
        if (json_is_object(values))
            put_object(shown, path, section, to);
    }
}

// --- doing it again ------------------------------------------------------------------------------------------------

static void put_command(const struct result *result, FILE *to)
{
    char *path = xformat("%s/host.json", result->folder);
    json_t *host = json_load_file(path, 0, NULL);
    const char *line = json_string_value(json_object_get(host, "command_line"));
    if (line != NULL) {
        fputs("<pre>", to);
        figure_put_escaped(line, to);
        fputs("</pre>\n", to);
    }
    json_decref(host);
    free(path);
}

static void put_origin(const struct result *result, FILE *to)
{
    const char *version = result_text(result, "tool|version"), *commit = result_text(result, "tool|commit");
    const char *sum = result_text(result, "source|sha256");
    fprintf(to, "<p class=\"meta\">sqtail %s, commit <code>%s</code>", version == NULL ? "?" : version,
            commit == NULL ? "?" : commit);
    if (sum != NULL)
        fprintf(to, "; recording with SHA-256 <code>%s</code>", sum);
    fputs("</p>\n", to);
}

void html_put_reproduce(const struct shown *shown, FILE *to)
{
    html_put_heading("How to reproduce", to);
    fputs("<p>The same input gives the same bytes. The effective configuration is in <code>summary.json</code> or "
          "<code>curve.json</code>, all of it, under <code>config</code>.</p>\n", to);
    for (size_t i = 0; i < shown->count; i++) {
        put_command(&shown->results[i], to);
        put_origin(&shown->results[i], to);
    }
}
