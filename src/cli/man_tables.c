// Sections of the manual page that are tables of the program itself.
#include "cli/man_tables.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "dram/dram.h"
#include "ftl/ftl_stats.h"
#include "host/generate/generator.h"
#include "host/generate/models.h"
#include "host/block/block_stats.h"
#include "host/host_stats.h"
#include "host/job/job.h"
#include "host/job/job_options.h"
#include "host/replay/pace.h"
#include "nand/nand_stats.h"
#include "nvme/nvme_stats.h"
#include "report/plot/plots.h"
#include "stats/stage.h"
#include "util/macros.h"

static void print_item(const char *name, const char *help)
{
    fputs(".TP\n.B ", stdout);
    options_print_escaped(name, stdout);
    putchar('\n');
    options_print_escaped(help, stdout);
    putchar('\n');
}

void man_print_jobs(void)
{
    puts(".SH JOBS\nThe words of\n.BR \\-\\-job ,\nas fio has them, with the value that holds without them in brackets. "
         "Sizes are fio's: 4k is 4096 bytes.");
    for (const struct workload_option *o = job_options_table; o->name != NULL; o++) {
        char name[128];
        bool shown = o->fallback != NULL && *o->fallback != '\0';
        snprintf(name, sizeof name, "%s=%s%s%s%s", o->name, o->type, shown ? " [" : "", shown ? o->fallback : "",
                 shown ? "]" : "");
        print_item(name, o->help);
    }
}

static void print_words(const struct word_row *rows)
{
    for (const struct word_row *row = rows; row->name != NULL; row++) {
        char name[128];
        bool shown = *row->fallback != '\0';
        snprintf(name, sizeof name, "%s=%s%s%s%s", row->name, word_type_names[row->type], shown ? " [" : "",
                 row->fallback, shown ? "]" : "");
        print_item(name, row->help);
    }
}

void man_print_workloads(void)
{
    puts(".SH WORKLOADS\nThe models of\n.BR \\-\\-workload ,\ntheir words and defaults, those that all of them take last.");
    for (const struct model_ops *const *model = model_registry; *model != NULL; model++) {
        printf(".SS %s: %s\n", (*model)->name, (*model)->help);
        print_words((*model)->rows);
    }
    puts(".SS all of them");
    print_words(generator_rows);
}

void man_print_stages(void)
{
    puts(".SH STAGES\nA command is in one stage at any time, so that the times of its stages add up to its latency. "
         "Where a stage is waited for a resource, results say what held it, as\n.BR die_wait:gc .");
    for (int i = 0; i < STAGE_COUNT; i++)
        print_item(stage_names[i], stage_help[i]);
}

void man_print_plots(void)
{
    puts(".SH PLOTS\nThe kinds of\n.BR \"sqtail plot \\-\\-kind\" .");
    for (const struct plot_row *row = plot_rows; row->kind != NULL; row++)
        if (row == plot_rows || strcmp(row->kind, row[-1].kind) != 0)
            print_item(row->kind, row->help);
}

static void print_group(const char *group, const struct stat_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char name[96];
        const char *unit = fields[i].type == STAT_TIME ? "_us" : "";
        snprintf(name, sizeof name, "%s.%s%s", group, fields[i].name, unit);
        print_item(name, fields[i].help);
    }
}

void man_print_metrics(void)
{
    puts(".SH METRICS\nNumbers of a result go by the same names in\n.BR summary.json ,\n.BR stats.csv ,\nthresholds "
         "of\n.B compare\nand calibrations: a kind of command and what it had, such as\n.BR read.p99.9 ,\n.BR write.iops ,\n"
         ".BR read.stage.die_wait ,\nor a part of the drive and its counter.");
    print_group("host", host_stat_fields, host_stat_field_count);
    print_group("block", block_stat_fields, block_stat_field_count);
    print_group("replay", pace_stat_fields, pace_stat_field_count);
    print_group("nvme", nvme_stat_fields, nvme_stat_field_count);
    print_group("dram", dram_stat_fields, dram_stat_field_count);
    print_group("ftl", ftl_stat_fields, ftl_stat_field_count);
    print_group("nand", nand_stat_fields, nand_stat_field_count);
    print_group("ecc", ecc_stat_fields, ecc_stat_field_count);
    print_group("raid", raid_stat_fields, raid_stat_field_count);
    print_group("wear", wear_stat_fields, wear_stat_field_count);
}
