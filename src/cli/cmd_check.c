// sqtail check: lints configurations, and tells what the drive that they describe adds up to.
//
// The bounds are those of machine/bounds.h: a line a load with the least, the next ones under it.
#include <math.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/drive_sheet.h"
#include "cli/find_config.h"
#include "machine/bounds.h"
#include "report/data/summary_json.h"

struct check_options {
    struct option_texts sets;
    bool effective, json;
    bool all;
};

static const struct option_row rows[] = {
    {"set", 's', OPTION_TEXTS, offsetof(struct check_options, sets), "KEY=VALUE", "Change a key before checking."},
    {"effective", 'e', OPTION_FLAG, offsetof(struct check_options, effective), NULL,
     "Print the effective configuration, every key with its value, as YAML."},
    {"json", 0, OPTION_FLAG, offsetof(struct check_options, json), NULL,
     "As JSON: an array with an object for each configuration that is fine, all its bounds among them."},
    {"all", 'a', OPTION_FLAG, offsetof(struct check_options, all), NULL,
     "Show every bound of each load, however far above the least one; else those within four times of it."},
};

static double gigabytes(double bytes)
{
    return bytes / 1e9;
}

static double mean_us(const struct config_times *times)
{
    double sum = 0;
    for (uint32_t i = 0; i < times->count; i++)
        sum += (double)times->at[i];
    return times->count == 0 ? 0 : sum / times->count / TICKS_PER_US;
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

static void print_flash(const struct nand_geometry *g, const struct nand_config *nand)
{
    printf("  flash       %.1f GB: %u channel%s x %u die%s x %u plane%s x %u blocks x %u pages of %.0f KiB\n",
           gigabytes((double)g->units * g->unit_bytes), g->channels, plural(g->channels), g->dies / g->channels,
           plural(g->dies / g->channels), g->planes, plural(g->planes), g->blocks, g->rows * g->pages_per_row,
           g->page_bytes / 1024.0);
    printf("  superblock  %.1f MB, %u of them; program unit %.0f KiB\n",
           g->units_per_superblock * (double)g->unit_bytes / 1e6, g->blocks,
           g->units_per_program * (double)g->unit_bytes / 1024);
    printf("  array       tR %.1f us, tPROG %.0f us a program unit, tBERS %.1f ms\n", mean_us(&nand->t_r),
           mean_us(&nand->t_prog), (double)nand->t_bers / TICKS_PER_MS);
}

static int decimals(double value)
{
    return value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
}

static int by_rate(const void *a, const void *b)
{
    double x = ((const struct bound *)a)->per_second, y = ((const struct bound *)b)->per_second;
    return (x > y) - (x < y);
}

static void print_least(const struct bounds *bounds, const struct bound *least)
{
    double k = least->per_second / 1e3, mb = least->per_second * (double)bounds->bytes / 1e6;
    char name[64];
    snprintf(name, sizeof name, "%s of %.0f KiB%s", bounds->name, (double)bounds->bytes / 1024, bounds->note);
    if (isinf(least->per_second))
        printf("  %-42s limited by nothing\n", name);
    else
        printf("  %-42s %5.*f k IOPS %6.*f MB/s  limited by %s\n", name, decimals(k), k, decimals(mb), mb, least->by);
}

// Of the other bounds those within reach of a what-if, or all.
static void print_load(struct bounds *bounds, bool all)
{
    enum { NEAR = 4 };
    qsort(bounds->bounds, bounds->count, sizeof *bounds->bounds, by_rate);
    const struct bound *least = bounds->bounds;
    print_least(bounds, least);
    for (const struct bound *bound = least + 1; bound < least + bounds->count && !isinf(bound->per_second); bound++)
        if (all || bound->per_second <= NEAR * least->per_second)
            printf("    then by %-36s%5.*f k IOPS\n", bound->by, decimals(bound->per_second / 1e3),
                   bound->per_second / 1e3);
    if (bounds->write_amplification > 1)
        printf("    at a write amplification of %.2f\n", bounds->write_amplification);
}

static void print_bounds(const struct machine_config *values, bool all)
{
    for (int load = 0; load < BOUND_LOAD_COUNT; load++) {
        struct bounds bounds;
        bounds_of(values, (enum bound_load)load, &bounds);
        print_load(&bounds, all);
    }
}

static void print_idle(void *context, const char *line)
{
    (void)context;
    printf("  idle        %s\n", line);
}

static void print_capacity(const struct drive_sheet *sheet)
{
    printf("  capacity    %.1f GB for the host; over-provisioning %.1f %% of that, %.1f %% effective\n",
           gigabytes(sheet->capacity_bytes), 100 * sheet->over_provisioning, 100 * sheet->effective);
    if (sheet->has_slc_cache)
        printf("  SLC cache   %.1f GB, up to %.1f GB more while the drive is empty\n", gigabytes(sheet->slc_bytes),
               gigabytes(sheet->slc_dynamic_bytes));
}

// "at once", or "at 3 120 P/E cycles, or with data of 41 days".
static void print_reach(const struct retry_margin *margin)
{
    if (margin->rber_now >= margin->rber_retry) {
        puts("; reads begin with it");
        return;
    }
    if (margin->pe_cycles != 0)
        printf("; reached at %llu P/E cycles", (unsigned long long)margin->pe_cycles);
    if (margin->age_s != 0)
        printf("%s with data of %.0f days", margin->pe_cycles != 0 ? ", or" : "; reached", margin->age_s / 86400);
    puts(margin->pe_cycles == 0 && margin->age_s == 0 ? "; not reached by wear or age" : "");
}

static void print_margins(const struct drive_sheet *sheet)
{
    const struct collection_margin *c = &sheet->collection;
    if (sheet->retry.applies) {
        printf("  read retry  from a raw bit error rate of %.2e on (one read in 1000), now %.2e", sheet->retry.rber_retry,
               sheet->retry.rber_now);
        print_reach(&sheet->retry);
    }
    printf("  collection  %llu of %llu superblocks free as prepared; ", (unsigned long long)c->free,
           (unsigned long long)c->superblocks);
    if (c->headroom_bytes == 0)
        puts("it is on with the first writes");
    else
        printf("it begins after %.1f GB of writes\n", gigabytes((double)c->headroom_bytes));
}

static double mebibytes(uint64_t bytes)
{
    return (double)bytes / (1 << 20);
}

static void print_memory(uint64_t memory, const struct ftl_memory *takes)
{
    if (memory == 0)
        return;
    printf("  memory      %.1f MiB: map %.1f, write buffer %.1f, %.1f left for reading ahead (up to %.1f) and copies (%.1f)\n",
           mebibytes(memory), mebibytes(takes->map), mebibytes(takes->buffer),
           mebibytes(memory - takes->map - takes->buffer), mebibytes(takes->ahead), mebibytes(takes->copies));
}

static void print_drive(const struct loaded_config *loaded, const char *path, bool all_bounds)
{
    const struct machine_config *values = &loaded->values;
    struct drive_sheet sheet = drive_sheet_of(values);
    char *found = find_config(path, NULL);
    printf("%s: fine\n", path);
    printf("  file        %s\n", found);
    free(found);
    if (values->name[0] != '\0')
        printf("  drive       %s\n", values->name);
    if (values->description[0] != '\0')
        printf("              %s\n", values->description);
    print_capacity(&sheet);
    print_memory(values->drive.ftl.memory, &sheet.memory);
    print_flash(&sheet.geometry, &values->drive.nand);
    print_margins(&sheet);
    print_bounds(values, all_bounds);
    config_visit_idle(loaded->config, print_idle, NULL);
}

static void add_json(json_t *all, const struct loaded_config *loaded, const char *path)
{
    struct drive_sheet sheet = drive_sheet_of(&loaded->values);
    json_array_append_new(all, drive_sheet_json(&sheet, loaded, path));
}

// With --json what is found is added to `all`.
static int check_one(const char *path, const struct check_options *options, json_t *all)
{
    struct loaded_config loaded = {0};
    struct diag *diag = diag_create();
    int failed = loaded_config_read(&loaded, diag, path, &options->sets, NULL);
    fflush(stdout);
    diag_print(diag, stderr);
    if (failed == 0 && options->effective)
        config_write_yaml(loaded.config, stdout);
    else if (failed == 0 && options->json)
        add_json(all, &loaded, path);
    else if (failed == 0)
        print_drive(&loaded, path, options->all);
    loaded_config_free(&loaded);
    diag_destroy(diag);
    return failed;
}

static int run(const struct invocation *call)
{
    const struct check_options *options = call->options;
    int failed = 0;
    if (options->json && options->effective) {
        fprintf(stderr, "sqtail: error: give one of --json and --effective\n");
        return EXIT_USER_ERROR;
    }
    json_t *all = json_array();
    for (size_t i = 0; i < call->count; i++)
        failed |= check_one(call->arguments[i], options, all);
    if (options->json)
        report_dump_json(all, stdout);
    json_decref(all);
    return failed == 0 ? EXIT_SUCCESS : EXIT_USER_ERROR;
}

const struct command command_check = {
    .name = "check",
    .arguments = "CONFIG.yaml... [--set KEY=VALUE] [--effective | --json] [--all]",
    .summary = "Check configurations, and show what the drive adds up to.",
    .example = "sqtail check tiny.yaml --set nand.channels=4",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1000,
    .options_bytes = sizeof(struct check_options),
    .run = run,
};
