// What a stream of requests is like, for people: blocks of lines, a line each kind of request.
#include "report/text/profile_text.h"

#include <inttypes.h>

#include "report/text/number_text.h"
#include "util/macros.h"

enum { SIZES_SHOWN = 3 };

const char *bytes_text(double bytes, char text[BYTES_TEXT])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned unit = 0;
    for (; bytes >= 1024 && unit < 6; unit++)
        bytes /= 1024;
    snprintf(text, BYTES_TEXT, unit == 0 ? "%.0f %s" : bytes >= 99.995 ? "%.1f %s" : "%.2f %s", bytes, units[unit]);
    return text;
}

// ---- sizes and latencies by kind ---------------------------------------------------------------------------------

static void print_size(const struct profile_kind *kind, double fraction, FILE *to)
{
    char text[BYTES_TEXT];
    double bytes = fraction < 0 ? (double)kind->bytes / (double)kind->count
                                : (double)histogram_quantile(&kind->sizes, fraction) * PROFILE_SECTOR;
    fprintf(to, " %11s", bytes_text(bytes, text));
}

static void print_frequent(const struct profile_kind *kind, FILE *to)
{
    struct profile_size frequent[SIZES_SHOWN + 1];
    unsigned count = profile_frequent_sizes(&kind->sizes, frequent, SIZES_SHOWN);
    for (unsigned i = 0; i < count; i++) {
        char text[BYTES_TEXT];
        fprintf(to, "%s%s %.1f%%", i == 0 ? "   " : ", ", bytes_text((double)frequent[i].bytes, text),
                100 * (double)frequent[i].count / (double)kind->count);
    }
    fputc('\n', to);
}

static void print_sizes(const struct profile *p, FILE *to)
{
    fputs("\nsize                   mean         p50         p99         max   most frequent\n", to);
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        const struct profile_kind *kind = &p->kinds[i];
        if (kind->count == 0 || i == IO_FLUSH)
            continue;
        fprintf(to, "  %-13s", io_kind_name((enum io_kind)i));
        print_size(kind, -1, to);
        print_size(kind, 0.5, to);
        print_size(kind, 0.99, to);
        print_size(kind, 1, to);
        print_frequent(kind, to);
    }
}

static void print_times(const char *name, const struct histogram *times, double mean_ns, uint64_t count, FILE *to)
{
    static const double fractions[] = {0.5, 0.9, 0.99, 0.999, 1};
    char text[NUMBER_TEXT_BYTES];
    fprintf(to, "  %-13s %11" PRIu64 " %9s", name, count, time_text(mean_ns / 1e3, text));
    for (size_t i = 0; i < ARRAY_SIZE(fractions); i++)
        fprintf(to, " %9s", time_text((double)histogram_quantile(times, fractions[i]) / 1e3, text));
    fputc('\n', to);
}

static void print_latencies(const struct profile *p, FILE *to)
{
    if (profile_completed(p) == 0)
        return;
    fputs("\nrecorded latency       count      mean       p50       p90       p99     p99.9       max\n", to);
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        const struct profile_kind *kind = &p->kinds[i];
        if (kind->completed > 0)
            print_times(io_kind_name((enum io_kind)i), &kind->latency, kind->latency_sum / (double)kind->completed,
                        kind->completed, to);
    }
}

// ---- places ------------------------------------------------------------------------------------------------------

static void print_sequentiality(const struct profile *p, FILE *to)
{
    static const char *const names[PROFILE_DIRECTIONS] = {"reads", "writes", "trims", "write zeroes"};
    fprintf(to, "\nsequential       follow the last   one of %d   requests a run\n", PROFILE_STREAMS);
    for (int i = 0; i < PROFILE_DIRECTIONS; i++) {
        const struct profile_places *places = &p->places[i];
        if (places->count == 0)
            continue;
        double count = (double)places->count, runs = (double)(places->count - places->sequential);
        char text[NUMBER_TEXT_BYTES];
        fprintf(to, "  %-13s %14.1f%% %10.1f%% %16s\n", names[i], 100 * (double)places->sequential / count,
                100 * (double)places->interleaved / count, number_text(count / MAX(runs, 1), text));
    }
}

// ---- times -------------------------------------------------------------------------------------------------------

