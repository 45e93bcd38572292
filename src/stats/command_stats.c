// What is measured of the host's commands.
//
// Sums are kept in whole picoseconds and 128 bits, so that means and the split into stages are exact however long
// requests wait; histograms take latencies rounded to the nearest nanosecond.
#include "stats/command_stats.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/check.h"
#include "util/macros.h"

void kind_stats_init(struct kind_stats *kind)
{
    *kind = (struct kind_stats){.latency_min = TICK_NEVER, .recorded_min_ns = UINT64_MAX};
    histogram_init(&kind->latency);
    histogram_init(&kind->recorded);
}

void kind_stats_destroy(struct kind_stats *kind)
{
    histogram_destroy(&kind->latency);
    histogram_destroy(&kind->recorded);
    tail_end(&kind->tail);
}

void command_stats_init(struct command_stats *stats)
{
    *stats = (struct command_stats){0};
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        kind_stats_init(&stats->kinds[i]);
        series_init(&stats->series[i]);
    }
}

static void destroy_places(struct command_stats *stats)
{
    if (stats->places != NULL)
        places_destroy(stats->places);
    free(stats->places);
}

void command_stats_destroy(struct command_stats *stats)
{
    destroy_places(stats);
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        kind_stats_destroy(&stats->kinds[i]);
        series_destroy(&stats->series[i]);
    }
}

void command_stats_explain(struct command_stats *stats)
{
    stats->explained = true;
    for (int i = 0; i < IO_KIND_COUNT; i++)
        tail_begin(&stats->kinds[i].tail);
}

void command_stats_keep_places(struct command_stats *stats)
{
    stats->places = xmalloc(sizeof *stats->places);
    places_init(stats->places, stats->origin);
}

static void restart_places(struct command_stats *stats)
{
    if (stats->places == NULL)
        return;
    destroy_places(stats);
    command_stats_keep_places(stats);
}

void command_stats_restart(struct command_stats *stats, tick_t origin)
{
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        kind_stats_destroy(&stats->kinds[i]);
        kind_stats_init(&stats->kinds[i]);
        series_restart(&stats->series[i], origin);
    }
    if (stats->explained)
        command_stats_explain(stats);
    stats->origin = stats->end = origin;
    restart_places(stats);
}

// Returns the sum of the stages. Unrolled by the list of stages: half the instructions of a loop.
static inline tick_t add_stages(tick_sum_t *restrict sums, const tick_t *restrict spent)
{
    tick_t all = 0;
#define ADD_STAGE(id, name, help) all += spent[STAGE_##id], sums[STAGE_##id] += spent[STAGE_##id];
    STAGE_LIST(ADD_STAGE)
#undef ADD_STAGE
    return all;
}

static inline void check_stages(enum io_kind kind, tick_t stages, tick_t latency)
{
    CHECK(stages == latency, "%s: stages add up to %llu ps, the latency is %llu ps", io_kind_name(kind),
          (unsigned long long)stages, (unsigned long long)latency);
}

void command_stats_check(enum io_kind kind, const struct breakdown *path)
{
    tick_t stages = 0;
    for (int i = 0; i < STAGE_COUNT; i++)
        stages += path->spent[i];
    check_stages(kind, stages, path->changed - path->start);
}

void command_stats_settle(struct command_stats *stats)
{
    for (int i = 0; i < IO_KIND_COUNT; i++)
        if (stats->kinds[i].tail.buckets != NULL)
            tail_stages(&stats->kinds[i].tail, stats->kinds[i].stage_sum);
}

void command_stats_extend(struct command_stats *stats, tick_t end)
{
    stats->end = MAX(stats->end, end);
}

void command_stats_record(struct command_stats *stats, enum io_kind kind, uint64_t bytes, int failed,
                          const struct breakdown *path)
{
    struct kind_stats *k = &stats->kinds[kind];
    tick_t latency = path->changed - path->start;
    uint32_t bucket = histogram_index((latency + TICKS_PER_NS / 2) / TICKS_PER_NS);
    if (k->tail.buckets == NULL)
        check_stages(kind, add_stages(k->stage_sum, path->spent), latency);
    else
        check_stages(kind, tail_add(&k->tail, bucket, latency, path), latency);
    k->count++;
    k->bytes += bytes;
    k->errors += failed != 0;
    k->latency_sum += latency;
    k->latency_min = MIN(k->latency_min, latency);
    k->latency_max = MAX(k->latency_max, latency);
    histogram_record_at(&k->latency, bucket);
    series_add(&stats->series[kind], path->changed, bytes, latency);
    stats->end = MAX(stats->end, path->changed);
}

void command_stats_record_recorded(struct command_stats *stats, enum io_kind kind, uint64_t latency_ns)
{
    struct kind_stats *k = &stats->kinds[kind];
    histogram_record(&k->recorded, latency_ns);
    k->recorded_sum_ns += latency_ns;
    k->recorded_min_ns = MIN(k->recorded_min_ns, latency_ns);
    k->recorded_max_ns = MAX(k->recorded_max_ns, latency_ns);
}

void kind_stats_add(struct kind_stats *total, const struct kind_stats *k)
{
    total->count += k->count;
    total->errors += k->errors;
    total->latency_sum += k->latency_sum;
    total->latency_min = MIN(total->latency_min, k->latency_min);
    total->latency_max = MAX(total->latency_max, k->latency_max);
    for (int i = 0; i < STAGE_COUNT; i++)
        total->stage_sum[i] += k->stage_sum[i];
    histogram_add(&total->latency, &k->latency);
    histogram_add(&total->recorded, &k->recorded);
    total->recorded_sum_ns += k->recorded_sum_ns;
    total->recorded_min_ns = MIN(total->recorded_min_ns, k->recorded_min_ns);
    total->recorded_max_ns = MAX(total->recorded_max_ns, k->recorded_max_ns);
}

void command_stats_total(const struct command_stats *stats, struct kind_stats *total)
{
    for (enum io_kind kind = 0; kind < IO_KIND_COUNT; kind++) {
        const struct kind_stats *k = &stats->kinds[kind];
        if (k->count == 0 && k->recorded.count == 0)
            continue;
        kind_stats_add(total, k);
        total->bytes += io_moves_data(kind) ? k->bytes : 0;
    }
}
