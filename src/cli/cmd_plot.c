// sqtail plot: draws results again, one or several over each other.
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/read_results.h"
#include "report/plot/plots.h"
#include "report/report.h"
#include "util/alloc.h"

struct plot_options {
    struct option_texts kinds;
    uint32_t format; // enum figure_format
    const char *output;
    bool no_plots;
};

#define AT(member) offsetof(struct plot_options, member)

static const struct option_row rows[] = {
    {"kind", 'k', OPTION_TEXTS, AT(kinds), "KIND",
     "What to show: cdf, ccdf, percentiles, time, heatmap, stages, tail, offsets or curve (sqtail list plot); may be "
     "repeated. Without it all but offsets."},
    {"format", 'f', OPTION_CHOICE, AT(format), FIGURE_FORMATS, "Of the pictures."},
    {"output", 'o', OPTION_TEXT, AT(output), "DIR",
     "Folder for the pictures, each beside its gnuplot script and data; of one result its own plots/ without it."},
    {"no-plots", 0, OPTION_FLAG, AT(no_plots), NULL, "Write the scripts, but do not run gnuplot."},
};

#define COMMAND_LINE ((struct place){.file = "sqtail"})

enum { NAMES_MAX = 32 };

struct plotting {
    const struct plot_options *options;
    const struct shown *shown;
    char *names[NAMES_MAX]; // of what was written
    size_t name_count;
    struct diag *diag;
};

// --- what was asked for --------------------------------------------------------------------------------------------

static int unknown_kind(const char *kind, struct diag *diag)
{
    const char *names[64] = {NULL};
    for (size_t i = 0; plot_rows[i].kind != NULL && i + 1 < ARRAY_SIZE(names); i++)
        names[i] = plot_rows[i].kind;
    const char *nearest = diag_nearest(kind, names);
    if (nearest == NULL)
        return diag_error(diag, COMMAND_LINE, "there is no plot of kind '%s'; see sqtail list plot", kind);
    return diag_error(diag, COMMAND_LINE, "there is no plot of kind '%s'; did you mean '%s'?", kind, nearest);
}

static bool is_known(const char *kind)
{
    for (const struct plot_row *row = plot_rows; row->kind != NULL; row++)
        if (strcmp(row->kind, kind) == 0)
            return true;
    return false;
}

static int check_kinds(const struct option_texts *kinds, struct diag *diag)
{
    int failed = 0;
    for (uint32_t i = 0; i < kinds->count; i++)
        if (!is_known(kinds->text[i]))
            failed = unknown_kind(kinds->text[i], diag);
    return failed;
}

static bool is_wanted(const struct option_texts *kinds, const struct plot_row *row)
{
    for (uint32_t i = 0; i < kinds->count; i++)
        if (strcmp(kinds->text[i], row->kind) == 0)
            return true;
    return kinds->count == 0 && !row->on_demand;
}

static int check_place(const struct plotting *p)
{
    if (p->shown->count > 1 && p->options->output == NULL)
        return diag_error(p->diag, COMMAND_LINE, "plots of several results need a folder of their own: --output DIR");
    return 0;
}

// --- drawing -------------------------------------------------------------------------------------------------------

static void write_figure(struct plotting *p, struct folder *folder, const struct plot_row *row)
{
    struct figure *figure = row->build(p->shown);
    if (figure == NULL)
        return;
    plot_write(folder, "", figure, (enum figure_format)p->options->format);
    if (p->name_count < NAMES_MAX)
        p->names[p->name_count++] = xstrdup(figure->name);
    figure_destroy(figure);
}

static int write_scripts(struct plotting *p, const char *path)
{
    struct folder folder;
    if (folder_begin_plain(&folder, path, p->diag) != 0)
        return -1;
    for (const struct plot_row *row = plot_rows; row->kind != NULL; row++)
        if (is_wanted(&p->options->kinds, row))
            write_figure(p, &folder, row);
    if (folder_commit(&folder) != 0)
        return -1;
    if (p->name_count == 0)
        return diag_error(p->diag, COMMAND_LINE, "there is nothing to show: %s of that kind",
                          p->shown->count == 1 ? "the result has no plot" : "the results have no plot");
    return 0;
}

static void draw(const struct plotting *p, const char *path)
{
    if (!p->options->no_plots)
        report_draw_scripts(&(struct report_scripts){path, p->names, p->name_count}, REPORT_DRAW_LIMIT_S, p->diag);
    for (size_t i = 0; i < p->name_count; i++)
        printf("%s/%s.%s\n", path, p->names[i],
               p->options->no_plots ? "gp" : figure_format_suffix((enum figure_format)p->options->format));
}

static int plot(struct plotting *p)
{
    const char *output = p->options->output;
    if (check_kinds(&p->options->kinds, p->diag) != 0 || check_place(p) != 0)
        return -1;
    char *path = output != NULL ? xstrdup(output) : xformat("%s/plots", p->shown->results[0].folder);
    int failed = write_scripts(p, path);
    if (failed == 0)
        draw(p, path);
    free(path);
    return failed;
}

static int show(const struct shown *shown, const void *options, struct diag *diag)
{
    struct plotting p = {.options = options, .shown = shown, .diag = diag};
    int failed = plot(&p);
    for (size_t i = 0; i < p.name_count; i++)
        free(p.names[i]);
    return failed;
}

static int run(const struct invocation *call)
{
    return read_results(call, show);
}

const struct command command_plot = {
    .name = "plot",
    .arguments = "RESULT... [--kind KIND] [--format svg|png|pdf] [-o DIR]",
    .summary = "Draw results: one by itself, or several over each other.",
    .details = "A result is the folder that run or curve wrote. Prints the names of the pictures. Each lies beside the "
               "gnuplot script that draws it and its data.",
    .example = "sqtail plot results/base results/new --kind ccdf --kind stages --format png -o plots",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = READ_RESULTS_MAX,
    .options_bytes = sizeof(struct plot_options),
    .run = run,
};
