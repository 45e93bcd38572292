// sqtail check: lints configurations, and tells what the drive that they describe adds up to.
//
// The bounds are those of machine/bounds.h: a line a load with the least, the next ones under it.
#include <math.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/find_config.h"
#include "cli/session.h"
#include "machine/bounds.h"

struct check_options {
    struct option_texts sets;
    bool effective;
    bool all;
};

static const struct option_row rows[] = {
    {"set", 's', OPTION_TEXTS, offsetof(struct check_options, sets), "KEY=VALUE", "Change a key before checking."},
    {"effective", 'e', OPTION_FLAG, offsetof(struct check_options, effective), NULL,
     "Print the effective configuration, every key with its value, as YAML."},
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

// Effective: without what collection keeps free on average, the empty halves of two open superblocks, and the SLC
// cache.
static void print_capacity(const struct ftl_config *ftl, const struct nand_geometry *g, double flash, double capacity)
{
    double cache = (double)ftl->slc_size * g->bits_per_cell;
    double kept = (ftl->gc_stop + ftl->gc_reserve) / 2.0 + 1.5;
    double effective = flash * (1 - kept / g->blocks) - (ftl->placement == FTL_PLACE_SLC ? cache : 0);
    printf("  capacity    %.1f GB for the host; over-provisioning %.1f %% of that, %.1f %% effective\n",
           gigabytes(capacity), 100 * (flash / capacity - 1), 100 * (effective / capacity - 1));
    if (ftl->placement == FTL_PLACE_SLC)
        printf("  SLC cache   %.1f GB, up to %.1f GB more while the drive is empty\n", gigabytes((double)ftl->slc_size),
               gigabytes(ftl->slc_dynamic * capacity / (g->bits_per_cell + ftl->slc_dynamic)));
}

static void print_drive(const struct loaded_config *loaded, const char *path, bool all_bounds)
{
    const struct machine_config *values = &loaded->values;
    struct sim *sim = sim_create(values->seed);
    struct ssd *ssd = ssd_create(sim, &values->drive);
    const struct nand_geometry *g = nand_get_geometry(ssd_backend(ssd));
    double capacity = (double)ftl_capacity_bytes(ssd_core(ssd));
    double data_units = (double)raid_data_units(nand_get_raid_layout(ssd_backend(ssd)), g->units);
    printf("%s: fine\n", path);
    char *found = find_config(path, NULL);
    printf("  file        %s\n", found);
    free(found);
    if (values->name[0] != '\0')
        printf("  drive       %s\n", values->name);
    if (values->description[0] != '\0')
        printf("              %s\n", values->description);
    struct ftl_config ftl = ftl_config_on_flash(&values->drive.ftl, g, nand_get_raid_layout(ssd_backend(ssd)));
    print_capacity(&ftl, g, data_units * g->unit_bytes, capacity);
    print_flash(g, &values->drive.nand);
    print_bounds(values, all_bounds);
    config_visit_idle(loaded->config, print_idle, NULL);
    ssd_destroy(ssd);
    sim_destroy(sim);
}

static int check_one(const char *path, const struct check_options *options)
{
    struct loaded_config loaded = {0};
    struct diag *diag = diag_create();
    int failed = loaded_config_read(&loaded, diag, path, &options->sets, NULL);
    fflush(stdout);
    diag_print(diag, stderr);
    if (failed == 0 && options->effective)
        config_write_yaml(loaded.config, stdout);
    else if (failed == 0)
        print_drive(&loaded, path, options->all);
    loaded_config_free(&loaded);
    diag_destroy(diag);
    return failed;
}

static int run(const struct invocation *call)
{
    int failed = 0;
    for (size_t i = 0; i < call->count; i++)
        failed |= check_one(call->arguments[i], call->options);
    return failed == 0 ? EXIT_SUCCESS : EXIT_USER_ERROR;
}

const struct command command_check = {
    .name = "check",
    .arguments = "CONFIG.yaml... [--set KEY=VALUE] [--effective] [--all]",
    .summary = "Check configurations, and show what the drive adds up to.",
    .example = "sqtail check tiny.yaml --set nand.channels=4",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1000,
    .options_bytes = sizeof(struct check_options),
    .run = run,
};
