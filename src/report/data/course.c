// A run's course over time.
//
// Series and meters widen their bins each on its own; here they are brought to one width. It is a power of two, at
// least the widest of them, and such that there are at most 128 bins and, beyond 8 bins, 64 commands a bin on
// average: finer than that, one sees the grain of the load and not its course. The last bin reaches to the end and is
// half to one and a half times as wide, so that a run's last moment does not look like a collapse.
#include "report/data/course.h"

#include <inttypes.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { BINS_MAX = 128, BINS_MIN = 8, COMMANDS_PER_BIN = 64 };

static uint64_t bins_of(tick_t duration, unsigned shift)
{
    uint64_t bins = (duration >> shift) + (shift == 0 ? 0 : duration >> (shift - 1) & 1);
    return MAX(bins, 1);
}

static unsigned common_shift(const struct report_input *input)
{
    unsigned shift = 0;
    uint64_t commands = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        commands += input->commands->kinds[i].count;
        shift = MAX(shift, input->commands->series[i].shift);
    }
    for (size_t i = 0; i < input->meter_count; i++)
        shift = MAX(shift, input->meters[i].meter->shift);
    for (size_t i = 0; i < input->count_count; i++)
        shift = MAX(shift, input->counts[i].strip->shift);
    for (;; shift++) {
        uint64_t bins = bins_of(input->duration, shift);
        if (bins <= BINS_MIN || (bins <= BINS_MAX && commands >= bins * COMMANDS_PER_BIN))
            return shift;
    }
}

static double bin_seconds(const struct course *course, uint32_t bin)
{
    tick_t width = bin + 1 == course->bins ? course->duration - bin * course->width : course->width;
    return (double)width / TICKS_PER_S;
}

double course_middle_s(const struct course *course, uint32_t bin)
{
    return (double)(bin * course->width) / TICKS_PER_S + bin_seconds(course, bin) / 2;
}

static struct course_bin course_bin_of(const struct series_bin *bin, bool moves_data, double seconds)
{
    if (bin->count == 0)
        return (struct course_bin){0};
    return (struct course_bin){
        .count = bin->count,
        .iops = seconds > 0 ? (double)bin->count / seconds : 0,
        .bandwidth_mb_s = moves_data && seconds > 0 ? (double)bin->bytes / seconds / 1e6 : 0,
        .mean_us = (double)bin->latency_sum / (double)bin->count / 1e6,
        .p50_us = (double)series_quantile(bin, 0.5) / 1e3,
        .p99_us = (double)series_quantile(bin, 0.99) / 1e3,
        .max_us = (double)bin->latency_max / 1e6,
    };
}

static void fill_kind(struct course *course, enum io_kind kind, const struct series *series)
{
    struct series_bin *merged = xcalloc(course->bins, sizeof *merged);
    uint32_t length = series_length(series);
    for (uint32_t i = 0; i < length; i++) {
        uint64_t bin = ((uint64_t)i << series->shift) / course->width;
        series_bin_add(&merged[MIN(bin, course->bins - 1)], &series->bins[i]);
    }
    course->kinds[kind] = xcalloc(course->bins, sizeof **course->kinds);
    for (uint32_t i = 0; i < course->bins; i++)
        course->kinds[kind][i] = course_bin_of(&merged[i], io_moves_data(kind), bin_seconds(course, i));
    free(merged);
}

static double *utilization_of(const struct course *course, const struct meter *meter)
{
    tick_t end = meter->origin + course->duration;
    double *utilization = xcalloc(course->bins, sizeof *utilization);
    for (uint32_t i = 0; i < METER_BINS; i++) {
        uint64_t bin = ((uint64_t)i << meter->shift) / course->width;
        utilization[MIN(bin, course->bins - 1)] += meter_busy_before(meter, i, end);
    }
    for (uint32_t i = 0; i < course->bins; i++) {
        double whole = bin_seconds(course, i) * TICKS_PER_S * meter->resources;
        utilization[i] = whole > 0 ? MIN(utilization[i] / whole, 1) : 0;
    }
    return utilization;
}