static void print_rate(const struct profile *p, FILE *to)
{
    char rate[NUMBER_TEXT_BYTES], bytes[NUMBER_TEXT_BYTES], busiest[NUMBER_TEXT_BYTES], most[NUMBER_TEXT_BYTES];
    double seconds = profile_seconds(p), bin = (double)p->scope.duration_ns / 1e9 / PROFILE_BINS;
    uint64_t requests = 0, data = 0;
    if (seconds <= 0)
        return;
    for (int i = 0; i < PROFILE_BINS; i++) {
        requests = MAX(requests, p->bins[i]);
        data = MAX(data, p->byte_bins[i]);
    }
    fprintf(to, "\nrate            %s requests and %s MB a second; in the busiest hundredth of its time %s and %s\n",
            number_text((double)p->requests / seconds, rate),
            number_text((double)profile_data_bytes(p) / 1e6 / seconds, bytes),
            number_text((double)requests / bin, busiest), number_text((double)data / 1e6 / bin, most));
}

static void print_intervals(const struct profile *p, FILE *to)
{
    if (p->intervals.count == 0)
        return;
    char text[NUMBER_TEXT_BYTES];
    fputs("\ntime between           count      mean       p50       p90       p99     p99.9       max\n", to);
    print_times("requests", &p->intervals, profile_mean_interval(p), p->intervals.count, to);
    fprintf(to, "  variation %s (deviation / mean: 0 evenly, 1 as if by chance, more in bursts)\n",
            number_text(profile_interval_variation(p), text));
}

static void print_depth(const struct profile *p, FILE *to)
{
    char text[NUMBER_TEXT_BYTES];
    if (profile_completed(p) == 0)
        return;
    fprintf(to, "\nqueue depth     mean %s over the time; a request finds", number_text(profile_mean_depth(p), text));
    fprintf(to, " p50 %" PRIu64 ", p90 %" PRIu64 ", p99 %" PRIu64 ", at most %" PRIu64 " others under way\n",
            histogram_quantile(&p->depth, 0.5), histogram_quantile(&p->depth, 0.9), histogram_quantile(&p->depth, 0.99),
            p->deepest);
}

// ---- reuse -------------------------------------------------------------------------------------------------------

static void print_footprint(const struct reuse_summary *s, FILE *to)
{
    char all[BYTES_TEXT], reads[BYTES_TEXT], writes[BYTES_TEXT];
    fprintf(to, "\nfootprint       %s in chunks of 4 KiB: %s read, %s written (",
            bytes_text(s->chunks * REUSE_CHUNK, all), bytes_text(s->chunks_read * REUSE_CHUNK, reads),
            bytes_text(s->chunks_written * REUSE_CHUNK, writes));
    if (s->sampled_one_of == 1)
        fputs("exact)\n", to);
    else
        fprintf(to, "estimated from one chunk of %" PRIu64 ")\n", s->sampled_one_of);
    if (s->skipped > 0)
        fprintf(to, "                %" PRIu64 " requests of more than 256 MiB are not counted in it\n", s->skipped);
}

static void print_again(const struct reuse_summary *s, FILE *to)
{
    char half[BYTES_TEXT], most[BYTES_TEXT];
    fprintf(to, "reuse           %.1f%% of the accesses to chunks are to one touched before",
            100 * s->again / MAX(s->accesses, 1));
    if (s->writes > 0)
        fprintf(to, "; %.1f%% of the writes write again", 100 * s->rewrites / s->writes);
    fputc('\n', to);
    if (s->again > 0)
        fprintf(to, "                half of them would hit in an LRU cache of %s, nine of ten in one of %s\n",
                bytes_text((double)reuse_distance_quantile(s, 0.5), half),
                bytes_text((double)reuse_distance_quantile(s, 0.9), most));
}

static void print_hottest(const struct reuse_summary *s, FILE *to)
{
    fputs("hottest chunks ", to);
    for (size_t i = 0; i < ARRAY_SIZE(reuse_hottest_shares); i++)
        fprintf(to, "%s %g%% take %.1f%%", i == 0 ? "" : ",", 100 * reuse_hottest_shares[i], 100 * s->hottest[i]);
    fputs(" of the accesses\n", to);
}

void profile_print(const struct profile *p, FILE *to)
{
    struct reuse_summary reuse = reuse_summarize(p->reuse);
    print_sizes(p, to);
    print_sequentiality(p, to);
    print_rate(p, to);
    print_intervals(p, to);
    print_depth(p, to);
    print_latencies(p, to);
    if (reuse.chunks <= 0)
        return;
    print_footprint(&reuse, to);
    print_again(&reuse, to);
    print_hottest(&reuse, to);
}
