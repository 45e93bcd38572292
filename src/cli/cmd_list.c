// sqtail list: what there is to choose from, out of the registries themselves.
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/find_config.h"
#include "cli/session/session.h"
#include "ftl/buffer/policies.h"
#include "ftl/move/policies.h"
#include "ftl/space/policies.h"
#include "host/generate/generator.h"
#include "host/generate/models.h"
#include "host/block/scheduler.h"
#include "host/job/job.h"
#include "host/job/job_options.h"
#include "host/replay/replay.h"
#include "nand/ecc/ecc.h"
#include "nand/control/scheduler.h"
#include "nvme/command/opcode.h"
#include "nvme/feature/feature.h"
#include "nvme/identify/cns.h"
#include "nvme/log/log_page.h"
#include "nvme/queue/arbitration.h"
#include "report/plot/plots.h"
#include "stats/wait.h"
#include "trace/write/convert.h"
#include "trace/format.h"
#include "util/alloc.h"

static void print_row(const char *name, const char *help)
{
    printf("  %-24s %s\n", name, help);
}

// Prints an array of `count` pointers to ops that have a name and a help; a NULL ends it earlier.
#define PRINT_REGISTRY(registry, count)                                  \
    do {                                                                 \
        for (size_t i = 0; i < (count) && (registry)[i] != NULL; i++)    \
            print_row((registry)[i]->name, (registry)[i]->help);         \
    } while (0)

static void list_gc(void)
{
    PRINT_REGISTRY(gc_registry, FTL_GC_COUNT);
}

static void list_alloc(void)
{
    PRINT_REGISTRY(alloc_registry, FTL_ALLOC_COUNT);
}

static void list_placement(void)
{
    PRINT_REGISTRY(place_registry, FTL_PLACE_COUNT);
}

static void list_destage(void)
{
    PRINT_REGISTRY(destage_registry, FTL_DESTAGE_COUNT);
}

static void list_block(void)
{
    PRINT_REGISTRY(block_schedulers, BLOCK_SCHEDULER_COUNT);
}

static void list_sched(void)
{
    PRINT_REGISTRY(schedulers, scheduler_count);
}

static void list_ecc(void)
{
    PRINT_REGISTRY(ecc_engines, ecc_engine_count);
}

static void list_arbitration(void)
{
    PRINT_REGISTRY(nvme_arbitrations, NVME_ARBITRATION_COUNT);
}

static void list_trace(void)
{
    PRINT_REGISTRY(trace_formats, SIZE_MAX);
    puts("written by sqtail trace convert --format:");
    PRINT_REGISTRY(trace_writers, SIZE_MAX);
}

// What a word takes ends with a blank, so that two stand before its help.
static void print_word(const char *name, const char *takes, const char *help)
{
    char *shown = xformat("%s=%s", name, takes);
    print_row(shown, help);
    free(shown);
}

static void print_rows(const struct word_row *rows)
{
    for (const struct word_row *row = rows; row->name != NULL; row++) {
        bool shown = *row->fallback != '\0';
        char *takes = xformat("%s ", word_type_names[row->type]);
        char *help = xformat(shown ? "%s [%s]" : "%s", row->help, row->fallback);
        print_word(row->name, takes, help);
        free(takes);
        free(help);
    }
}

static void list_workload(void)
{
    for (const struct model_ops *const *model = model_registry; *model != NULL; model++) {
        print_row((*model)->name, (*model)->help);
        print_rows((*model)->rows);
        putchar('\n');
    }
    puts("of all of them:");
    print_rows(generator_rows);
}

static void list_neutral(const char *title, bool refused)
{
    printf("\n%s:\n", title);
    for (const struct job_neutral_word *word = job_neutral_words; word->name != NULL; word++)
        if ((word->values != NULL && *word->values == '\0') == refused)
            print_word(word->name, word->values == NULL ? "TEXT " : refused ? "... " : word->values, word->help);
}

static void list_job(void)
{
    for (const struct workload_option *o = job_options_table; o->name != NULL; o++) {
        bool shown = o->fallback != NULL && *o->fallback != '\0';
        char *takes = xformat("%s ", o->type), *help = xformat(shown ? "%s [%s]" : "%s", o->help, o->fallback);
        print_word(o->name, takes, help);
        free(takes);
        free(help);
    }
    list_neutral("fio's words that may be there, and change nothing", false);
    list_neutral("fio's words that cannot be had, and what does instead", true);
}

static void print_config(void *context, const char *name, const char *path)
{
    (void)context;
    if (strchr(name, '/') != NULL)
        return;
    struct loaded_config loaded = {0};
    struct diag *diag = diag_create();
    if (loaded_config_read(&loaded, diag, path, &(struct option_texts){0}, NULL) == 0)
        print_row(name, loaded.values.name);
    diag_print(diag, stderr);
    loaded_config_free(&loaded);
    diag_destroy(diag);
}

static void print_part(void *context, const char *name, const char *path)
{
    (void)context, (void)path;
    if (strchr(name, '/') != NULL)
        print_row(name, "a part of a drive, for include: in a file of your own");
}

