// The summary's lines on the drive: its load, what its parts counted, how busy they were.
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/text/number_text.h"
#include "report/text/summary_internal.h"
#include "util/macros.h"

static bool starts_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

// What garbage collection did, and what went wrong or was unusual.
static bool field_matters(const struct stat_field *field)
{
    static const char *const names[] = {"write_amplification", "padding_share", "buffer_merges",   "unmapped_reads",
                                        "unrecovered_reads",   "lost_units",      "retried_reads",
                                        "suspends",            "reconstructions", "uncorrectable_reads",
                                        "failures",            "failed",          "suspends_refused_limit",
                                        "suspends_refused_total", "suspends_delayed",
                                        "operations", "operations_per_s", "mean", "p50", "p99", "p99.9", "longest",
                                        "lsm_amplification", "cache_hit_share"};
    static const char *const told_elsewhere[] = {"gc_reads", "gc_programs", "gc_active_time", "gc_headroom_bytes"};
    return is_one_of(field->name, names, ARRAY_SIZE(names)) ||
           (starts_with(field->name, "gc_") && !is_one_of(field->name, told_elsewhere, ARRAY_SIZE(told_elsewhere)));
}

// What became of bios on their way to the driver.
static bool matters_of_block(const struct stat_field *field)
{
    static const char *const names[] = {"bios", "requests", "splits", "back_merges", "front_merges", "discard_merges",
                                        "plugs", "tag_waits"};
    return is_one_of(field->name, names, ARRAY_SIZE(names));
}

// Of "jobs.NAME.ops" the last.
static const char *label_of(const struct stat_group *group)
{
    const char *dot = strrchr(group->name, '.');
    return dot == NULL ? group->name : dot + 1;
}

static bool is_told(const struct stat_group *group, const struct stat_field *field)
{
    if (strcmp(group->name, "block") == 0)
        return matters_of_block(field);
    return strcmp(label_of(group), "replay") == 0 || field_matters(field);
}

static double field_value(const struct stat_group *group, const struct stat_field *field)
{
    const void *at = (const char *)group->values + field->offset;
    return field->type == STAT_REAL ? *(const double *)at : (double)*(const uint64_t *)at;
}

// Whose they are, where there are several.
static void put_owner(struct wrapped *line, const struct stat_group *group)
{
    static const char jobs[] = "jobs.";
    char name[64];
    if (!starts_with(group->name, jobs))
        return;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(group->name + strlen(jobs), "."), group->name + strlen(jobs));
    page_put_item(line, label_of(group), name);
}

static void put_field(struct wrapped *line, const struct stat_group *group, const struct stat_field *field)
{
    char value[40];
    if (field->type == STAT_COUNT)
        snprintf(value, sizeof value, "%.0f", field_value(group, field));
    else if (field->type == STAT_REAL)
        snprintf(value, sizeof value, "%.3f", field_value(group, field));
    else
        spaced_time_text(field_value(group, field) / TICKS_PER_US, value, sizeof value);
    page_put_named(line, label_of(group), field->name, value);
}

// Whether put_field would put more than zeroes.
static bool shows(const struct stat_field *field, double value)
{
    return field->type == STAT_REAL ? value >= 0.0005 : value > 0;
}

// The value of the group's field of that name; 0 when it has none.
static double value_named(const struct stat_group *group, const char *name)
{
    for (size_t f = 0; f < group->field_count; f++)
        if (strcmp(group->fields[f].name, name) == 0)
            return field_value(group, &group->fields[f]);
    return 0;
}

static uint64_t written_bytes(const struct command_stats *commands)
{
    return commands->kinds[IO_WRITE].bytes + commands->kinds[IO_WRITE_FUA].bytes;
}

// What was written, of all that can be written before collection starts.
static void headroom_text(const struct report_input *input, double headroom, char *text, size_t size)
{
    double written = (double)written_bytes(input->commands);
    char so_far[NUMBER_TEXT_BYTES], all[NUMBER_TEXT_BYTES];
    snprintf(text, size, "no garbage collection yet: %s of %s GB written until it starts",
             number_text(written / 1e9, so_far), number_text((written + headroom) / 1e9, all));
}