struct course *course_create(const struct report_input *input)
{
    struct course *course = xcalloc(1, sizeof *course);
    unsigned shift = common_shift(input);
    course->bins = (uint32_t)bins_of(input->duration, shift);
    course->width = (tick_t)1 << shift;
    course->duration = input->duration;
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        course->has_kind[i] = input->commands->kinds[i].count != 0;
        fill_kind(course, i, &input->commands->series[i]);
    }
    course->places = input->commands->places;
    course->counts = input->counts;
    course->count_count = input->count_count;
    course->meters = input->meters;
    course->meter_count = input->meter_count;
    course->utilization = xcalloc(input->meter_count + 1, sizeof *course->utilization);
    for (size_t i = 0; i < input->meter_count; i++)
        course->utilization[i] = utilization_of(course, input->meters[i].meter);
    return course;
}

void course_destroy(struct course *course)
{
    for (int i = 0; i < IO_KIND_COUNT; i++)
        free(course->kinds[i]);
    for (size_t i = 0; i < course->meter_count; i++)
        free(course->utilization[i]);
    free(course->utilization);
    free(course);
}

// --- as CSV --------------------------------------------------------------------------------------------------------

static void write_header(const struct course *course, FILE *to)
{
    fputs("time_s", to);
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        const char *name = io_kind_name(i);
        if (course->has_kind[i])
            fprintf(to, ",%s_iops,%s_bandwidth_mb_s,%s_mean_us,%s_p50_us,%s_p99_us,%s_max_us", name, name, name, name,
                    name, name);
    }
    for (size_t i = 0; i < course->meter_count; i++)
        fprintf(to, ",%s_utilization", course->meters[i].name);
    for (size_t i = 0; i < course->count_count; i++)
        fprintf(to, ",%s_per_s", course->counts[i].name);
    fputc('\n', to);
}

static void write_kind(const struct course_bin *bin, FILE *to)
{
    fprintf(to, ",%.9g,%.9g", bin->iops, bin->bandwidth_mb_s);
    if (bin->count == 0)
        fputs(",,,,", to);
    else
        fprintf(to, ",%.9g,%.9g,%.9g,%.9g", bin->mean_us, bin->p50_us, bin->p99_us, bin->max_us);
}

// The finer bins, of a meter or of a strip, that make up one of the course's.
struct finer {
    uint32_t first, end;
};

static struct finer finer_of(const struct course *course, uint32_t bin, unsigned shift, uint32_t all)
{
    uint64_t first = bin * course->width >> shift, end = (bin + 1) * course->width >> shift;
    return (struct finer){(uint32_t)MIN(first, all), bin + 1 == course->bins ? all : (uint32_t)MIN(end, all)};
}

// How many came in a bin, a second.
static double rate_in(const struct course *course, const struct strip *strip, uint32_t bin)
{
    struct finer finer = finer_of(course, bin, strip->shift, STRIP_BINS);
    double sum = 0, seconds = bin_seconds(course, bin);
    for (uint32_t i = finer.first; i < finer.end; i++)
        sum += strip_before(strip, i, strip->origin + course->duration);
    return seconds > 0 ? sum / seconds : 0;
}

void course_write_csv(const struct course *course, FILE *to)
{
    write_header(course, to);
    for (uint32_t bin = 0; bin < course->bins; bin++) {
        fprintf(to, "%.9g", course_middle_s(course, bin));
        for (int i = 0; i < IO_KIND_COUNT; i++)
            if (course->has_kind[i])
                write_kind(&course->kinds[i][bin], to);
        for (size_t i = 0; i < course->meter_count; i++)
            fprintf(to, ",%.6g", course->utilization[i][bin]);
        for (size_t i = 0; i < course->count_count; i++)
            fprintf(to, ",%.6g", rate_in(course, course->counts[i].strip, bin));
        fputc('\n', to);
    }
}

