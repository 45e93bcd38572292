// The host's counters as a table.
#include "host/host_stats.h"

#include "util/macros.h"

#define ROW(name, kind, one, text) {#name, kind, offsetof(struct host_stats, name), one, text}

const struct stat_field host_stat_fields[] = {
    ROW(submitted, STAT_COUNT, "1", "Requests of the workload."),
    ROW(completed, STAT_COUNT, "1", "Requests completed."),
    ROW(failed, STAT_COUNT, "1", "Requests completed with an error status."),
    ROW(split, STAT_COUNT, "1", "Requests that took more than one command."),
    ROW(commands, STAT_COUNT, "1", "I/O commands sent."),
    ROW(queue_full, STAT_COUNT, "1", "Requests that waited for a free tag."),
    ROW(interrupts, STAT_COUNT, "1", "Interrupts of I/O queues."),
    ROW(spurious, STAT_COUNT, "1", "Interrupts that found no new completion."),
    ROW(sq_doorbells, STAT_COUNT, "1", "Submission queue doorbells rung."),
    ROW(cq_doorbells, STAT_COUNT, "1", "Completion queue doorbells rung."),
    ROW(offered_iops, STAT_REAL, "1/s", "Open loop: requests that arrived, over the time in which they did."),
    ROW(offered_mb_s, STAT_REAL, "MB/s", "Open loop: their data."),
    ROW(served_iops, STAT_REAL, "1/s", "Open loop: requests completed, over the time until the last one was."),
    ROW(served_mb_s, STAT_REAL, "MB/s", "Open loop: their data."),
    ROW(waiting_at_end, STAT_COUNT, "1", "Requests not completed when the last one arrived, itself included."),
    ROW(late, STAT_TIME, "us", "Time from the last arrival, or the end of runtime, to the last completion."),
    ROW(most_in_flight, STAT_COUNT, "1", "Requests between arrival and completion at a time, at most."),
    ROW(async_events, STAT_COUNT, "1", "Asynchronous events reported by the controller."),
    ROW(queues, STAT_COUNT, "1", "I/O queue pairs in use."),
    ROW(bringup_time, STAT_TIME, "us", "Time to bring the controller up."),
};
const size_t host_stat_field_count = ARRAY_SIZE(host_stat_fields);
