// Gaps in the numbers that recorders give to events. Internal to the trace room.
#ifndef SQTAIL_TRACE_BUILD_SEQUENCES_H
#define SQTAIL_TRACE_BUILD_SEQUENCES_H

#include "trace/pair_map.h"
#include "trace/trace_event.h"

struct sequence {
    uint32_t cpu, recorder;
    uint32_t first, last;
    uint64_t count;
};

struct sequences {
    struct sequence *list; // one for each pair of CPU and recorder
    uint64_t count, recent; // and the one of the event before
    struct pair_map index;
    uint64_t *unknown; // by CPU: events of which the recorder is not known
    uint32_t cpus;
};

void sequences_init(struct sequences *sequences);
void sequences_destroy(struct sequences *sequences);

void sequences_note(struct sequences *sequences, const struct trace_event *event);

// Numbers between the first and the last of each recorder that no event has.
uint64_t sequences_gaps(const struct sequences *sequences);

#endif
