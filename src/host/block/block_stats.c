// The block layer's counters as a table.
#include "host/block/block_stats.h"

#include "util/macros.h"

#define ROW(name, kind, one, text) {#name, kind, offsetof(struct block_stats, name), one, text}

const struct stat_field block_stat_fields[] = {
    ROW(bios, STAT_COUNT, "1", "Bios submitted ('Q')."),
    ROW(requests, STAT_COUNT, "1", "Requests made of them ('G')."),
    ROW(issued, STAT_COUNT, "1", "Requests issued to the driver ('D'), flushes of the flush machine included."),
    ROW(splits, STAT_COUNT, "1", "Parts cut off bios beyond a limit ('X')."),
    ROW(back_merges, STAT_COUNT, "1", "Bios that joined a request at its end ('M')."),
    ROW(front_merges, STAT_COUNT, "1", "Bios that joined a request at its beginning ('F')."),
    ROW(discard_merges, STAT_COUNT, "1", "Trims that joined another one as a further range ('M')."),
    ROW(plugs, STAT_COUNT, "1", "Plugs that requests went into ('P')."),
    ROW(plugged, STAT_COUNT, "1", "Requests that were held in a plug."),
    ROW(unplugs_full, STAT_COUNT, "1", "Plugs emptied because they were full, or their last request large."),
    ROW(unplugs_end, STAT_COUNT, "1", "Plugs emptied at their end."),
    ROW(unplugs_sleep, STAT_COUNT, "1", "Plugs emptied because their task went to sleep ('UT')."),
    ROW(tag_waits, STAT_COUNT, "1", "Times that a task slept until there was a tag."),
    ROW(throttled, STAT_COUNT, "1", "Times that a task slept because it was throttled when it was recorded."),
    ROW(flushes, STAT_COUNT, "1", "Flush commands of the flush machine."),
    ROW(flushes_shared, STAT_COUNT, "1", "Requests whose flush another one's command did, too."),
    ROW(flushes_needless, STAT_COUNT, "1", "Flushes that ended at once, the drive having no volatile cache."),
    ROW(polls, STAT_COUNT, "1", "Looks at completion queues that are polled."),
    ROW(poll_hits, STAT_COUNT, "1", "Looks that found something."),
    ROW(plug_time, STAT_TIME, "us", "Time of requests in plugs, summed."),
    ROW(scheduler_time, STAT_TIME, "us", "Time of requests between insertion and issue, summed."),
    ROW(tag_time, STAT_TIME, "us", "Time in which tasks slept for a tag or were throttled, summed."),
    ROW(flush_time, STAT_TIME, "us", "Time of requests in the flush machine before their data were issued, summed."),
    ROW(poll_time, STAT_TIME, "us", "Processor time spent looking, summed."),
    ROW(poll_sleep, STAT_TIME, "us", "Time slept before looking, summed."),
    ROW(cpu_time, STAT_TIME, "us", "Processor time of submissions, interrupts, completions and polling, summed."),
};
const size_t block_stat_field_count = ARRAY_SIZE(block_stat_fields);
