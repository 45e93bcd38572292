// The summary for people: one screen, at most 100 columns, plain text but for colour.
#include "report/summary_text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "config/config_json.h"
#include "report/locale_guard.h"
#include "util/macros.h"

enum { WIDTH = 100, LABEL = 9 };

struct page {
    FILE *to;
    bool colour;
    bool few; // a percentile was marked
};

static const char *bold(const struct page *page)
{
    return page->colour ? "\033[1m" : "";
}

static const char *dim(const struct page *page)
{
    return page->colour ? "\033[2m" : "";
}

static const char *plain(const struct page *page)
{
    return page->colour ? "\033[0m" : "";
}

// Four digits, or as many as there are before the point; one of a zero. The limits lie where rounding adds a digit.
static int decimals_of(double size)
{
    static const double limits[] = {999.95, 99.995, 9.9995};
    int decimals = 0;
    while (size != 0 && decimals < 3 && size < limits[decimals])
        decimals++;
    return decimals;
}

const char *summary_number(double value, char text[SUMMARY_NUMBER_BYTES])
{
    double size = fabs(value);
    if (size >= 1e9)
        snprintf(text, SUMMARY_NUMBER_BYTES, "%.3e", value);
    else
        snprintf(text, SUMMARY_NUMBER_BYTES, "%.*f", decimals_of(size), value);
    return text;
}

// The unit in which a time has one to three digits before its point, as far as there are units. The limits lie where
// rounding would make 1000 of it.
struct time_unit {
    const char *name;
    double us, below; // below: in this unit
};

static const struct time_unit *unit_of(double us)
{
    static const struct time_unit units[] = {{"us", 1, 999.95}, {"ms", 1e3, 999.95}, {"s", 1e6, INFINITY}};
    const struct time_unit *unit = units;
    while (us / unit->us >= unit->below)
        unit++;
    return unit;
}

const char *summary_time(double us, char text[SUMMARY_NUMBER_BYTES])
{
    const struct time_unit *unit = unit_of(us);
    summary_number(us / unit->us, text);
    return strcat(text, unit->name);
}

bool summary_rests_on_few(uint64_t count, double fraction)
{
    return (double)count * (1 - fraction) < SUMMARY_FEW - 1e-6;
}

// Cells bring the blank before them, so that however long a number is, it touches no other.
static void put_cell(const struct page *page, int width, const char *text)
{
    fprintf(page->to, " %*s", width - 1, text);
}

static void put_number(const struct page *page, int width, double value)
{
    char text[SUMMARY_NUMBER_BYTES];
    put_cell(page, width, summary_number(value, text));
}

static void put_count(const struct page *page, int width, uint64_t value)
{
    fprintf(page->to, " %*" PRIu64, width - 1, value);
}

static void put_time(const struct page *page, int width, double us)
{
    char text[SUMMARY_NUMBER_BYTES];
    put_cell(page, width, summary_time(us, text));
}

static void put_label(const struct page *page, const char *label)
{
    fprintf(page->to, "%s%-*s%s", bold(page), LABEL, label, plain(page));
}

// Words that wrap at the page's width, below a label.
static void put_paragraph(const struct page *page, const char *text)
{
    while (*text != '\0') {
        int length = (int)strlen(text);
        if (length > WIDTH - LABEL)
            for (length = WIDTH - LABEL; length > 0 && text[length] != ' '; length--)
                continue;
        fprintf(page->to, "%*s%.*s\n", LABEL, "", length, text);
        text += length + strspn(text + length, " ");
    }
}

// --- what was run --------------------------------------------------------------------------------------------------

static void put_source(const struct page *page, const struct report_input *input)
{
    const struct trace_info *info = input->source;
    if (info != NULL) {
        put_label(page, "trace");
        fprintf(page->to, "%s (%s)\n%*s", info->path, info->format, LABEL, "");
        fprintf(page->to, "%" PRIu64 " request%s from %u CPU%s, recorded over %.6g s", info->requests,
                info->requests == 1 ? "" : "s", info->cpus, info->cpus == 1 ? "" : "s",
                (double)info->duration_ns / 1e9);
        if (info->skipped != 0)
            fprintf(page->to, "; %" PRIu64 " bad records skipped", info->skipped);
        if (info->lost != 0)
            fprintf(page->to, "; %" PRIu64 " events lost by the recorder", info->lost);
        fputc('\n', page->to);
    }
    if (input->job != NULL) {
        put_label(page, info == NULL ? "job" : "replay");
        fprintf(page->to, "%s\n", input->job);
    }
}