static void print_folder(void *context, const char *name, const char *path)
{
    bool *is_done = context;
    if (!*is_done)
        printf("found in %.*s\n", (int)(strlen(path) - strlen(name) - 1), path);
    *is_done = true;
}

static void list_config(void)
{
    find_config_visit(print_config, NULL);
    find_config_visit(print_part, NULL);
    find_config_visit(print_folder, &(bool){false});
}

static void print_cause(enum stage stage, const char *name, const char *help)
{
    char whole[64];
    snprintf(whole, sizeof whole, "%s.%s", stage_names[stage], name);
    print_row(whole, help);
}

static void list_stage(void)
{
    for (int i = 0; i < STAGE_COUNT; i++)
        print_row(stage_names[i], stage_help[i]);
    puts("their causes, what held the resource that was waited for:");
    for (int i = 0; i < WAIT_COUNT; i++)
        print_cause(wait_rows[i].stage, wait_rows[i].name, wait_rows[i].help);
    for (int i = 0; i < STAGE_COUNT; i++)
        if (wait_rest_names[i] != NULL)
            print_cause(i, wait_rest_names[i], wait_rest_help[i]);
}

// A kind of several plots is told once, by the first of them.
static void list_plot(void)
{
    for (size_t i = 0; plot_rows[i].kind != NULL; i++)
        if (i == 0 || strcmp(plot_rows[i].kind, plot_rows[i - 1].kind) != 0)
            print_row(plot_rows[i].kind, plot_rows[i].help);
}

static void print_code(uint8_t code, const char *name)
{
    char text[8];
    snprintf(text, sizeof text, "%02Xh", code);
    print_row(text, name);
}

#define PRINT_CODES(title, registry, count, member)                \
    do {                                                           \
        puts(title);                                               \
        for (size_t i = 0; i < (count); i++)                       \
            print_code((registry)[i]->member, (registry)[i]->name); \
    } while (0)

static void list_opcodes(enum nvme_set set)
{
    for (size_t i = 0; i < nvme_opcode_row_count; i++)
        if (nvme_opcode_rows[i]->set == set)
            print_code(nvme_opcode_rows[i]->code, nvme_opcode_rows[i]->name);
}

static void list_nvme(void)
{
    puts("admin commands:");
    list_opcodes(NVME_SET_ADMIN);
    puts("I/O commands:");
    list_opcodes(NVME_SET_NVM);
    PRINT_CODES("features:", nvme_feature_rows, NVME_FEATURE_COUNT, fid);
    PRINT_CODES("log pages:", nvme_log_pages, NVME_LOG_PAGE_COUNT, lid);
    PRINT_CODES("what Identify tells, by CNS:", nvme_cns_rows, nvme_cns_row_count, value);
}

static const struct kind {
    const char *name;
    const char *help;
    void (*print)(void);
} kinds[] = {
    {"config", "shipped configurations, found by name from anywhere", list_config},
    {"job", "words of a synthetic job: --job \"rw=randread bs=4k\"", list_job},
    {"workload", "models of applications, and their words: --workload \"oltp clients=16\"", list_workload},
    {"trace", "formats of recordings", list_trace},
    {"alloc", "ftl.allocation: in which order dies are written", list_alloc},
    {"placement", "ftl.placement: which data share superblocks", list_placement},
    {"destage", "ftl.destage: when buffered data go to the flash", list_destage},
    {"gc", "ftl.gc_policy: which superblock is collected", list_gc},
    {"block", "host.scheduler: schedulers of the host's block layer", list_block},
    {"sched", "nand.scheduler: which operation a die serves next", list_sched},
    {"ecc", "ecc.engine: error-correcting codes", list_ecc},
    {"arbitration", "nvme.arbitration: which submission queue is served next", list_arbitration},
    {"nvme", "commands, features, log pages and structures of Identify; some are offered as keys have it", list_nvme},
    {"plot", "kinds of plots: sqtail plot RESULT --kind cdf", list_plot},
    {"stage", "stages into which a command's latency is split, and their causes", list_stage},
};

static void list(const struct kind *kind)
{
    printf("%s (%s)\n", kind->name, kind->help);
    kind->print();
}

static int unknown_kind(const char *name)
{
    const char *names[ARRAY_SIZE(kinds) + 1] = {NULL};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        names[i] = kinds[i].name;
    const char *nearest = diag_nearest(name, names);
    fprintf(stderr, "sqtail: error: there is no list of '%s'", name);
    if (nearest != NULL)
        fprintf(stderr, "; did you mean '%s'?", nearest);
    fputc('\n', stderr);
    return EXIT_USER_ERROR;
}

static int run(const struct invocation *call)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (call->count == 1 && strcmp(kinds[i].name, call->arguments[0]) != 0)
            continue;
        list(&kinds[i]);
        if (call->count == 1)
            return EXIT_SUCCESS;
    }
    return call->count == 0 ? EXIT_SUCCESS : unknown_kind(call->arguments[0]);
}

const struct command command_list = {
    .name = "list",
    .arguments = "[config|job|workload|trace|alloc|placement|destage|gc|block|sched|ecc|arbitration|nvme|plot|stage]",
    .summary = "List what there is to choose from: policies, codes, formats, words of a job.",
    .max_arguments = 1,
    .run = run,
};
