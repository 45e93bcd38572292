// What all gnuplot scripts share.
//
// Scripts name their files relative to plots/ and set every range themselves, so that gnuplot has nothing to guess
// from data of one point or none, and begin with `reset`, so that one process can run them all in turn.
#include "report/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/exact_math.h"
#include "util/macros.h"

static FILE *open_file(struct plots *plots, const char *name, const char *suffix)
{
    snprintf(plots->open, sizeof plots->open, "plots/%s.%s", name, suffix);
    return folder_open(plots->folder, plots->open);
}

FILE *plot_open_data(struct plots *plots, const char *name, const char *suffix)
{
    return open_file(plots, name, suffix);
}

void plot_close_data(struct plots *plots, FILE *data)
{
    folder_close(plots->folder, data, plots->open);
}

void plot_put_quoted(FILE *gp, const char *text)
{
    fputc('\'', gp);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputc('\'', gp);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, gp);
    }
    fputc('\'', gp);
}

// A line of a title, no longer than fits the picture, in UTF-8 that is not cut within a character.
static void put_title_line(FILE *gp, const char *text)
{
    enum { LONGEST = 110 };
    char line[LONGEST + 4];
    if (text == NULL || *text == '\0')
        return;
    size_t length = strlen(text);
    if (length > LONGEST) {
        for (length = LONGEST; ((unsigned char)text[length] & 0xc0) == 0x80;)
            length--;
        snprintf(line, sizeof line, "%.*s...", (int)length, text);
        text = line;
    }
    fputs(" .\"\\n\". ", gp);
    plot_put_quoted(gp, text);
}

FILE *plot_open(struct plots *plots, const char *name, struct plot_layout layout)
{
    FILE *gp = open_file(plots, name, "gp");
    if (gp == NULL)
        return NULL;
    fprintf(gp,
            "# %s. To draw it again, in this folder: gnuplot %s.gp\n"
            "reset\n"
            "set encoding utf8\n"
            "set terminal svg size 960,%u font 'sans-serif,14' noenhanced rounded background '#ffffff'\n"
            "set output '%s.svg'\n"
            "set border 3 linecolor '#555555'\n"
            "set tics nomirror textcolor '#333333'\n"
            "set grid linecolor '#dddddd' linetype 1 linewidth 1, linecolor '#eeeeee' linetype 1 linewidth 1\n"
            "set key outside top center horizontal samplen 2 noenhanced\n"
            "set lmargin at screen 0.10\nset rmargin at screen 0.96\n"
            "set datafile missing ''\n"
            "set multiplot layout %u,1 title ",
            layout.title, name, layout.height, name, layout.panels);
    plot_put_quoted(gp, layout.title);
    put_title_line(gp, plots->title);
    put_title_line(gp, plots->subtitle);
    fputc('\n', gp);
    return gp;
}

void plot_close(struct plots *plots, FILE *gp)
{
    if (gp == NULL)
        return;
    fputs("unset multiplot\nunset output\n", gp);
    folder_close(plots->folder, gp, plots->open);
}

enum { LEAST_DECADE = -12 };

// The numbers 1, 2, 5, 10, 20, 50 ... by index; index 0 is 1.
static double round_number(int index)
{
    static const double mantissas[] = {1, 2, 5};
    int decade = index >= 0 ? index / 3 : -((2 - index) / 3);
    return mantissas[index - 3 * decade] * exact_pow(10, decade);
}

// The index of the largest such number that is not above `value`.
static int round_index(double value)
{
    int index = 3 * LEAST_DECADE;
    while (round_number(index + 1) <= value)
        index++;
    return index;
}

// Gnuplot labels whole decades only, of which a narrow range may have none: there every round number gets a label.
static void put_narrow_range(FILE *gp, char axis, double lo, double hi)
{
    int from = round_index(lo * 0.95), to = round_index(hi * 1.05) + 1;
    fprintf(gp, "set %crange [%g:%g]\nset %ctics (", axis, round_number(from), round_number(to), axis);
    for (int i = from; i <= to; i++)
        fprintf(gp, "%s%g", i == from ? "" : ", ", round_number(i));
    fputs(")\n", gp);
}

void plot_put_log_range(FILE *gp, char axis, double lo, double hi)
{
    lo = MAX(lo, 1e-3);
    hi = MAX(hi, lo);
    fprintf(gp, "set logscale %c 10\nset format %c '%%g'\n", axis, axis);
    if (hi / lo < 100)
        put_narrow_range(gp, axis, lo, hi);
    else
        fprintf(gp, "set %crange [%.6g:%.6g]\nset %ctics autofreq\n", axis, lo / 1.3, hi * 1.3, axis);
}

void plot_put_linear_range(FILE *gp, char axis, double hi)
{
    fprintf(gp, "unset logscale %c\nset %crange [0:%.6g]\nset %ctics autofreq\n", axis, axis, hi > 0 ? hi * 1.08 : 1,
            axis);
}

const char *plot_colour(unsigned index)
{
    static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                          "#e69f00", "#56b4e9", "#777777"};
    return colours[index % ARRAY_SIZE(colours)];
}
