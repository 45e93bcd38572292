// What is in a recording, and what it is like, as JSON.
#include "report/data/profile_json.h"

#include "report/data/summary_json.h"
#include "spec/blktrace.h"
#include "trace/write/convert.h"
#include "util/macros.h"

enum { SIZES_TOLD = 16 };

static const struct {
    const char *name;
    double fraction;
} quantiles[] = {{"min", 0}, {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};

static void set_whole(json_t *object, const char *name, uint64_t value)
{
    json_object_set_new(object, name, report_whole_json(value));
}

static void set_real(json_t *object, const char *name, double value)
{
    json_object_set_new(object, name, json_real(value));
}

// {mean, min, p50 ... max}, in units of `unit` values.
static json_t *distribution(const struct histogram *histogram, double mean, double unit)
{
    json_t *json = json_object();
    set_real(json, "mean", mean / unit);
    for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
        set_real(json, quantiles[i].name, (double)histogram_quantile(histogram, quantiles[i].fraction) / unit);
    return json;
}

static json_t *device_json(uint32_t device)
{
    return json_sprintf("%u,%u", device >> BLKTRACE_MINOR_BITS, device & ((1u << BLKTRACE_MINOR_BITS) - 1));
}

// ---- what is in it -----------------------------------------------------------------------------------------------

static json_t *actions_json(const struct trace_info *info)
{
    json_t *json = json_object();
    for (int letter = 1; letter < 256; letter++)
        if (info->events_by_action[letter] != 0)
            set_whole(json, (const char[]){(char)letter, '\0'}, info->events_by_action[letter]);
    if (info->events_by_action[0] != 0)
        set_whole(json, "other", info->events_by_action[0]);
    return json;
}

static json_t *counts_json(const struct trace_info *info)
{
    json_t *json = json_object();
    for (const struct trace_count *count = trace_counts; count->name != NULL; count++)
        set_whole(json, count->name, trace_count_of(info, count));
    return json;
}

static json_t *devices_json(const struct trace_info *info)
{
    json_t *json = json_array();
    for (uint64_t i = 0; i < info->device_count; i++) {
        json_t *device = json_object();
        json_object_set_new(device, "device", device_json(info->devices[i].number));
        set_whole(device, "requests", info->devices[i].requests);
        set_whole(device, "bytes", info->devices[i].bytes);
        set_whole(device, "end_bytes", info->devices[i].end_offset);
        json_array_append_new(json, device);
    }
    return json;
}

static json_t *source_json(const struct trace_info *info)
{
    json_t *json = json_object();
    json_object_set_new(json, "path", report_json_text(info->path));
    json_object_set_new(json, "format", json_string(info->format));
    set_whole(json, "files", info->files);
    json_object_set_new(json, "sha256", json_string(info->sha256));
    json_object_set_new(json, "device", info->every_device ? json_string("all") : device_json(info->device));
    set_real(json, "duration_s", (double)info->duration_ns / 1e9);
    set_whole(json, "cpus", info->cpus);
    set_whole(json, "events", info->events);
    json_object_set_new(json, "events_by_action", actions_json(info));
    set_whole(json, "end_bytes", info->end_offset);
    json_object_set_new(json, "counts", counts_json(info));
    return json;
}

// ---- what it is like ---------------------------------------------------------------------------------------------

static json_t *frequent_json(const struct histogram *sizes)
{
    struct profile_size frequent[SIZES_TOLD + 1];
    unsigned count = profile_frequent_sizes(sizes, frequent, SIZES_TOLD);
    json_t *json = json_array();
    for (unsigned i = 0; i < count; i++) {
        json_t *size = json_object();
        set_whole(size, "bytes", frequent[i].bytes);
        set_whole(size, "count", frequent[i].count);
        json_array_append_new(json, size);
    }
    return json;
}

static json_t *kind_json(const struct profile *p, const struct profile_kind *kind)
{
    json_t *json = json_object();
    set_whole(json, "count", kind->count);
    set_real(json, "share", (double)kind->count / (double)p->requests);
    set_whole(json, "bytes", kind->bytes);
    if (kind->sizes.count > 0) {
        json_object_set_new(json, "size_bytes", distribution(&kind->sizes, (double)kind->bytes / (double)kind->count /
                                                             PROFILE_SECTOR, 1.0 / PROFILE_SECTOR));
        json_object_set_new(json, "frequent_sizes", frequent_json(&kind->sizes));
    }
    if (kind->completed > 0) {
        json_t *latency = distribution(&kind->latency, kind->latency_sum / (double)kind->completed, 1e3);
        set_whole(latency, "count", kind->completed);
        json_object_set_new(json, "latency_us", latency);
    }
    return json;
}

static json_t *kinds_json(const struct profile *p)
{
    json_t *json = json_object();
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        if (p->kinds[kind].count > 0)
            json_object_set_new(json, io_kind_name((enum io_kind)kind), kind_json(p, &p->kinds[kind]));
    return json;
}

static json_t *sequential_json(const struct profile *p)
{
    static const char *const names[PROFILE_DIRECTIONS] = {"reads", "writes", "trims", "write_zeroes"};
    json_t *json = json_object();
    for (int i = 0; i < PROFILE_DIRECTIONS; i++) {
        const struct profile_places *places = &p->places[i];
        if (places->count == 0)
            continue;
        json_t *direction = json_object();
        set_whole(direction, "count", places->count);
        set_real(direction, "follow_the_last", (double)places->sequential / (double)places->count);
        set_real(direction, "follow_one_of_32", (double)places->interleaved / (double)places->count);
        set_real(direction, "requests_a_run",
                 (double)places->count / (double)MAX(places->count - places->sequential, UINT64_C(1)));
        json_object_set_new(json, names[i], direction);
    }
    return json;
}

static json_t *rate_json(const struct profile *p)
{
    json_t *json = json_object();
    double seconds = profile_seconds(p), bin = (double)p->scope.duration_ns / 1e9 / PROFILE_BINS;
    uint64_t requests = 0, data = 0;
    for (int i = 0; i < PROFILE_BINS; i++) {
        requests = MAX(requests, p->bins[i]);
        data = MAX(data, p->byte_bins[i]);
    }
    set_real(json, "iops", seconds > 0 ? (double)p->requests / seconds : 0);
    set_real(json, "mb_per_s", seconds > 0 ? (double)profile_data_bytes(p) / 1e6 / seconds : 0);
    set_real(json, "busiest_hundredth_iops", bin > 0 ? (double)requests / bin : 0);
    set_real(json, "busiest_hundredth_mb_per_s", bin > 0 ? (double)data / 1e6 / bin : 0);
    return json;
}

static json_t *intervals_json(const struct profile *p)
{
    if (p->intervals.count == 0)
        return json_null();
    json_t *json = distribution(&p->intervals, profile_mean_interval(p), 1e3);
    set_real(json, "variation", profile_interval_variation(p));
    return json;
}

static json_t *depth_json(const struct profile *p)
{
    if (profile_completed(p) == 0)
        return json_null();
    json_t *json = json_object();
    set_real(json, "mean", profile_mean_depth(p));
    for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
        set_whole(json, quantiles[i].name, histogram_quantile(&p->depth, quantiles[i].fraction));
    return json;
}

static json_t *footprint_json(const struct reuse_summary *s)
{
    json_t *json = json_object();
    set_whole(json, "sampled_one_of", s->sampled_one_of);
    set_whole(json, "too_large", s->skipped);
    set_real(json, "bytes", s->chunks * REUSE_CHUNK);
    set_real(json, "read_bytes", s->chunks_read * REUSE_CHUNK);
    set_real(json, "written_bytes", s->chunks_written * REUSE_CHUNK);
    return json;
}

static json_t *caches_json(const struct reuse_summary *s)
{
    json_t *json = json_array();
    double before = -1;
    for (int i = 0; i <= REUSE_OCTAVES; i++) {
        double hits = reuse_lru_hits(s, (uint64_t)REUSE_CHUNK << i);
        json_t *cache = json_object();
        set_whole(cache, "bytes", (uint64_t)REUSE_CHUNK << i);
        set_real(cache, "hits", hits);
        json_array_append_new(json, cache);
        if (hits >= s->again / MAX(s->accesses, 1) && hits <= before + 1e-15)
            break;
        before = hits;
    }
    return json;
}

static json_t *hottest_json(const struct reuse_summary *s)
{
    json_t *json = json_array();
    for (size_t i = 0; i < ARRAY_SIZE(reuse_hottest_shares); i++) {
        json_t *share = json_object();
        set_real(share, "chunks", reuse_hottest_shares[i]);
        set_real(share, "accesses", s->hottest[i]);
        json_array_append_new(json, share);
    }
    return json;
}

static json_t *reuse_json(const struct reuse_summary *s)
{
    json_t *json = json_object();
    set_real(json, "accesses", s->accesses);
    set_real(json, "again", s->again);
    set_real(json, "writes", s->writes);
    set_real(json, "rewrites", s->rewrites);
    json_object_set_new(json, "lru", caches_json(s));
    json_object_set_new(json, "hottest", hottest_json(s));
    return json;
}

json_t *profile_json(const struct profile *p)
{
    struct reuse_summary reuse = reuse_summarize(p->reuse);
    json_t *json = json_object();
    set_whole(json, "requests", p->requests);
    json_object_set_new(json, "kinds", kinds_json(p));
    json_object_set_new(json, "sequential", sequential_json(p));
    json_object_set_new(json, "rate", rate_json(p));
    json_object_set_new(json, "interval_us", intervals_json(p));
    json_object_set_new(json, "depth", depth_json(p));
    json_object_set_new(json, "footprint", footprint_json(&reuse));
    json_object_set_new(json, "reuse", reuse_json(&reuse));
    return json;
}

void recording_write_json(const struct trace_info *info, const struct profile *profile, FILE *to)
{
    json_t *json = json_object(), *like = profile == NULL ? json_object() : profile_json(profile);
    json_object_set_new(json, "schema", json_string(RECORDING_SCHEMA));
    json_object_set_new(json, "tool", report_tool_json());
    json_object_set_new(json, "recording", source_json(info));
    json_object_set_new(json, "devices", devices_json(info));
    json_object_update(json, like);
    report_dump_json(json, to);
    json_decref(like);
    json_decref(json);
}
