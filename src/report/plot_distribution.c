// Plots of latency distributions: cumulative, by percentile, and against the recording.
#include "report/run_plots.h"
#include "util/exact_math.h"
#include "util/macros.h"

// One curve: a histogram, its colour and how it is drawn.
struct curve {
    const struct histogram *histogram;
    double min_us, max_us;
    char title[64];
    unsigned colour;
    bool dashed;
};

enum { CURVES_MAX = 2 * IO_KIND_COUNT + 16 };

struct curves {
    struct curve at[CURVES_MAX];
    unsigned count;
    double lo, hi;   // us
    uint64_t largest; // count of values
};

static void add_named_curve(struct curves *curves, const struct histogram *histogram, struct report_latency latency,
                            const char *title, unsigned colour, bool dashed)
{
    if (histogram->count == 0 || curves->count == CURVES_MAX)
        return;
    struct curve *curve = &curves->at[curves->count];
    *curve = (struct curve){histogram, latency.min, latency.max, "", colour, dashed};
    snprintf(curve->title, sizeof curve->title, "%s", title);
    curves->lo = curves->count == 0 ? latency.min : MIN(curves->lo, latency.min);
    curves->hi = MAX(curves->hi, latency.max);
    curves->largest = MAX(curves->largest, histogram->count);
    curves->count++;
}

static void add_curve(struct curves *curves, const struct histogram *histogram, struct report_latency latency,
                      enum io_kind kind, const char *what, bool dashed)
{
    char title[48];
    snprintf(title, sizeof title, "%s%s", io_kind_name(kind), what);
    add_named_curve(curves, histogram, latency, title, kind, dashed);
}

static struct curves simulated_curves(const struct report_input *input)
{
    struct curves curves = {0};
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        add_curve(&curves, &kind->latency, report_latency_of(kind), i, "", false);
    }
    return curves;
}

static struct curves recorded_curves(const struct report_input *input)
{
    struct curves curves = {0};
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        if (kind->recorded.count == 0)
            continue;
        add_curve(&curves, &kind->recorded, report_recorded_of(kind), i, ", recorded", true);
        add_curve(&curves, &kind->latency, report_latency_of(kind), i, ", simulated", false);
    }
    return curves;
}

// Each job's kinds of command, in a colour for each job.
static struct curves job_curves(const struct report_input *input)
{
    struct curves curves = {0};
    for (size_t j = 0; j < input->job_count; j++)
        for (int i = 0; i < IO_KIND_COUNT; i++) {
            const struct kind_stats *kind = &input->jobs[j].commands->kinds[i];
            char title[64];
            snprintf(title, sizeof title, "%s, %s", input->jobs[j].name, io_kind_name(i));
            add_named_curve(&curves, &kind->latency, report_latency_of(kind), title, (unsigned)j, i != IO_READ);
        }
    return curves;
}

static double held(const struct curve *curve, uint64_t ns)
{
    return MAX(MIN(MAX((double)ns / 1e3, curve->min_us), curve->max_us), 1e-3);
}

// Steps of at least 0.05 %, so that the file stays small; the first value and the last are always there.
static void write_cdf(const struct curve *curve, FILE *to)
{
    uint64_t below = 0, written = 0, count = curve->histogram->count;
    fprintf(to, "# %s: latency (us), share of commands (%%)\n%.9g 0\n", curve->title, MAX(curve->min_us, 1e-3));
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && below < count; i++) {
        if (curve->histogram->buckets[i] == 0)
            continue;
        below += curve->histogram->buckets[i];
        if (below - written < count / 2000 && below != count)
            continue;
        written = below;
        fprintf(to, "%.9g %.9g\n", held(curve, histogram_bucket_top(i)), 100 * (double)below / (double)count);
    }
    fputs("\n\n", to);
}

static void put_lines(FILE *gp, const struct curves *curves, const char *data, const char *style)
{
    fputs("plot ", gp);
    for (unsigned i = 0; i < curves->count; i++) {
        const struct curve *curve = &curves->at[i];
        fprintf(gp, "%s'%s' index %u using 1:2 with %s linewidth 2.2 linecolor '%s'%s title ",
                i == 0 ? "" : ", \\\n     ", data, i, style, plot_colour(curve->colour),
                curve->dashed ? " dashtype (6,4)" : "");
        plot_put_quoted(gp, curve->title);
    }
    fputc('\n', gp);
}