static void put_incomplete(const struct page *page, const struct report_input *input)
{
    fprintf(page->to, "%*s%sINCOMPLETE: stopped before the end%s\n", LABEL, "", bold(page), plain(page));
    if (input->stopped != NULL)
        put_paragraph(page, input->stopped);
}

static void put_run(const struct page *page, const struct report_input *input)
{
    char id[CONFIG_HASH_BYTES];
    config_hash(input->config, id);
    put_label(page, "drive");
    fprintf(page->to, "%s\n", input->drive);
    put_source(page, input);
    put_label(page, "run");
    fprintf(page->to, "%.6g s simulated, seed %" PRIu64 ", configuration %s\n", (double)input->duration / TICKS_PER_S,
            input->seed, id);
    if (!input->complete)
        put_incomplete(page, input);
}

// --- commands ------------------------------------------------------------------------------------------------------

// The percentiles that are shown; the others are in the files.
static const char *const shown[] = {"p50", "p99", "p99.9", "p99.99"};

static void put_heading(const struct page *page)
{
    static const char *const before[] = {"IOPS", "MB/s", "mean"};
    fprintf(page->to, "\n%s%-12s%10s", bold(page), "latency", "count");
    for (size_t i = 0; i < ARRAY_SIZE(before); i++)
        put_cell(page, 9, before[i]);
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
        fprintf(page->to, " %7s ", shown[i]);
    put_cell(page, 9, "max");
    fprintf(page->to, "%s\n", plain(page));
}

static int percentile_index(const char *name)
{
    int i = 0;
    while (strcmp(report_percentiles[i].name, name) != 0)
        i++;
    return i;
}

// Of `count` requests. A percentile beyond which there are too few of them to rest on is marked.
static void put_latency(struct page *page, const struct report_latency *latency, uint64_t count)
{
    put_time(page, 9, latency->mean);
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
        int k = percentile_index(shown[i]);
        bool few = summary_rests_on_few(count, report_percentiles[k].fraction);
        put_time(page, 8, latency->percentile[k]);
        fputc(few ? '*' : ' ', page->to);
        page->few |= few;
    }
    put_time(page, 9, latency->max);
    fputc('\n', page->to);
}

static void put_rates(const struct page *page, const struct kind_stats *kind, bool moves_data, tick_t duration)
{
    double seconds = (double)duration / TICKS_PER_S;
    put_number(page, 9, seconds > 0 ? (double)kind->count / seconds : 0);
    if (moves_data)
        put_number(page, 9, seconds > 0 ? (double)kind->bytes / seconds / 1e6 : 0);
    else
        put_cell(page, 9, "-");
}

static void put_kind(struct page *page, const char *name, const struct kind_stats *kind, bool moves_data,
                     tick_t duration)
{
    struct report_latency latency = report_latency_of(kind);
    fprintf(page->to, "%-12s", name);
    put_count(page, 10, kind->count);
    put_rates(page, kind, moves_data, duration);
    put_latency(page, &latency, kind->count);
    if (kind->errors != 0)
        fprintf(page->to, "%s  %" PRIu64 " completed with an error%s\n", bold(page), kind->errors, plain(page));
    if (kind->recorded.count == 0)
        return;
    struct report_latency recorded = report_recorded_of(kind);
    fprintf(page->to, "%s%-12s", dim(page), "  recorded");
    put_count(page, 10, kind->recorded.count);
    fprintf(page->to, "%18s", "");
    put_latency(page, &recorded, kind->recorded.count);
    fputs(plain(page), page->to);
}

static void put_commands(struct page *page, const struct report_input *input, const struct kind_stats *total)
{
    unsigned kinds = 0;
    put_heading(page);
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        if (input->commands->kinds[i].count == 0)
            continue;
        kinds++;
        put_kind(page, io_kind_name(i), &input->commands->kinds[i], io_moves_data(i), input->duration);
    }
    if (kinds != 1)
        put_kind(page, "total", total, true, input->duration);
    if (page->few)
        fprintf(page->to, "%s* rests on fewer than ten requests%s\n", dim(page), plain(page));
}

