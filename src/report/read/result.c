// Reading a result back, to show it.
#include "report/read/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/folder/folder_internal.h"
#include "report/read/result_read.h"
#include "report/report_curve.h"
#include "report/data/summary_json.h"
#include "util/alloc.h"
#include "util/macros.h"

// --- the folder ----------------------------------------------------------------------------------------------------

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static char *folder_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return folder_without_slashes(path);
    const char *slash = strrchr(path, '/');
    return slash == NULL ? xstrdup(".") : xformat("%.*s", (int)(slash - path), path);
}

static char *json_path_in(const char *folder)
{
    static const char *const names[] = {"summary.json", "curve.json"};
    struct stat st;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char *path = xformat("%s/%s", folder, names[i]);
        if (stat(path, &st) == 0)
            return path;
        free(path);
    }
    return NULL;
}

static int check_schema(struct result *result, const char *path, struct diag *diag)
{
    const char *schema = result_text(result, "schema");
    if (schema != NULL && (strcmp(schema, REPORT_SCHEMA) == 0 || strcmp(schema, REPORT_CURVE_SCHEMA) == 0)) {
        result->is_curve = strcmp(schema, REPORT_CURVE_SCHEMA) == 0;
        return 0;
    }
    return diag_error(diag, (struct place){.file = path}, "is no result that can be shown: its schema is '%s', not "
                      "'%s' or '%s'", schema == NULL ? "" : schema, REPORT_SCHEMA, REPORT_CURVE_SCHEMA);
}

static int load(struct result *result, const char *path, struct diag *diag)
{
    json_error_t error;
    result->json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (result->json != NULL)
        return check_schema(result, path, diag);
    struct place place = {.file = path};
    if (error.line > 0) {
        place.line = (uint64_t)error.line;
        place.column = (uint64_t)error.column;
    }
    return diag_error(diag, place, "%s", error.text);
}

static void set_name(struct result *result)
{
    const char *slash = strrchr(result->folder, '/');
    snprintf(result->name, sizeof result->name, "%s", slash == NULL ? result->folder : slash + 1);
    snprintf(result->label, sizeof result->label, "%s", result->name);
}

int result_read(struct result *result, const char *path, struct diag *diag)
{
    *result = (struct result){.folder = folder_of(path)};
    char *file = ends_with(path, ".json") ? xstrdup(path) : json_path_in(path);
    int failed = 0;
    if (file == NULL && result_is_of_pts(path))
        failed = diag_error(diag, (struct place){.file = path}, "%s", result_of_pts_text);
    else if (file == NULL)
        failed = diag_error(diag, (struct place){.file = path}, "is no result folder: it has no summary.json and no "
                            "curve.json");
    else
        failed = load(result, file, diag);
    free(file);
    if (failed != 0)
        result_destroy(result);
    else
        set_name(result);
    return failed;
}

// --- what was changed ------------------------------------------------------------------------------------------------

static bool has_change(const struct result *result, const char *change)
{
    size_t i;
    json_t *set;
    json_array_foreach(result_at(result, "set"), i, set)
        if (strcmp(json_string_value(set), change) == 0)
            return true;
    return false;
}

static bool all_have(const struct result *results, size_t count, const char *change)
{
    size_t i = 0;
    while (i < count && has_change(&results[i], change))
        i++;
    return i == count;
}

static void set_label(struct result *result, const struct result *results, size_t count)
{
    size_t i;
    json_t *set;
    FILE *to = fmemopen(result->label, sizeof result->label, "w");
    const char *before = " (";
    fputs(result->name, to);
    json_array_foreach(result_at(result, "set"), i, set) {
        if (all_have(results, count, json_string_value(set)))
            continue;
        fprintf(to, "%s%s", before, json_string_value(set));
        before = " ";
    }
    fputs(*before == ' ' && before[1] == '\0' ? ")" : "", to);
    fclose(to);
    result->label[sizeof result->label - 1] = '\0';
}

void result_set_labels(struct result *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        set_label(&results[i], results, count);
}

void result_destroy(struct result *result)
{
    json_decref(result->json);
    free(result->folder);
}

// --- values --------------------------------------------------------------------------------------------------------

json_t *result_at(const struct result *result, const char *path)
{
    json_t *json = result->json;
    while (json != NULL && *path != '\0') {
        size_t length = strcspn(path, "|");
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        json = json_object_get(json, key);
        path += path[length] == '|' ? length + 1 : length;
    }
    return json;
}