static void write_utilization_header(const struct course *course, FILE *to)
{
    fputs("time_s", to);
    for (size_t i = 0; i < course->meter_count; i++)
        for (uint32_t k = 0; course->meters[i].meter->each != NULL && k < course->meters[i].meter->resources; k++)
            fprintf(to, ",%s%u", course->meters[i].name, k);
    fputc('\n', to);
}

// The share of a bin in which one resource was busy.
static double own_share(const struct course *course, const struct meter *meter, uint32_t index, uint32_t bin)
{
    struct finer finer = finer_of(course, bin, meter->shift, METER_BINS);
    double sum = 0, whole = bin_seconds(course, bin) * TICKS_PER_S;
    for (uint32_t i = finer.first; i < finer.end; i++)
        sum += meter_own_before(meter, index, i, meter->origin + course->duration);
    return whole > 0 ? MIN(sum / whole, 1) : 0;
}

static void write_each(const struct course *course, const struct meter *meter, uint32_t bin, FILE *to)
{
    for (uint32_t i = 0; meter->each != NULL && i < meter->resources; i++)
        fprintf(to, ",%.4g", own_share(course, meter, i, bin));
}

void course_write_utilization(const struct course *course, FILE *to)
{
    write_utilization_header(course, to);
    for (uint32_t bin = 0; bin < course->bins; bin++) {
        fprintf(to, "%.9g", course_middle_s(course, bin));
        for (size_t i = 0; i < course->meter_count; i++)
            write_each(course, course->meters[i].meter, bin, to);
        fputc('\n', to);
    }
}

// --- where commands went -------------------------------------------------------------------------------------------

static void write_offsets_header(const struct places *places, FILE *to)
{
    struct places_extent extent = places_extent(places);
    fputs("time_s", to);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        for (uint32_t i = 0; places->rows[kind] != NULL && i < extent.count; i++)
            fprintf(to, ",%s@%" PRIu64 "-%" PRIu64, io_kind_name(kind), (extent.first + i) << places->offset_shift,
                    (extent.first + i + 1) << places->offset_shift);
    fputc('\n', to);
}

static uint64_t places_in(const struct course *course, enum io_kind kind, uint64_t part, uint32_t bin)
{
    struct finer finer = finer_of(course, bin, course->places->time_shift, PLACES_BINS);
    uint64_t sum = 0;
    for (uint32_t i = finer.first; i < finer.end; i++)
        sum += places_at(course->places, kind, part, i);
    return sum;
}

// The same in bins of their own: each command is seen, however few there are.
static struct course finest(const struct course *course)
{
    struct course fine = *course;
    unsigned shift = course->places->time_shift;
    while (bins_of(course->duration, shift) > BINS_MAX)
        shift++;
    fine.bins = (uint32_t)bins_of(course->duration, shift);
    fine.width = (tick_t)1 << shift;
    return fine;
}

static void write_offsets(const struct course *course, FILE *to)
{
    const struct places *places = course->places;
    struct places_extent extent = places_extent(places);
    write_offsets_header(places, to);
    for (uint32_t bin = 0; bin < course->bins; bin++) {
        fprintf(to, "%.9g", course_middle_s(course, bin));
        for (int kind = 0; kind < IO_KIND_COUNT; kind++)
            for (uint32_t i = 0; places->rows[kind] != NULL && i < extent.count; i++)
                fprintf(to, ",%" PRIu64, places_in(course, kind, extent.first + i, bin));
        fputc('\n', to);
    }
}

void course_write_offsets(const struct course *course, FILE *to)
{
    struct course fine = finest(course);
    write_offsets(&fine, to);
}

bool course_has_offsets(const struct course *course)
{
    return course->places != NULL && places_extent(course->places).count > 0;
}