// --- stages --------------------------------------------------------------------------------------------------------

enum { BAR = 20, LEAST_PERMILLE = 5, KINDS_IN_WIDTH = 5 };

// The kinds of command that a table has columns for, those from `first` up to `end`; with two at most there are bars.
struct columns {
    int first, end;
    bool bar;
};

static double share_of(const struct kind_stats *kind, tick_sum_t sum)
{
    return kind->latency_sum == 0 ? 0 : (double)sum / (double)kind->latency_sum;
}

// Worth a line of its own: half a percent of any kind's latency.
static bool stage_matters(const struct report_input *input, struct columns columns, int stage)
{
    for (int i = columns.first; i < columns.end; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        if (share_of(kind, kind->stage_sum[stage]) * 1000 >= LEAST_PERMILLE)
            return true;
    }
    return false;
}

// Blanks that nothing follows are not put: `gap` carries them from one cell of a line to the next.
static int put_share(const struct page *page, const struct kind_stats *kind, tick_sum_t sum, bool bar, int gap)
{
    double share = share_of(kind, sum);
    int length = (int)lround(BAR * share);
    fprintf(page->to, "%*s", gap, "");
    if (sum == 0) {
        fprintf(page->to, "%10s", "-");
        return 7 + (bar ? BAR + 1 : 0);
    }
    put_time(page, 10, (double)sum / (double)kind->count / 1e6);
    fprintf(page->to, "%6.1f%%", 100 * share);
    if (!bar || length == 0)
        return bar ? BAR + 1 : 0;
    fprintf(page->to, " %s%.*s%s", dim(page), length, "####################", plain(page));
    return BAR - length;
}

// One line: what the selected stages took of each kind.
static void put_stage_line(const struct page *page, const struct report_input *input, const char *name,
                           struct columns columns, const bool selected[STAGE_COUNT])
{
    int gap = 0;
    fprintf(page->to, "%-14s", name);
    for (int i = columns.first; i < columns.end; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        tick_sum_t sum = 0;
        for (int s = 0; s < STAGE_COUNT; s++)
            sum += selected[s] ? kind->stage_sum[s] : 0;
        if (kind->count != 0)
            gap = put_share(page, kind, sum, columns.bar, gap);
    }
    fputc('\n', page->to);
}

static struct columns columns_from(const struct report_input *input, int first)
{
    struct columns columns = {.first = first, .end = first};
    int kinds = 0;
    for (; columns.end < IO_KIND_COUNT; columns.end++) {
        bool occurs = input->commands->kinds[columns.end].count != 0;
        if (occurs && kinds == KINDS_IN_WIDTH)
            break;
        kinds += occurs;
    }
    columns.bar = kinds <= 2;
    return columns;
}

static void put_stage_heading(const struct page *page, const struct report_input *input, struct columns columns)
{
    int gap = 0;
    fprintf(page->to, "\n%s%-14s", bold(page), "time spent");
    for (int i = columns.first; i < columns.end; i++) {
        if (input->commands->kinds[i].count == 0)
            continue;
        fprintf(page->to, "%*s%17s", gap, "", io_kind_name(i));
        gap = columns.bar ? BAR + 1 : 0;
    }
    fprintf(page->to, "%s\n", plain(page));
}

static void put_stage_table(const struct page *page, const struct report_input *input, struct columns columns)
{
    bool other[STAGE_COUNT] = {false}, any_other = false;
    put_stage_heading(page, input, columns);
    for (int s = 0; s < STAGE_COUNT; s++) {
        bool only[STAGE_COUNT] = {false};
        only[s] = stage_matters(input, columns, s);
        if (only[s])
            put_stage_line(page, input, stage_names[s], columns, only);
        for (int i = columns.first; i < columns.end && !only[s]; i++)
            other[s] |= input->commands->kinds[i].stage_sum[s] != 0;
        any_other |= other[s];
    }
    if (any_other)
        put_stage_line(page, input, "other", columns, other);
}

static void put_stages(const struct page *page, const struct report_input *input)
{
    int first = 0;
    while (first < IO_KIND_COUNT && input->commands->kinds[first].count == 0)
        first++;
    while (first < IO_KIND_COUNT) {
        struct columns columns = columns_from(input, first);
        put_stage_table(page, input, columns);
        first = columns.end;
    }
}