// Whether garbage collection ran among the writes, and if not, how far it is from that.
static void put_collection(struct wrapped *line, const struct report_input *input, const struct stat_group *group,
                           bool collected)
{
    char text[96];
    double active = value_named(group, "gc_active_time"), headroom = value_named(group, "gc_headroom_bytes");
    if (active > 0 && input->duration > 0)
        snprintf(text, sizeof text, "garbage collection on for %.0f %% of the time, %.0f of %.0f superblocks free",
                 MIN(100 * active / (double)input->duration, 100.0), value_named(group, "free_superblocks"),
                 value_named(group, "superblocks"));
    else if (headroom > 0)
        headroom_text(input, headroom, text, sizeof text);
    else if (!collected)
        snprintf(text, sizeof text, "no garbage collection");
    else
        return;
    page_put_item(line, group->name, text);
}

// Zeroes say nothing, but that there was no garbage collection among the writes does.
static void put_group(const struct page *page, const struct report_input *input, const struct stat_group *group)
{
    struct wrapped line = {.page = page};
    bool any = false, wrote = false, collected = false;
    for (size_t f = 0; f < group->field_count; f++) {
        const struct stat_field *field = &group->fields[f];
        double value = field_value(group, field);
        if (!is_told(group, field) || !shows(field, value))
            continue;
        if (!any)
            put_owner(&line, group);
        any = true;
        wrote |= strcmp(field->name, "write_amplification") == 0;
        collected |= starts_with(field->name, "gc_");
        put_field(&line, group, field);
    }
    if (wrote)
        put_collection(&line, input, group, collected);
    page_end_items(&line);
}

// What came and what was done, where arrivals do not wait for completions. Below 95 % of what came a drive is
// overloaded, unless that was a burst that hardly filled its queues.
static void put_load(const struct page *page, const struct host_stats *load)
{
    enum { BURST = 100 };
    if (load == NULL || load->submitted == 0)
        return;
    bool overload = load->waiting_at_end > BURST && load->served_iops < 0.95 * load->offered_iops;
    const char *label = overload ? "OVERLOAD" : "load";
    struct wrapped line = {.page = page};
    char text[96], iops[NUMBER_TEXT_BYTES], mb_s[NUMBER_TEXT_BYTES], time[48];
    if (isfinite(load->offered_iops)) {
        snprintf(text, sizeof text, "offered %s IOPS and %s MB/s", number_text(load->offered_iops, iops),
                 number_text(load->offered_mb_s, mb_s));
        page_put_item(&line, label, text);
    }
    snprintf(text, sizeof text, "served %s IOPS and %s MB/s", number_text(load->served_iops, iops),
             number_text(load->served_mb_s, mb_s));
    page_put_item(&line, label, text);
    spaced_time_text((double)load->late / TICKS_PER_US, time, sizeof time);
    snprintf(text, sizeof text, "%" PRIu64 " waiting at the end, done %s later", load->waiting_at_end, time);
    page_put_item(&line, label, text);
    snprintf(text, sizeof text, "most in flight %" PRIu64, load->most_in_flight);
    page_put_item(&line, label, text);
    page_end_items(&line);
}

static void put_meters(const struct page *page, const struct report_input *input)
{
    struct wrapped line = {.page = page};
    for (size_t i = 0; i < input->meter_count; i++) {
        const struct meter *meter = input->meters[i].meter;
        char value[40];
        snprintf(value, sizeof value, "%.1f %%", 100 * meter_utilization(meter, meter->origin + input->duration));
        page_put_named(&line, "busy", input->meters[i].name, value);
    }
    page_end_items(&line);
}

void summary_put_drive(const struct page *page, const struct report_input *input)
{
    put_load(page, input->load);
    for (size_t i = 0; i < input->group_count; i++)
        put_group(page, input, &input->groups[i]);
    put_meters(page, input);
}
