// Sections for the tests of the configuration: a key of each type, and some bounds.
#ifndef SQTAIL_TESTS_CONFIG_EXAMPLE_H
#define SQTAIL_TESTS_CONFIG_EXAMPLE_H

#include <stdbool.h>

#include "config/field.h"
#include "util/macros.h"

struct example_top {
    char name[CONFIG_STRING_BYTES];
    uint64_t seed;
};

struct example_nand {
    uint32_t planes_per_die;
    tick_t t_prog;
    struct config_times t_r;
    struct config_times t_extra;
    uint64_t page_bytes;
    uint64_t bus_rate;
    double rber;
};

struct example_nvme {
    bool cmb;
    uint32_t vendor_id;
    uint64_t clock;
    double over_provisioning;
    uint32_t gc;
};

struct example {
    struct example_top top;
    struct example_nand nand;
    struct example_nvme nvme;
};

#define EXAMPLE(name, kind, section, member, initial, low, high, names, text) \
    {.key = name, .type = CONFIG_##kind, .offset = offsetof(struct example_##section, member), .fallback = initial, \
     .min = low, .max = high, .choices = names, .help = text}
#define EXAMPLE_RENAMED(name, former, kind, section, member, initial, text) \
    {.key = name, .type = CONFIG_##kind, .offset = offsetof(struct example_##section, member), .fallback = initial, \
     .help = text, .formerly = former}

static const char *const example_gc_choices[] = {"greedy", "cost_benefit", "fifo", NULL};

static const struct config_field example_top_fields[] = {
    EXAMPLE("name", STRING, top, name, "a \"drive\"", NULL, NULL, NULL, "Of the drive."),
    EXAMPLE("seed", UINT64, top, seed, "1", NULL, NULL, NULL, "Of all random numbers."),
};

static const struct config_field example_nand_fields[] = {
    EXAMPLE("planes_per_die", UINT, nand, planes_per_die, "4", "1", "16", NULL,
     "Planes of a die (ONFI 5.1, section 3.1)."),
    EXAMPLE("t_prog", TIME, nand, t_prog, "660us", "1us", "10ms", NULL, "Program time."),
    EXAMPLE("t_r", TIMES, nand, t_r, "[40us, 55us]", NULL, "1ms", NULL,
     "Read time of each kind of page."),
    EXAMPLE("t_extra", TIMES, nand, t_extra, "[]", NULL, NULL, NULL, "More times."),
    EXAMPLE("page", BYTES, nand, page_bytes, "16KiB", "512B", NULL, NULL, "Data of a page."),
    EXAMPLE_RENAMED("bus", "nvme.bus_rate", TRANSFERS, nand, bus_rate, "1200MT/s",
                    "Of a channel."),
    EXAMPLE("rber", REAL, nand, rber, "1.48e-3", "-1", "1", NULL, "Raw bit error rate."),
};

static const struct config_field example_nvme_fields[] = {
    EXAMPLE("cmb", BOOL, nvme, cmb, "false", NULL, NULL, NULL, "Controller memory buffer."),
    EXAMPLE("vendor_id", HEX, nvme, vendor_id, "0x15b7", NULL, "0xffff", NULL, "PCI's VID."),
    EXAMPLE("clock", FREQUENCY, nvme, clock, "500MHz", NULL, "2GHz", NULL, "Of the core."),
    EXAMPLE("over_provisioning", RATIO, nvme, over_provisioning, "7%", NULL, "400%", NULL,
     "Spare capacity - as a share of what the host sees."),
    EXAMPLE("gc", CHOICE, nvme, gc, "greedy", NULL, NULL, example_gc_choices,
     "Whom garbage collection picks."),
};

static const struct config_section example_sections[] = {
    {"", "The run.", example_top_fields, ARRAY_SIZE(example_top_fields), offsetof(struct example, top)},
    {"nand", "The flash.", example_nand_fields, ARRAY_SIZE(example_nand_fields), offsetof(struct example, nand)},
    {"nvme", "The controller.", example_nvme_fields, ARRAY_SIZE(example_nvme_fields), offsetof(struct example, nvme)},
    {NULL, NULL, NULL, 0, 0},
};

#endif