// --- the drive -----------------------------------------------------------------------------------------------------

// A list of "name value" that wraps at the page's width.
struct wrapped {
    const struct page *page;
    int column; // 0 while nothing was put
};

static void put_item(struct wrapped *line, const char *label, const char *text)
{
    int length = (int)strlen(text);
    if (line->column == 0) {
        put_label(line->page, label);
        line->column = LABEL;
    } else if (line->column + length + 2 > WIDTH) {
        fprintf(line->page->to, "\n%*s", LABEL, "");
        line->column = LABEL;
    } else {
        line->column += fprintf(line->page->to, ", ");
    }
    line->column += fprintf(line->page->to, "%s", text);
}

static void end_items(struct wrapped *line)
{
    if (line->column != 0)
        fputc('\n', line->page->to);
}

static bool starts_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

// What garbage collection did, and what went wrong or was unusual.
static bool field_matters(const struct stat_field *field)
{
    static const char *const names[] = {"write_amplification", "padding_share",   "unmapped_reads",
                                        "unrecovered_reads",   "lost_units",      "retried_reads",
                                        "suspends",            "reconstructions", "uncorrectable_reads",
                                        "failures",            "failed"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(field->name, names[i]) == 0)
            return true;
    static const char *const told_elsewhere[] = {"gc_reads", "gc_programs", "gc_active_time", "gc_headroom_bytes"};
    for (size_t i = 0; i < ARRAY_SIZE(told_elsewhere); i++)
        if (strcmp(field->name, told_elsewhere[i]) == 0)
            return false;
    return starts_with(field->name, "gc_");
}

static double field_value(const struct stat_group *group, const struct stat_field *field)
{
    const void *at = (const char *)group->values + field->offset;
    return field->type == STAT_REAL ? *(const double *)at : (double)*(const uint64_t *)at;
}

// "17.3 s", "250 us".
static void format_time(double us, char *text, size_t size)
{
    char number[SUMMARY_NUMBER_BYTES];
    const struct time_unit *unit = unit_of(us);
    snprintf(text, size, "%s %s", summary_number(us / unit->us, number), unit->name);
}

// Names are told with blanks, 'gc_copies' as "gc copies".
static void put_named(struct wrapped *line, const char *label, const char *name, const char *value)
{
    char text[96];
    snprintf(text, sizeof text, "%s %s", name, value);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    put_item(line, label, text);
}

static void put_field(struct wrapped *line, const struct stat_group *group, const struct stat_field *field)
{
    char value[40];
    if (field->type == STAT_COUNT)
        snprintf(value, sizeof value, "%.0f", field_value(group, field));
    else if (field->type == STAT_REAL)
        snprintf(value, sizeof value, "%.3f", field_value(group, field));
    else
        format_time(field_value(group, field) / TICKS_PER_US, value, sizeof value);
    put_named(line, group->name, field->name, value);
}

// Whether put_field would put more than zeroes.
static bool shows(const struct stat_field *field, double value)
{
    return field->type == STAT_REAL ? value >= 0.0005 : value > 0;
}

// The value of the group's field of that name; `fallback` when it has none.
static double value_named(const struct stat_group *group, const char *name, double fallback)
{
    for (size_t f = 0; f < group->field_count; f++)
        if (strcmp(group->fields[f].name, name) == 0)
            return field_value(group, &group->fields[f]);
    return fallback;
}

// Whether garbage collection ran among the writes, and if not, how far it is from that.
static void put_collection(struct wrapped *line, const struct report_input *input, const struct stat_group *group,
                           bool collected)
{
    char text[96], number[SUMMARY_NUMBER_BYTES];
    double active = value_named(group, "gc_active_time", 0), headroom = value_named(group, "gc_headroom_bytes", 0);
    if (active > 0 && input->duration > 0)
        snprintf(text, sizeof text, "garbage collection on for %.0f %% of the time, %.0f of %.0f superblocks free",
                 MIN(100 * active / (double)input->duration, 100.0), value_named(group, "free_superblocks", 0),
                 value_named(group, "superblocks", 0));
    else if (headroom > 0)
        snprintf(text, sizeof text, "no garbage collection yet: it starts after %s GB more of writes",
                 summary_number(headroom / 1e9, number));
    else if (!collected)
        snprintf(text, sizeof text, "no garbage collection");
    else
        return;
    put_item(line, group->name, text);
}