static void plot_cdf(struct plots *plots, const struct curves *curves, const char *name, const char *title)
{
    char data_name[PLOT_NAME_BYTES];
    FILE *data = plot_open_data(plots, name, "dat");
    if (data == NULL)
        return;
    for (unsigned i = 0; i < curves->count; i++)
        write_cdf(&curves->at[i], data);
    plot_close_data(plots, data);
    FILE *gp = plot_open(plots, name, (struct plot_layout){title, 1, 540});
    if (gp == NULL)
        return;
    fputs("set xlabel 'latency (us)'\nset ylabel 'commands completed within (%)'\n"
          "set yrange [0:101]\nset ytics 0,20,100\nset grid xtics mxtics ytics\n", gp);
    plot_put_log_range(gp, 'x', curves->lo, curves->hi);
    snprintf(data_name, sizeof data_name, "%s.dat", name);
    put_lines(gp, curves, data_name, "steps");
    plot_close(plots, gp);
}

void report_plot_cdf(struct plots *plots, const struct report_input *input)
{
    struct curves curves = simulated_curves(input);
    if (curves.count != 0)
        plot_cdf(plots, &curves, "latency_cdf", "Latency distribution");
}

void report_plot_recorded(struct plots *plots, const struct report_input *input)
{
    struct curves curves = recorded_curves(input);
    if (curves.count != 0)
        plot_cdf(plots, &curves, "recorded_cdf", "Latency distribution: the recorded device and the simulated drive");
}

// --- percentiles ---------------------------------------------------------------------------------------------------

enum { STEPS_PER_DECADE = 20 };

// As long as at least one value lies beyond the percentile. The largest lies beyond every percentile: it would be a
// spike at the end.
static void write_percentiles(const struct curve *curve, FILE *to)
{
    double count = (double)MAX(curve->histogram->count, 2);
    fprintf(to, "# %s: 1 / (1 - percentile), latency (us)\n", curve->title);
    for (int step = 0;; step++) {
        double inverse = MIN(exact_pow(10, (double)step / STEPS_PER_DECADE), count);
        double us = held(curve, histogram_quantile(curve->histogram, 1 - 1 / inverse));
        fprintf(to, "%.6g %.9g\n", inverse, us);
        if (inverse >= count)
            break;
    }
    fputs("\n\n", to);
}

static void put_percentile_axis(FILE *gp, uint64_t largest)
{
    fprintf(gp, "set logscale x 10\nset xrange [1:%.6g]\nset xtics ('0%%%%' 1, '50%%%%' 2, '90%%%%' 10",
            MAX((double)largest * 1.2, 12));
    char nines[16] = "99";
    size_t digits = 2;
    for (double inverse = 100; inverse <= (double)largest * 1.2 && digits < 12; inverse *= 10) {
        fprintf(gp, ", '%s%%%%' %.0f", nines, inverse);
        digits += digits == 2 ? (nines[2] = '.', nines[3] = '9', 2) : (nines[digits] = '9', 1);
        nines[digits] = '\0';
    }
    fputs(")\n", gp);
}

static void plot_percentiles(struct plots *plots, const struct curves *curves, const char *name, const char *title)
{
    char data_name[PLOT_NAME_BYTES];
    FILE *data = curves->count == 0 ? NULL : plot_open_data(plots, name, "dat");
    if (data == NULL)
        return;
    for (unsigned i = 0; i < curves->count; i++)
        write_percentiles(&curves->at[i], data);
    plot_close_data(plots, data);
    FILE *gp = plot_open(plots, name, (struct plot_layout){title, 1, 540});
    if (gp == NULL)
        return;
    fputs("set xlabel 'percentile'\nset ylabel 'latency (us)'\nset grid xtics ytics mytics\n", gp);
    put_percentile_axis(gp, curves->largest);
    plot_put_log_range(gp, 'y', curves->lo, curves->hi);
    snprintf(data_name, sizeof data_name, "%s.dat", name);
    put_lines(gp, curves, data_name, "lines");
    plot_close(plots, gp);
}

void report_plot_percentiles(struct plots *plots, const struct report_input *input)
{
    struct curves curves = simulated_curves(input);
    plot_percentiles(plots, &curves, "latency_percentiles", "Latency by percentile");
}

void report_plot_jobs(struct plots *plots, const struct report_input *input)
{
    struct curves curves = job_curves(input);
    plot_percentiles(plots, &curves, "jobs_percentiles", "Latency of each job by percentile");
}
