// The missing points of a sweep as a job array for Slurm, a list for GNU parallel or xargs, a makefile.
//
// All call the sqtail that wrote them, or what the environment has in SQTAIL, in the folder in which they were written;
// a cluster's nodes see both at the same paths. A point that is there is skipped, so that they may be run again.
#include "cli/runs/sweep_emit.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/runs/run_line.h"
#include "util/alloc.h"
#include "util/macros.h"

// A job array has as many tasks as there are points, but no more than this: schedulers limit them.
enum { TASKS_MAX = 100 };

static bool is_missing(const struct sweep_run *run)
{
    return !run->there && !run->is_twin;
}

static void put_command(const struct sweep_runs *runs, const struct sweep_run *run, FILE *to)
{
    struct session_options session = {0};
    sweep_runs_describe(runs, run, &session);
    run_line_put(&session, to);
}

static void put_program(FILE *to)
{
    char program[PATH_MAX] = "";
    if (readlink("/proc/self/exe", program, sizeof program - 1) > 0)
        options_print_quoted(program, to);
    else
        fputs("sqtail", to);
}

static void put_here(FILE *to)
{
    char *here = getcwd(NULL, 0);
    options_print_quoted(here == NULL ? "." : here, to);
    free(here);
}

static size_t count_missing(const struct sweep_runs *runs)
{
    size_t count = 0;
    for (size_t i = 0; i < runs->count; i++)
        count += is_missing(&runs->at[i]);
    return count;
}

// Each task takes every n-th of the points.
static void emit_slurm(const struct sweep_runs *runs, FILE *to)
{
    size_t tasks = MIN(MAX(count_missing(runs), 1), (size_t)TASKS_MAX);
    fprintf(to, "#!/bin/sh\n#SBATCH --job-name=sqtail-sweep\n#SBATCH --array=1-%zu\n#SBATCH --ntasks=1\n"
                "#SBATCH --output=/dev/null\n\n# Points of a sweep. When all are done, asking for the sweep again puts "
                "them into its table.\ncd ", tasks);
    put_here(to);
    fputs(" || exit\nsqtail=${SQTAIL:-", to);
    put_program(to);
    fprintf(to, "}\ntask=${SLURM_ARRAY_TASK_ID:?is set by Slurm}\nnumber=0\nfailed=0\n\n"
                "# point RESULT ARGUMENTS...\npoint()\n{\n"
                "    number=$((number %% %zu + 1))\n"
                "    [ \"$number\" -eq \"$task\" ] || return 0\n"
                "    result=$1\n    shift\n"
                "    ! grep -qs '^  \"complete\": true' \"$result/summary.json\" || return 0\n"
                "    \"$sqtail\" run \"$@\" || failed=1\n}\n\n", tasks);
    for (size_t i = 0; i < runs->count; i++) {
        if (!is_missing(&runs->at[i]))
            continue;
        fputs("point ", to);
        options_print_quoted(runs->at[i].folder, to);
        fputc(' ', to);
        put_command(runs, &runs->at[i], to);
        fputc('\n', to);
    }
    fputs("exit $failed\n", to);
}

static void emit_parallel(const struct sweep_runs *runs, FILE *to)
{
    for (size_t i = 0; i < runs->count; i++) {
        if (!is_missing(&runs->at[i]))
            continue;
        fputs("cd ", to);
        put_here(to);
        fputs(" && { grep -qs '^  \"complete\": true' ", to);
        options_print_quoted(runs->at[i].folder, to);
        fputs("/summary.json || ${SQTAIL:-", to);
        put_program(to);
        fputs("} run ", to);
        put_command(runs, &runs->at[i], to);
        fputs("; }\n", to);
    }
}

// In a recipe a dollar is written twice.
static void put_for_make(const char *text, FILE *to)
{
    for (; *text != '\0'; text++)
        fprintf(to, *text == '$' ? "$$" : "%c", *text);
}

static void put_rule(const struct sweep_runs *runs, const struct sweep_run *run, FILE *to)
{
    char *command = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&command, &size);
    put_command(runs, run, text);
    fclose(text);
    fprintf(to, "%s:\n\t@cd '$(here)' && '$(SQTAIL)' run ", run->id);
    put_for_make(command, to);
    fputc('\n', to);
    free(command);
}

static void emit_make(const struct sweep_runs *runs, FILE *to)
{
    char program[PATH_MAX] = "sqtail", *here = getcwd(NULL, 0);
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0)
        snprintf(program, sizeof program, "sqtail");
    fputs("# Points of a sweep: make -j N -k -f THIS. When all are done, asking for the sweep again puts them into its "
          "table.\nSQTAIL ?= ", to);
    put_for_make(program, to);
    fputs("\nhere = ", to);
    put_for_make(here == NULL ? "." : here, to);
    fputs("\n.PHONY: all", to);
    for (size_t i = 0; i < runs->count; i++)
        if (is_missing(&runs->at[i]))
            fprintf(to, " %s", runs->at[i].id);
    fputs("\nall:", to);
    for (size_t i = 0; i < runs->count; i++)
        if (is_missing(&runs->at[i]))
            fprintf(to, " %s", runs->at[i].id);
    fputc('\n', to);
    for (size_t i = 0; i < runs->count; i++)
        if (is_missing(&runs->at[i]))
            put_rule(runs, &runs->at[i], to);
    free(here);
}

void sweep_emit(const struct sweep_runs *runs, uint32_t emitter, FILE *to)
{
    static void (*const emitters[])(const struct sweep_runs *runs, FILE *to) = {NULL, emit_slurm, emit_parallel,
                                                                                emit_make};
    if (emitters[emitter] != NULL)
        emitters[emitter](runs, to);
}
