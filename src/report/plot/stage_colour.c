// The colours of stages.
//
// Of one family of hue are what belongs together: host grey, link blue, controller violet, buffer olive, NAND warm,
// correction green. What a stage is split into has shades of its colour, those apart that are met together most.
#include "report/plot/stage_colour.h"

#include <string.h>

#include "stats/wait.h"
#include "util/macros.h"

static const enum figure_colour colours[STAGE_COUNT] = {
    [STAGE_HOST_SUBMIT] = FIGURE_STAGE_LILAC, [STAGE_SQ_FETCH] = FIGURE_STAGE_CYAN,
    [STAGE_CONTROLLER] = FIGURE_STAGE_VIOLET, [STAGE_BUFFER_WAIT] = FIGURE_STAGE_OLIVE,
    [STAGE_DATA_IN] = FIGURE_STAGE_BLUE,      [STAGE_FLUSH_WAIT] = FIGURE_STAGE_MUD,
    [STAGE_DIE_WAIT] = FIGURE_STAGE_PEACH,    [STAGE_CHANNEL_WAIT] = FIGURE_STAGE_RUST,
    [STAGE_NAND_COMMAND] = FIGURE_STAGE_YELLOW, [STAGE_ARRAY] = FIGURE_STAGE_RED,
    [STAGE_TRANSFER] = FIGURE_STAGE_PINK,     [STAGE_ECC] = FIGURE_STAGE_GREEN,
    [STAGE_RETRY] = FIGURE_STAGE_LIME,        [STAGE_RAID] = FIGURE_STAGE_TEAL,
    [STAGE_DATA_OUT] = FIGURE_STAGE_NAVY,     [STAGE_COMPLETION] = FIGURE_STAGE_ICE,
    [STAGE_HOST_COMPLETE] = FIGURE_STAGE_SLATE,
};

// Percent of white in the stage's colour, below 0 of black.
static const struct {
    const char *cause;
    int shade;
} shades[] = {
    {"host_read", 55},  {"read_ahead", 80}, {"host_write", -10}, {"parity", 70},  {"gc_read", -22}, {"gc_write", -43},
    {"fold_read", -31}, {"fold_write", -53}, {"erase", -70},     {"suspend", 27}, {"raid", 40},     {"pause", 88},
    {"frontend", 30},   {"host_work", 60},  {"background", -35}, {"programs", 62}, {"pacing", 8},   {"urgent", -61},
    {"folding", 34},    {"channel", 47},    {"program", 18},
};

static int shade_of(const char *cause)
{
    for (size_t i = 0; cause != NULL && i < ARRAY_SIZE(shades); i++)
        if (strcmp(shades[i].cause, cause) == 0)
            return shades[i].shade;
    return 0;
}

struct figure_paint stage_paint(const char *stage, const char *cause)
{
    for (int i = 0; i < STAGE_COUNT; i++)
        if (strcmp(stage_names[i], stage) == 0)
            return (struct figure_paint){colours[i], shade_of(cause)};
    return (struct figure_paint){FIGURE_PALE, 0};
}
