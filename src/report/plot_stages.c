// Plot of where the time went: the mean latency of each kind of command, split into its stages.
#include "report/run_plots.h"
#include "report/number_text.h"
#include "util/macros.h"

// Of one family of hue are what belongs together: host grey, link blue, controller violet, buffer olive, NAND warm,
// correction green.
static const char *const colours[STAGE_COUNT] = {
    [STAGE_HOST_SUBMIT] = "#bbbbbb",  [STAGE_SQ_FETCH] = "#9ecae1",    [STAGE_CONTROLLER] = "#6a51a3",
    [STAGE_BUFFER_WAIT] = "#b5a642",  [STAGE_DATA_IN] = "#4292c6",     [STAGE_FLUSH_WAIT] = "#7f7f2a",
    [STAGE_DIE_WAIT] = "#fdae6b",     [STAGE_CHANNEL_WAIT] = "#8c2d04", [STAGE_NAND_COMMAND] = "#f7d56e",
    [STAGE_ARRAY] = "#d55e00",        [STAGE_TRANSFER] = "#f0a202",    [STAGE_ECC] = "#009e73",
    [STAGE_RETRY] = "#74c476",        [STAGE_RAID] = "#00441b",        [STAGE_DATA_OUT] = "#08519c",
    [STAGE_COMPLETION] = "#56b4e9",   [STAGE_HOST_COMPLETE] = "#777777",
};

static bool stage_occurs(const struct report_input *input, int stage)
{
    for (int i = 0; i < IO_KIND_COUNT; i++)
        if (input->commands->kinds[i].stage_sum[stage] != 0)
            return true;
    return false;
}

static double mean_us(const struct kind_stats *kind, tick_sum_t sum)
{
    return kind->count == 0 ? 0 : (double)sum / (double)kind->count / 1e6;
}

static tick_sum_t sum_before(const struct kind_stats *kind, int stage)
{
    tick_sum_t sum = 0;
    for (int i = 0; i < stage; i++)
        sum += kind->stage_sum[i];
    return sum;
}

static double percent(tick_sum_t part, tick_sum_t whole)
{
    return whole == 0 ? 0 : 100 * (double)part / (double)whole;
}

// A block for each stage; a row for each kind, the first kind uppermost. The last column is the whole, for people.
static void write_stage(const struct report_input *input, int stage, unsigned kinds, FILE *to)
{
    fprintf(to, "# %s: row, from (us), to (us), from (%%), to (%%), kind, mean latency\n", stage_names[stage]);
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        char mean[NUMBER_TEXT_BYTES];
        if (kind->count == 0)
            continue;
        tick_sum_t from = sum_before(kind, stage), to_sum = from + kind->stage_sum[stage];
        fprintf(to, "%u %.9g %.9g %.6g %.6g %s %s\n", kinds--, mean_us(kind, from), mean_us(kind, to_sum),
                percent(from, kind->latency_sum), percent(to_sum, kind->latency_sum), io_kind_name(i),
                time_text(mean_us(kind, kind->latency_sum), mean));
    }
    fputs("\n\n", to);
}

// The legend by hand: gnuplot's own stops at the height of one panel.
static void put_legend(FILE *gp, const struct report_input *input, unsigned height)
{
    double step = 23.0 / height, top = 1 - 75.0 / height;
    for (int i = 0, row = 1; i < STAGE_COUNT; i++) {
        if (!stage_occurs(input, i))
            continue;
        double y = top - step * row;
        fprintf(gp, "set object %d rectangle from screen 0.825,%.4f to screen 0.845,%.4f fillcolor rgb '%s' "
                    "fillstyle solid noborder\n", row, y - 6.0 / height, y + 6.0 / height, colours[i]);
        fprintf(gp, "set label %d '%s' at screen 0.853,%.4f left\n", row++, stage_names[i], y);
    }
}

static void put_bars(FILE *gp, const struct report_input *input, unsigned first_column)
{
    const char *separator = "plot ";
    unsigned block = 0, c = first_column;
    for (int i = 0; i < STAGE_COUNT; i++) {
        if (!stage_occurs(input, i))
            continue;
        fprintf(gp, "%s'stages.dat' index %u using %u:1:%u:%u:($1-0.36):($1+0.36) with boxxyerror linecolor '%s'",
                separator, block++, c, c, c + 1, colours[i]);
        separator = ", \\\n     ";
    }
}

static void put_row_names(FILE *gp, const struct report_input *input, unsigned kinds)
{
    const char *separator = "";
    fprintf(gp, "set yrange [0.4:%u.6]\nset ytics (", kinds);
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        if (input->commands->kinds[i].count == 0)
            continue;
        fprintf(gp, "%s'%s' %u", separator, io_kind_name(i), kinds--);
        separator = ", ";
    }
    fputs(") scale 0\n", gp);
}

static void put_panels(FILE *gp, const struct report_input *input, unsigned kinds, double longest)
{
    fputs("set style fill solid 1 noborder\nset grid xtics noytics\nset border 1\n"
          "set lmargin at screen 0.12\nset rmargin at screen 0.80\n"
          "unset key\n", gp);
    put_row_names(gp, input, kinds);
    fprintf(gp, "set xlabel 'mean latency (us)'\nset xrange [0:%.6g]\n", longest > 0 ? longest * 1.15 : 1);
    put_bars(gp, input, 2);
    unsigned last = 0;
    for (int i = 0; i < STAGE_COUNT; i++)
        last += stage_occurs(input, i);
    fprintf(gp, ", \\\n     'stages.dat' index %u using 3:1:7 with labels left "
                "offset 0.6,0\n", last - 1);
    fputs("unset object\nunset label\nset xlabel 'share of the latency (%)'\nset xrange [0:100]\n", gp);
    put_bars(gp, input, 4);
    fputc('\n', gp);
}

void report_plot_stages(struct plots *plots, const struct report_input *input)
{
    unsigned kinds = 0;
    double longest = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        const struct kind_stats *kind = &input->commands->kinds[i];
        kinds += kind->latency_sum != 0;
        longest = MAX(longest, mean_us(kind, kind->latency_sum));
    }
    FILE *data = kinds == 0 ? NULL : plot_open_data(plots, "stages", "dat");
    if (data == NULL)
        return;
    kinds = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++)
        kinds += input->commands->kinds[i].count != 0;
    for (int i = 0; i < STAGE_COUNT; i++)
        if (stage_occurs(input, i))
            write_stage(input, i, kinds, data);
    plot_close_data(plots, data);
    struct plot_layout layout = {"Where the time went", 2, 400 + 80 * kinds};
    FILE *gp = plot_open(plots, "stages", layout);
    if (gp == NULL)
        return;
    put_legend(gp, input, layout.height);
    put_panels(gp, input, kinds, longest);
    plot_close(plots, gp);
}
