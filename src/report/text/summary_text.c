// The summary for people: one screen. What was run, the commands' latencies, then the stages and the drive.
#include "report/text/summary_text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "config/config_json.h"
#include "report/locale_guard.h"
#include "report/text/number_text.h"
#include "report/text/summary_internal.h"
#include "util/macros.h"

// --- what was run --------------------------------------------------------------------------------------------------

static void put_source(const struct page *page, const struct report_input *input)
{
    const struct trace_info *info = input->source;
    if (info != NULL) {
        page_put_label(page, "trace");
        fprintf(page->to, "%s (%s)\n%*s", info->path, info->format, PAGE_LABEL, "");
        fprintf(page->to, "%" PRIu64 " request%s from %u CPU%s, recorded over %.6g s", info->requests,
                info->requests == 1 ? "" : "s", info->cpus, info->cpus == 1 ? "" : "s",
                (double)info->duration_ns / 1e9);
        if (info->skipped != 0)
            fprintf(page->to, "; %" PRIu64 " bad records skipped", info->skipped);
        if (info->lost != 0)
            fprintf(page->to, "; %" PRIu64 " events lost by the recorder", info->lost);
        fputc('\n', page->to);
    }
    const char *label = input->job_count > 0 && input->jobs[input->job_count - 1].source != NULL ? "loads" : "jobs";
    for (size_t i = 0; i < input->job_count; i++) {
        page_put_label(page, i == 0 ? label : "");
        fprintf(page->to, "%s: %s\n", input->jobs[i].name, input->jobs[i].text);
    }
    if (input->job != NULL && input->job_count == 0) {
        page_put_label(page, info == NULL ? "job" : "replay");
        fprintf(page->to, "%s\n", input->job);
    }
}

static void put_note(const struct page *page, const char *note)
{
    if (note == NULL)
        return;
    page_put_label(page, "note");
    fprintf(page->to, "%s\n", note);
}

static void put_incomplete(const struct page *page, const struct report_input *input)
{
    fprintf(page->to, "%*s%sINCOMPLETE: stopped before the end%s\n", PAGE_LABEL, "", page_bold(page), page_plain(page));
    if (input->stopped != NULL)
        page_put_paragraph(page, input->stopped);
}

static void put_run(const struct page *page, const struct report_input *input)
{
    char id[CONFIG_HASH_BYTES];
    config_hash(input->config, id);
    page_put_label(page, "drive");
    fprintf(page->to, "%s\n", input->drive);
    put_source(page, input);
    put_note(page, input->note);
    page_put_label(page, "run");
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
    fprintf(page->to, "\n%s%-12s%10s", page_bold(page), "latency", "count");
    for (size_t i = 0; i < ARRAY_SIZE(before); i++)
        page_put_cell(page, 9, before[i]);
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
        fprintf(page->to, " %7s ", shown[i]);
    page_put_cell(page, 9, "max");
    fprintf(page->to, "%s\n", page_plain(page));
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
    page_put_time(page, 9, latency->mean);
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
        int k = percentile_index(shown[i]);
        bool few = rests_on_few(count, report_percentiles[k].fraction);
        page_put_time(page, 8, latency->percentile[k]);
        fputc(few ? '*' : ' ', page->to);
        page->few |= few;
    }
    page_put_time(page, 9, latency->max);
    fputc('\n', page->to);
}

static void put_rates(const struct page *page, const struct kind_stats *kind, bool moves_data, tick_t duration)
{
    double seconds = (double)duration / TICKS_PER_S;
    page_put_number(page, 9, seconds > 0 ? (double)kind->count / seconds : 0);
    if (moves_data)
        page_put_number(page, 9, seconds > 0 ? (double)kind->bytes / seconds / 1e6 : 0);
    else
        page_put_cell(page, 9, "-");
}

static void put_kind(struct page *page, const char *name, const struct kind_stats *kind, bool moves_data,
                     tick_t duration)
{
    struct report_latency latency = report_latency_of(kind);
    fprintf(page->to, "%-12s", name);
    page_put_count(page, 10, kind->count);
    put_rates(page, kind, moves_data, duration);
    put_latency(page, &latency, kind->count);
    if (kind->errors != 0)
        fprintf(page->to, "%s  %" PRIu64 " completed with an error%s\n", page_bold(page), kind->errors,
                page_plain(page));
    if (kind->recorded.count == 0)
        return;
    struct report_latency recorded = report_recorded_of(kind);
    fprintf(page->to, "%s%-12s", page_dim(page), "  recorded");
    page_put_count(page, 10, kind->recorded.count);
    fprintf(page->to, "%18s", "");
    put_latency(page, &recorded, kind->recorded.count);
    fputs(page_plain(page), page->to);
}

// A line of its own, with what an open loop was offered, then the kinds of command, over the job's own time.
static void put_job(struct page *page, const struct report_job *job)
{
    const struct command_stats *commands = job->commands;
    char iops[NUMBER_TEXT_BYTES], mb_s[NUMBER_TEXT_BYTES];
    fprintf(page->to, "%s%s%s: %.6g s", page_bold(page), job->name, page_plain(page),
            (double)(commands->end - commands->origin) / TICKS_PER_S);
    if (job->load != NULL && isfinite(job->load->offered_iops))
        fprintf(page->to, ", offered %s IOPS and %s MB/s, most in flight %" PRIu64,
                number_text(job->load->offered_iops, iops), number_text(job->load->offered_mb_s, mb_s),
                job->load->most_in_flight);
    fputc('\n', page->to);
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "  %.13s", io_kind_name(i));
        if (commands->kinds[i].count != 0)
            put_kind(page, name, &commands->kinds[i], io_moves_data(i), commands->end - commands->origin);
    }
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
    for (size_t i = 0; i < input->job_count; i++)
        put_job(page, &input->jobs[i]);
    if (page->few)
        fprintf(page->to, "%s* rests on fewer than ten requests%s\n", page_dim(page), page_plain(page));
}

// --- the simulator -------------------------------------------------------------------------------------------------

static void put_host(const struct page *page, const struct report_input *input, uint64_t commands)
{
    const struct report_host *host = &input->host;
    struct wrapped line = {.page = page};
    char text[80];
    if (host->prepare_s >= 0.1) {
        snprintf(text, sizeof text, "prepared in %.1f s", host->prepare_s);
        page_put_item(&line, "speed", text);
    }
    snprintf(text, sizeof text, "simulated in %.3g s", host->wall_s);
    page_put_item(&line, "speed", text);
    if (host->cpu_s > 0) {
        snprintf(text, sizeof text, "%.0f commands a CPU-second", (double)commands / host->cpu_s);
        page_put_item(&line, "speed", text);
    }
    snprintf(text, sizeof text, "%.0f MiB", (double)host->peak_memory_bytes / (1 << 20));
    page_put_item(&line, "speed", text);
    if (host->kernel != NULL)
        page_put_named(&line, "speed", "kernel", host->kernel);
    page_end_items(&line);
    if (input->next == NULL)
        return;
    page_put_label(page, "next");
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
    summary_put_stages(&page, input);
    summary_put_tail(&page, input);
    fputc('\n', to);
    summary_put_drive(&page, input);
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