// Zeroes say nothing, but that there was no garbage collection among the writes does.
static void put_group(const struct page *page, const struct report_input *input, const struct stat_group *group)
{
    struct wrapped line = {.page = page};
    bool wrote = false, collected = false;
    for (size_t f = 0; f < group->field_count; f++) {
        const struct stat_field *field = &group->fields[f];
        double value = field_value(group, field);
        if (!field_matters(field) || !shows(field, value))
            continue;
        wrote |= strcmp(field->name, "write_amplification") == 0;
        collected |= starts_with(field->name, "gc_");
        put_field(&line, group, field);
    }
    if (wrote)
        put_collection(&line, input, group, collected);
    end_items(&line);
}

static void put_groups(const struct page *page, const struct report_input *input)
{
    for (size_t i = 0; i < input->group_count; i++)
        put_group(page, input, &input->groups[i]);
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
    char text[96], iops[SUMMARY_NUMBER_BYTES], mb_s[SUMMARY_NUMBER_BYTES], time[48];
    if (isfinite(load->offered_iops)) {
        snprintf(text, sizeof text, "offered %s IOPS and %s MB/s", summary_number(load->offered_iops, iops),
                 summary_number(load->offered_mb_s, mb_s));
        put_item(&line, label, text);
    }
    snprintf(text, sizeof text, "served %s IOPS and %s MB/s", summary_number(load->served_iops, iops),
             summary_number(load->served_mb_s, mb_s));
    put_item(&line, label, text);
    format_time((double)load->late / TICKS_PER_US, time, sizeof time);
    snprintf(text, sizeof text, "%" PRIu64 " waiting at the end, done %s later", load->waiting_at_end, time);
    put_item(&line, label, text);
    snprintf(text, sizeof text, "most in flight %" PRIu64, load->most_in_flight);
    put_item(&line, label, text);
    end_items(&line);
}

static void put_meters(const struct page *page, const struct report_input *input)
{
    struct wrapped line = {.page = page};
    for (size_t i = 0; i < input->meter_count; i++) {
        const struct meter *meter = input->meters[i].meter;
        char value[40];
        snprintf(value, sizeof value, "%.1f %%", 100 * meter_utilization(meter, meter->origin + input->duration));
        put_named(&line, "busy", input->meters[i].name, value);
    }
    end_items(&line);
}

static void put_host(const struct page *page, const struct report_input *input, uint64_t commands)
{
    const struct report_host *host = &input->host;
    struct wrapped line = {.page = page};
    char text[80];
    if (host->prepare_s >= 0.1) {
        snprintf(text, sizeof text, "prepared in %.1f s", host->prepare_s);
        put_item(&line, "speed", text);
    }
    snprintf(text, sizeof text, "simulated in %.3g s", host->wall_s);
    put_item(&line, "speed", text);
    if (host->cpu_s > 0) {
        snprintf(text, sizeof text, "%.0f commands a CPU-second", (double)commands / host->cpu_s);
        put_item(&line, "speed", text);
    }
    snprintf(text, sizeof text, "%.0f MiB", (double)host->peak_memory_bytes / (1 << 20));
    put_item(&line, "speed", text);
    if (host->kernel != NULL)
        put_named(&line, "speed", "kernel", host->kernel);
    end_items(&line);
    if (input->next == NULL)
        return;
    put_label(page, "next");
    fprintf(page->to, "%s\n", input->next);
}

void report_write_summary(const struct report_input *input, struct summary_style style, FILE *to)
{
    struct page page = {.to = to, .colour = style.colour};
    struct kind_stats total;
    kind_stats_init(&total);
    command_stats_total(input->commands, &total);
    put_run(&page, input);
    put_commands(&page, input, &total);
    put_stages(&page, input);
    fputc('\n', to);
    put_load(&page, input->load);
    put_groups(&page, input);
    put_meters(&page, input);
    if (style.host)
        put_host(&page, input, total.count);
    kind_stats_destroy(&total);
}

void report_print_summary(const struct report_input *input, FILE *to, bool colour)
{
    struct locale_guard guard = locale_guard_enter();
    report_write_summary(input, (struct summary_style){.colour = colour, .host = true}, to);
    locale_guard_leave(guard);
}
