// What a timeline is written as: a registry of formats.
//
// A format is told what there is to show while the drive is simulated, and writes it as it comes: what it keeps does
// not grow with the length of what is shown. To add one: a file format_NAME.c that defines timeline_format_NAME, a line in
// TIMELINE_FORMAT_LIST and one in Makefile.am.
#ifndef SQTAIL_TIMELINE_FORMAT_H
#define SQTAIL_TIMELINE_FORMAT_H

#include <stdio.h>

#include "ftl/inspect.h"
#include "nand/observer.h"
#include "ssd/ssd.h"
#include "timeline/windows.h"

// The drive that is looked at.
struct timeline_scene {
    const struct nand_geometry *geometry;
    const struct ssd_meter *meters; // a kind of resources each
    size_t meter_count;
    size_t die_meter, channel_meter; // which of them these are
    uint32_t lba_bytes;
    struct timeline_windows windows;
    tick_t origin; // when measuring began
};

// Times of what follows count from the origin; what began before it begins there.

// What a die does while an operation holds it, one after the other; the last ends with the hold.
struct timeline_phase {
    enum nand_doing doing;
    tick_t from;
};

// A die is held by an operation.
struct timeline_hold {
    const struct nand_op *op;
    struct ftl_op_info info;
    struct nand_address at; // its die, block, row and page
    tick_t from, to;
    const struct timeline_phase *phases;
    size_t phase_count;
    bool resumed; // the operation has held it before, and was suspended
    const uint64_t *commands; // numbers of those that wait for it, or whose data it programs
    size_t command_count;
};

// An operation does something that takes none of its die: it is decoded, or rests.
struct timeline_aside {
    const struct nand_op *op;
    struct ftl_op_info info;
    uint32_t die;
    enum nand_doing doing;
    tick_t from, to;
};

// Another resource is busy.
struct timeline_busy {
    size_t meter;
    uint32_t index;
    const char *what;
    const struct nand_op *op; // of channels, or NULL
    struct ftl_op_info info;  // of that
    tick_t from, to;
};

// A command, from its doorbell to its completion queue entry.
struct timeline_command {
    uint64_t number;
    const struct nvme_completed *completed;
    tick_t from, to;
};

// A line of the drive changes, at a time of the simulation, not before `now`.
enum timeline_line { LINE_DIE_BUSY, LINE_CHANNEL };
struct timeline_level {
    tick_t now, when;
    enum timeline_line line;
    uint32_t index;
    uint32_t value; // of a channel: enum timeline_bus
};

#define TIMELINE_BUS_LIST(X)     \
    X(IDLE, "idle")              \
    X(COMMAND, "command")        \
    X(DATA_IN, "data in")        \
    X(DATA_OUT, "data out")      \
    X(SUSPEND, "suspend")        \
    X(RESUME, "resume")

#define TIMELINE_BUS_ENUM(id, name) BUS_IS_##id,
enum timeline_bus { TIMELINE_BUS_LIST(TIMELINE_BUS_ENUM) TIMELINE_BUS_COUNT };
#undef TIMELINE_BUS_ENUM

extern const char *const timeline_bus_names[TIMELINE_BUS_COUNT];

// Those that a format does not show are NULL.
struct timeline_format {
    const char *suffix; // of its files
    const char *help;
    void *(*create)(FILE *to, const struct timeline_scene *scene);
    // Measuring begins, perhaps anew: then `to` is empty again.
    void (*begin)(void *self);
    void (*hold)(void *self, const struct timeline_hold *hold);
    void (*aside)(void *self, const struct timeline_aside *aside);
    void (*busy)(void *self, const struct timeline_busy *busy);
    void (*command)(void *self, const struct timeline_command *command);
    void (*level)(void *self, const struct timeline_level *level); // outside the windows, too
    // The simulation has ended at `now`; `self` goes.
    void (*end)(void *self, tick_t now);
};

#define TIMELINE_FORMAT_LIST(X) \
    X(trace_events)             \
    X(vcd)

#define TIMELINE_FORMAT_EXTERN(name) extern const struct timeline_format timeline_format_##name;
TIMELINE_FORMAT_LIST(TIMELINE_FORMAT_EXTERN)
#undef TIMELINE_FORMAT_EXTERN

extern const struct timeline_format *const timeline_formats[]; // ends with NULL

// The one whose files end as `path` does, or NULL.
const struct timeline_format *timeline_format_of(const char *path);

#endif
