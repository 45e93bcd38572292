// Plots over time: latency, throughput, utilisation.
#include "report/run_plots.h"
#include "util/macros.h"

enum { BINS_AS_POINTS = 12 };

struct time_unit {
    const char *name;
    double per_second;
};

static struct time_unit unit_of(const struct course *course)
{
    if (course->duration >= TICKS_PER_S)
        return (struct time_unit){"s", 1};
    if (course->duration >= TICKS_PER_MS)
        return (struct time_unit){"ms", 1e3};
    return (struct time_unit){"us", 1e6};
}

static unsigned kinds_of(const struct course *course)
{
    unsigned kinds = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++)
        kinds += course->has_kind[i];
    return kinds;
}

// Few points are shown as points, for a line of one point cannot be seen.
static const char *line_style(const struct course *course)
{
    return course->bins <= BINS_AS_POINTS ? "linespoints pointtype 7 pointsize 0.6" : "lines";
}

static void put_time_axis(FILE *gp, const struct course *course)
{
    double end = (double)course->duration / TICKS_PER_S * unit_of(course).per_second;
    fprintf(gp, "set xrange [0:%.9g]\n", end > 0 ? end : 1);
}

static FILE *open_over_time(struct plots *plots, const struct course *course, unsigned part, const char *name,
                            struct plot_layout layout)
{
    FILE *data = plot_open_data(plots, name, "csv");
    if (data == NULL)
        return NULL;
    course_write_csv(course, part, data);
    plot_close_data(plots, data);
    FILE *gp = plot_open(plots, name, layout);
    if (gp == NULL)
        return NULL;
    fputs("set datafile separator ','\nset grid xtics ytics\n", gp);
    put_time_axis(gp, course);
    return gp;
}

// `using` clause of a column against time.
static void put_using(FILE *gp, const struct course *course, unsigned column, const char *scale)
{
    fprintf(gp, "using ($1*%g):(column(%u)%s)", unit_of(course).per_second, column, scale);
}

// --- latency -------------------------------------------------------------------------------------------------------

static void put_latency_range(FILE *gp, const struct course *course, enum io_kind kind)
{
    double lo = 0, hi = 0;
    for (uint32_t i = 0; i < course->bins; i++) {
        const struct course_bin *bin = &course->kinds[kind][i];
        if (bin->count == 0)
            continue;
        double least = MIN(bin->mean_us, bin->p50_us);
        lo = lo == 0 ? least : MIN(lo, least);
        hi = MAX(hi, bin->max_us);
    }
    plot_put_log_range(gp, 'y', lo, hi);
}

// `first` is the column of the kind's mean; p50, p99 and the largest follow.
static void put_latency_panel(FILE *gp, const struct course *course, enum io_kind kind, unsigned first)
{
    const char *colour = plot_colour(kind), *style = line_style(course);
    double scale = unit_of(course).per_second;
    fprintf(gp, "set ylabel '%s latency (us)'\n", io_kind_name(kind));
    put_latency_range(gp, course, kind);
    fprintf(gp, "plot 'latency_time.csv' using ($1*%g):%u:%u with filledcurves fillcolor '%s' fillstyle solid 0.18 "
                "noborder title 'p50 to p99', \\\n", scale, first + 1, first + 2, colour);
    static const char format[] = "     '' using ($1*%g):%u with %s %s linecolor '%s' title '%s'%s\n";
    fprintf(gp, format, scale, first + 3, style, "linewidth 1", "#999999", "max", ", \\");
    fprintf(gp, format, scale, first + 2, style, "linewidth 1.4 dashtype (4,3)", colour, "p99", ", \\");
    fprintf(gp, format, scale, first + 1, style, "linewidth 2.2", colour, "p50", ", \\");
    fprintf(gp, format, scale, first, style, "linewidth 1.4", "#222222", "mean", "");
}

void report_plot_latency(struct plots *plots, const struct course *course)
{
    unsigned kinds = kinds_of(course), column = 2;
    struct plot_layout layout = {"Latency over time", kinds, 140 + 260 * kinds};
    FILE *gp = kinds == 0 ? NULL : open_over_time(plots, course, COURSE_LATENCY, "latency_time", layout);
    if (gp == NULL)
        return;
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        if (!course->has_kind[i])
            continue;
        if (--kinds == 0)
            fprintf(gp, "set xlabel 'time (%s)'\n", unit_of(course).name);
        put_latency_panel(gp, course, i, column);
        column += 4;
    }
    plot_close(plots, gp);
}

// --- throughput ----------------------------------------------------------------------------------------------------

static double largest_rate(const struct course *course, bool bytes)
{
    double largest = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++)
        for (uint32_t bin = 0; bin < course->bins; bin++)
            largest = MAX(largest, bytes ? course->kinds[i][bin].mb_s : course->kinds[i][bin].iops);
    return largest;
}

// IOPS, or with `bytes` MB/s: the kinds' columns come in pairs.
static void put_rate_panel(FILE *gp, const struct course *course, bool bytes)
{
    double largest = largest_rate(course, bytes);
    bool thousands = !bytes && largest >= 10000;
    unsigned column = bytes ? 1 : 0;
    fprintf(gp, "set ylabel '%s'\n", bytes ? "bandwidth (MB/s)" : thousands ? "thousand IOPS" : "IOPS");
    plot_put_linear_range(gp, 'y', thousands ? largest / 1e3 : largest);
    fputs("plot ", gp);
    const char *separator = "";
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        if (!course->has_kind[i])
            continue;
        column += 2;
        if (bytes && !io_moves_data(i))
            continue;
        fprintf(gp, "%s'throughput_time.csv' ", separator);
        put_using(gp, course, column, thousands ? "/1e3" : "");
        fprintf(gp, " with %s linewidth 2 linecolor '%s' title '%s'", line_style(course), plot_colour(i),
                io_kind_name(i));
        separator = ", \\\n     ";
    }
    fputc('\n', gp);
}

void report_plot_throughput(struct plots *plots, const struct course *course)
{
    struct plot_layout layout = {"Throughput over time", 2, 700};
    FILE *gp =
        kinds_of(course) == 0 ? NULL : open_over_time(plots, course, COURSE_THROUGHPUT, "throughput_time", layout);
    if (gp == NULL)
        return;
    put_rate_panel(gp, course, false);
    fprintf(gp, "unset key\nset xlabel 'time (%s)'\n", unit_of(course).name);
    put_rate_panel(gp, course, true);
    plot_close(plots, gp);
}

// --- utilisation ---------------------------------------------------------------------------------------------------

void report_plot_utilization(struct plots *plots, const struct course *course)
{
    struct plot_layout layout = {"Utilisation over time", 1, 480};
    FILE *gp = course->meter_count == 0
                   ? NULL
                   : open_over_time(plots, course, COURSE_UTILIZATION, "utilization_time", layout);
    if (gp == NULL)
        return;
    fprintf(gp, "set xlabel 'time (%s)'\nset ylabel 'busy (%%)'\nset yrange [0:102]\nset ytics 0,20,100\nplot ",
            unit_of(course).name);
    for (size_t i = 0; i < course->meter_count; i++) {
        fprintf(gp, "%s'utilization_time.csv' ", i == 0 ? "" : ", \\\n     ");
        put_using(gp, course, (unsigned)i + 2, "*100");
        fprintf(gp, " with %s linewidth 2 linecolor '%s' title ", line_style(course), plot_colour((unsigned)i));
        plot_put_quoted(gp, course->meters[i].name);
    }
    fputc('\n', gp);
    plot_close(plots, gp);
}
