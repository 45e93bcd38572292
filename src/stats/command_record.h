// What is known of one command that has been measured.
#ifndef SQTAIL_STATS_COMMAND_RECORD_H
#define SQTAIL_STATS_COMMAND_RECORD_H

#include "spec/io.h"
#include "stats/wait.h"

struct command_record {
    uint64_t number; // of those measured, in order of completion, from 1
    tick_t time;     // of its arrival, since measuring began; earlier ones: 0
    uint32_t queue;
    enum io_kind kind;
    uint64_t offset, bytes;
    const struct breakdown *path; // finished; valid during the call
};

static inline tick_t command_latency(const struct command_record *record)
{
    return record->path->changed - record->path->start;
}

#endif
