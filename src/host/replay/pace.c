// The ways in which requests of a recording may be issued, and what is counted of them.
#include "host/replay/pace.h"

const struct pace_ops *const pace_registry[] = {&pace_times, &pace_depth, &pace_dependencies};

#define ROW(member, kind, one, text) {#member, kind, offsetof(struct pace_stats, member), one, text}

const struct stat_field pace_stat_fields[] = {
    ROW(late, STAT_COUNT, "1", "Requests issued after they were due, since as many as may be were in flight."),
    ROW(late_mean, STAT_TIME, "us", "By how much, in the mean of these."),
    ROW(late_max, STAT_TIME, "us", "By how much at most."),
    ROW(threads, STAT_COUNT, "1", "Threads whose requests wait for their own completions."),
    ROW(waits_all, STAT_COUNT, "1", "Requests that waited for all completions of their thread."),
    ROW(waits_one, STAT_COUNT, "1", "Requests that waited for one completion of their thread each."),
    ROW(waits_turn, STAT_COUNT, "1", "Requests that waited for one, and for their thread's time after the one before."),
    ROW(waits_any, STAT_COUNT, "1", "First requests of a thread, which waited for completions of any."),
    ROW(waits_none, STAT_COUNT, "1", "Requests before all completions, at recorded times."),
    ROW(unfollowed, STAT_COUNT, "1", "Requests whose completion the recording does not tell: none waits for it."),
    ROW(unseen, STAT_COUNT, "1", "Requests that were not read yet when what they waited for was complete."),
};
const size_t pace_stat_field_count = ARRAY_SIZE(pace_stat_fields);

struct stat_group pace_stat_group(struct pace *pace)
{
    struct pace_stats *stats = &pace->stats;
    stats->late_mean = stats->late == 0 ? 0 : (tick_t)(pace->late_sum / stats->late);
    return (struct stat_group){"replay", pace_stat_fields, pace_stat_field_count, stats};
}
