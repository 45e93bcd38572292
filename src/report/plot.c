// What all gnuplot scripts share, and running gnuplot.
//
// Scripts name their files relative to plots/ and set every range themselves, so that gnuplot has nothing to guess
// from data of one point or none, and begin with `reset`, so that one process can run them all in turn.
#define _GNU_SOURCE // pipe2, posix_spawn_file_actions_addchdir_np
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

static const char *path_of(const char *name, const char *suffix, char path[PLOT_NAME_BYTES])
{
    snprintf(path, PLOT_NAME_BYTES, "plots/%s.%s", name, suffix);
    return path;
}

FILE *plot_open_data(struct plots *plots, const char *name, const char *suffix)
{
    char path[PLOT_NAME_BYTES];
    return folder_open(plots->folder, path_of(name, suffix, path));
}

void plot_close_data(struct plots *plots, FILE *data)
{
    folder_close(plots->folder, data, "plots");
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

static void put_title(FILE *gp, const char *title, const char *subtitle)
{
    plot_put_quoted(gp, title);
    if (subtitle == NULL || *subtitle == '\0')
        return;
    fputs(" .\"\\n\". ", gp);
    plot_put_quoted(gp, subtitle);
}

FILE *plot_open(struct plots *plots, const char *name, struct plot_layout layout)
{
    char path[PLOT_NAME_BYTES];
    FILE *gp = folder_open(plots->folder, path_of(name, "gp", path));
    if (gp == NULL)
        return NULL;
    snprintf(plots->scripts[plots->count++], PLOT_NAME_BYTES, "%s.gp", name);
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
    put_title(gp, layout.title, plots->subtitle);
    fputc('\n', gp);
    return gp;
}

void plot_close(struct plots *plots, FILE *gp)
{
    if (gp == NULL)
        return;
    fputs("unset multiplot\nunset output\n", gp);
    folder_close(plots->folder, gp, "plots");
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

// --- gnuplot -------------------------------------------------------------------------------------------------------

enum { TALK_BYTES = 400 };

// Starts gnuplot in the folder of the plots, its talk going to `talk`. Not by fork, which would copy the page tables
// of a whole simulated drive. Returns 0 or an error number.
static int start_gnuplot(const struct plots *plots, int talk, pid_t *child)
{
    const char *arguments[PLOTS_MAX + 3] = {"gnuplot", "-d"}; // -d: nothing from the user's own start-up files
    for (unsigned i = 0; i < plots->count; i++)
        arguments[i + 2] = plots->scripts[i];
    // Nothing of the user's environment, so that the plots do not depend on it; UTF-8, without which gnuplot warns.
    static char locale[] = "LC_ALL=C.UTF-8";
    char *const environment[] = {locale, NULL};
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s/plots", plots->folder->temporary) >= sizeof path)
        return ENAMETOOLONG;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, talk, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, talk, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, path);
    int error = posix_spawnp(child, "gnuplot", &actions, NULL, (char *const *)arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// The first line of what gnuplot has to say; reads on to the end, so that it never waits for us.
static void read_talk(int from, char talk[TALK_BYTES])
{
    size_t length = 0;
    char c;
    for (ssize_t got; (got = read(from, &c, 1)) == 1 || (got < 0 && errno == EINTR);)
        if (got == 1 && length + 1 < TALK_BYTES && (length > 0 || c != '\n'))
            talk[length++] = c;
    talk[length] = '\0';
    talk[strcspn(talk, "\n")] = '\0';
}

static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

static void tell(const struct plots *plots, int error, int status, const char *talk)
{
    struct place place = {.file = "plots"};
    if (error == ENOENT)
        diag_warning(plots->folder->diag, place,
                     "gnuplot was not found: the scripts are written, but not drawn (Debian: package gnuplot-nox)");
    else if (error != 0)
        diag_warning(plots->folder->diag, place, "cannot run gnuplot: %s", strerror(error));
    else if (status != 0 || *talk != '\0')
        diag_warning(plots->folder->diag, place, "gnuplot: %s", *talk == '\0' ? "failed" : talk);
}

void plot_run_gnuplot(const struct plots *plots)
{
    int ends[2], status = 0;
    char talk[TALK_BYTES] = "";
    pid_t child;
    if (plots->count == 0 || plots->folder->failed || pipe2(ends, O_CLOEXEC) != 0)
        return;
    int error = start_gnuplot(plots, ends[1], &child);
    close(ends[1]);
    if (error == 0) {
        read_talk(ends[0], talk);
        status = wait_for(child);
    }
    close(ends[0]);
    tell(plots, error, status, talk);
}
