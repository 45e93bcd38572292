// What a channel is used for, in words.
#include "timeline/format.h"

const char *const timeline_bus_names[TIMELINE_BUS_COUNT] = {
#define BUS_NAME(id, name) [BUS_IS_##id] = name,
    TIMELINE_BUS_LIST(BUS_NAME)
#undef BUS_NAME
};