double result_number(const struct result *result, const char *path)
{
    json_t *json = result_at(result, path);
    if (json_is_string(json)) // beyond what JSON readers agree on
        return strtod(json_string_value(json), NULL);
    return json_is_number(json) ? json_number_value(json) : NAN;
}

const char *result_text(const struct result *result, const char *path)
{
    return json_string_value(result_at(result, path));
}

char *result_load(const struct result *result)
{
    const char *recording = result_text(result, "source|path"), *how = result_text(result, "source|job");
    if (result->is_curve)
        how = result_text(result, "job");
    if (recording == NULL)
        return xstrdup(how == NULL ? "" : how);
    return how == NULL ? xstrdup(recording) : xformat("%s, %s", recording, how);
}

char *result_changes(const struct result *result)
{
    char *text = NULL;
    size_t size = 0, i;
    json_t *set;
    FILE *to = open_memstream(&text, &size);
    json_array_foreach(result_at(result, "set"), i, set)
        fprintf(to, "%s%s", i == 0 ? "with " : " ", json_string_value(set));
    fclose(to);
    return text;
}

char *result_drive(const struct result *result)
{
    const char *drive = result_text(result, "drive");
    char *changes = result_changes(result);
    char *text = xformat("%s; seed %.0f%s%s%s", drive == NULL ? "" : drive, result_number(result, "seed"),
                         *changes == '\0' ? "" : ", ", changes,
                         json_is_true(result_at(result, "complete")) ? "" : "; stopped before its end");
    free(changes);
    return text;
}

// --- distributions -------------------------------------------------------------------------------------------------

static FILE *open_in(const struct result *result, const char *name, const char *suffix)
{
    char *path = xformat("%s/%s%s", result->folder, name, suffix);
    FILE *file = fopen(path, "r");
    free(path);
    return file;
}

static void add_step(struct staircase *d, double us, unsigned long long below)
{
    if (d->count > 0 && below <= d->steps[d->count - 1].below)
        return;
    d->steps = xgrow(d->steps, d->count, sizeof *d->steps);
    d->steps[d->count++] = (struct staircase_step){us, below};
    d->values = below;
}

bool result_read_staircase(const struct result *result, const char *name, struct staircase *staircase)
{
    *staircase = (struct staircase){0};
    FILE *file = open_in(result, name, ".hgrm");
    char line[128];
    if (file == NULL)
        return false;
    while (fgets(line, sizeof line, file) != NULL) {
        double us, share;
        unsigned long long below;
        if (sscanf(line, "%lf %lf %llu", &us, &share, &below) == 3)
            add_step(staircase, us, below);
    }
    fclose(file);
    return staircase->count > 0;
}

void staircase_free(struct staircase *staircase)
{
    free(staircase->steps);
}

// --- tables --------------------------------------------------------------------------------------------------------

static void add_names(struct table *table, char *line)
{
    for (char *rest = line, *name; (name = strsep(&rest, ",\n")) != NULL && *name != '\0';) {
        table->names = xgrow(table->names, table->columns, sizeof *table->names);
        table->names[table->columns++] = xstrdup(name);
    }
}

static void add_row(struct table *table, char *line)
{
    table->values = xrealloc(table->values, (table->rows + 1) * table->columns * sizeof *table->values);
    double *values = table->values + table->rows++ * table->columns;
    char *rest = line;
    for (size_t i = 0; i < table->columns; i++) {
        const char *cell = rest == NULL ? NULL : strsep(&rest, ",\n");
        values[i] = cell == NULL || *cell == '\0' ? NAN : strtod(cell, NULL);
    }
}

bool result_read_table(const struct result *result, const char *name, struct table *table)
{
    *table = (struct table){0};
    FILE *file = open_in(result, name, "");
    char *line = NULL;
    size_t size = 0;
    if (file == NULL)
        return false;
    if (getline(&line, &size, file) > 0)
        add_names(table, line);
    while (table->columns > 0 && getline(&line, &size, file) > 0)
        add_row(table, line);
    free(line);
    fclose(file);
    return true;
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->columns; i++)
        free(table->names[i]);
    free(table->names);
    free(table->values);
}

int table_find(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(table->names[i], name) == 0)
            return (int)i;
    return -1;
}

double table_at(const struct table *table, size_t row, int column)
{
    return column < 0 ? NAN : table->values[row * table->columns + (size_t)column];
}
