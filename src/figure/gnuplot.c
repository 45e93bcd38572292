// Figures as gnuplot scripts.
//
// A script names its files relative to its own folder and begins with `reset`, so that one process can run all of a
// folder in turn, and sets every range and tick itself. The legend is put by hand: gnuplot's own has columns of one
// width, and stops at the height of a panel.
#include "figure/gnuplot.h"

#include <math.h>

#include "figure/layout.h"
#include "util/macros.h"

enum { WIDTH = 960 };

// Cairo's terminals have fonts in points of 1/72 inch, and dashes half as long. Ends of lines are round, so that a gap
// must be longer than lines are wide.
static const struct format {
    const char *suffix, *terminal;
    const char *unit;  // of the terminal's size,
    double pixels;     // and how many pixels it has
    double font;       // of a pixel, in the terminal's unit of fonts
    const char *dashes;
} formats[] = {
    [FIGURE_SVG] = {"svg", "svg", "", 1, 1, "(5,5)"},
    [FIGURE_PNG] = {"png", "pngcairo", "", 1, 0.75, "(10,10)"},
    [FIGURE_PDF] = {"pdf", "pdfcairo", "in", 96, 0.75, "(10,10)"},
};

const char *figure_format_suffix(enum figure_format format)
{
    return formats[format].suffix;
}

struct script {
    FILE *to;
    const struct figure *figure;
    const struct format *format;
    struct layout layout;
};

// --- data ----------------------------------------------------------------------------------------------------------

static void write_point(const struct figure_series *series, const struct figure_point *p, FILE *to)
{
    char tint[8];
    if (series->mark == FIGURE_LINE)
        fprintf(to, "%.9g %.9g\n", p->x, p->y);
    else if (series->mark == FIGURE_AREA)
        fprintf(to, "%.9g %.9g %.9g\n", p->x, p->y, p->y2);
    else if (series->mark == FIGURE_BOXES)
        fprintf(to, "%.9g %.9g %.9g %.9g\n", p->x, p->y, p->x2, p->y2);
    else
        fprintf(to, "%.9g %.9g %.9g %.9g 0x%s %.4g\n", p->x, p->y, p->x2, p->y2,
                figure_tint_text(series->colour, p->value, tint) + 1, p->value);
}

static const char *columns_of(enum figure_mark mark)
{
    static const char *const columns[] = {
        [FIGURE_LINE] = "x, y",
        [FIGURE_AREA] = "x, from y, to y",
        [FIGURE_BOXES] = "x, y, to x, to y",
        [FIGURE_CELLS] = "x, y, to x, to y, colour, value of 1",
    };
    return columns[mark];
}

// A gap is one empty line, however long it is: two would end the block.
static void write_points(const struct figure_series *series, FILE *to)
{
    bool is_pending = false, any = false;
    for (size_t i = 0; i < series->count; i++) {
        bool is_gap = isnan(series->points[i].y);
        if (!is_gap && is_pending)
            fputc('\n', to);
        if (!is_gap)
            write_point(series, &series->points[i], to);
        any |= !is_gap;
        is_pending = any && is_gap;
    }
    fputs("\n\n", to);
}

void figure_write_data(const struct figure *figure, FILE *to)
{
    for (unsigned i = 0; i < figure->panel_count; i++)
        for (size_t k = 0; k < figure->panels[i]->series_count; k++) {
            const struct figure_series *series = &figure->panels[i]->series[k];
            fprintf(to, "# %s: %s\n", series->title[0] == '\0' ? "(not in the legend)" : series->title,
                    columns_of(series->mark));
            write_points(series, to);
        }
}

// --- words ---------------------------------------------------------------------------------------------------------

// A text in single quotes, safe whatever it holds.
static void put_quoted(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputc('\'', to);
        fputc(*text, to);
    }
    fputc('\'', to);
}

// That of a tick is taken as a format for its number.
static void put_tick_text(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text != '\0'; text++)
        fputs(*text == '\'' ? "\'\'" : *text == '%' ? "%%" : (char[]){*text, '\0'}, to);
    fputc('\'', to);
}

static double screen_x(const struct script *s, double x)
{
    return x / s->layout.width;
}

static double screen_y(const struct script *s, double y)
{
    return 1 - y / s->layout.height;
}

static void put_label(const struct script *s, const char *text, double x, double y, const char *style)
{
    fputs("set label ", s->to);
    put_quoted(s->to, text);
    fprintf(s->to, " at screen %.5f,%.5f left %s\n", screen_x(s, x), screen_y(s, y), style);
}

static void put_title(const struct script *s)
{
    double x = s->figure->panels[0]->has_rows ? LAYOUT_EDGE : s->layout.panels[0].left, y = 22;
    char style[96];
    snprintf(style, sizeof style, "font 'sans-serif,%.4g' textcolor '#222222'", LAYOUT_TITLE_FONT * s->format->font);
    put_label(s, s->figure->title, x, y, style);
    for (unsigned i = 0; i < FIGURE_LINES && s->figure->lines[i][0] != '\0'; i++)
        put_label(s, s->figure->lines[i], x, y += 18, "textcolor '#666666'");
}

// Each dash by itself: an arrow's own dashes are lost in SVG.
static void put_line_sample(const struct script *s, const struct figure_series *series, double x, double y)
{
    enum { DASH = 5, GAP = 5 };
    double end = x + LAYOUT_SAMPLE, dash = series->dashed ? DASH : LAYOUT_SAMPLE;
    for (; x < end; x += dash + GAP)
        fprintf(s->to, "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead linewidth %g linecolor '%s'\n",
                screen_x(s, x), screen_y(s, y), screen_x(s, MIN(x + dash, end)), screen_y(s, y), series->width,
                figure_colour_text(series->colour));
}

static struct figure_paint paint_of(const struct figure_series *series)
{
    return (struct figure_paint){series->colour, series->shade};
}

static void put_box_sample(const struct script *s, const struct figure_series *series, double x, double y)
{
    char colour[8];
    fprintf(s->to, "set object rectangle from screen %.5f,%.5f to screen %.5f,%.5f fillcolor '%s' fillstyle solid %s "
                   "noborder\n", screen_x(s, x + 4), screen_y(s, y + 6), screen_x(s, x + LAYOUT_SAMPLE),
            screen_y(s, y - 6), figure_paint_text(paint_of(series), colour), series->mark == FIGURE_AREA ? "0.2" : "1");
}

static void put_legend_item(void *context, const struct figure_series *series, double x, double y)
{
    const struct script *s = context;
    (series->mark == FIGURE_LINE ? put_line_sample : put_box_sample)(s, series, x, y);
    put_label(s, series->title, x + LAYOUT_SAMPLE + 6, y, "textcolor '#333333'");
}

static void put_note(const struct script *s, const struct figure_note *note)
{
    static const char *const anchors[] = {
        [FIGURE_LEFT] = "left", [FIGURE_CENTRE] = "center", [FIGURE_RIGHT] = "right"};
    fputs("set label ", s->to);
    put_quoted(s->to, note->text);
    fprintf(s->to, " at %.9g,%.9g %s offset screen %.5f, screen %.5f textcolor '#444444' front\n", note->x, note->y,
            anchors[note->anchor], note->right / s->layout.width, -note->down / s->layout.height);
}

// --- axes ----------------------------------------------------------------------------------------------------------

static void put_axis(const struct script *s, char letter, const struct figure_axis *axis, bool is_rows)
{
    fprintf(s->to, "%sset logscale %c%s\nset %crange [%.9g:%.9g]\nset %clabel ", axis->is_log ? "" : "un", letter,
            axis->is_log ? " 10" : "", letter, axis->lo, axis->hi, letter);
    put_quoted(s->to, axis->label);
    fprintf(s->to, " textcolor '#333333'\nset %ctics %s(", letter, is_rows ? "scale 0 " : "scale 0.5 ");
    for (unsigned i = 0; i < axis->tick_count; i++) {
        fputs(i == 0 ? "" : ", ", s->to);
        put_tick_text(s->to, axis->ticks[i].text);
        fprintf(s->to, " %.9g", axis->ticks[i].at);
    }
    fputs(")\n", s->to);
}

static void put_place(const struct script *s, const struct layout_box *box)
{
    fprintf(s->to, "set lmargin at screen %.5f\nset rmargin at screen %.5f\nset tmargin at screen %.5f\n"
                   "set bmargin at screen %.5f\n",
            screen_x(s, box->left), screen_x(s, box->right), screen_y(s, box->top), screen_y(s, box->bottom));
}

// --- series --------------------------------------------------------------------------------------------------------

static bool is_gap(const struct figure_series *series, size_t point)
{
    return point >= series->count || isnan(series->points[point].y);
}

// Whether a point has neighbours on neither side: a line of one point cannot be seen.
static bool has_lone_point(const struct figure_series *series)
{
    for (size_t i = 0; i < series->count; i++)
        if (!is_gap(series, i) && is_gap(series, i + 1) && (i == 0 || is_gap(series, i - 1)))
            return true;
    return false;
}

static void put_style(const struct script *s, const struct figure_series *series)
{
    char colour[8];
    figure_paint_text(paint_of(series), colour);
    switch (series->mark) {
    case FIGURE_LINE:
        fprintf(s->to, "using 1:2 with %s linewidth %g linecolor '%s'%s%s",
                series->dots             ? "linespoints pointtype 7 pointsize 0.5"
                : has_lone_point(series) ? "linespoints pointtype 7 pointsize 0.3"
                                         : "lines", series->width, colour,
                series->dashed ? " dashtype " : "", series->dashed ? s->format->dashes : "");
        break;
    case FIGURE_AREA:
        fprintf(s->to, "using 1:2:3 with filledcurves fillcolor '%s' fillstyle solid 0.2 noborder", colour);
        break;
    case FIGURE_BOXES:
        fprintf(s->to, "using 1:2:1:3:2:4 with boxxyerror fillstyle solid 1 noborder linecolor '%s'", colour);
        break;
    case FIGURE_CELLS:
        fputs("using 1:2:1:3:2:4:5 with boxxyerror fillstyle solid 1 noborder linecolor rgb variable", s->to);
        break;
    }
}

static void put_series(const struct script *s, const struct figure_panel *panel, unsigned first)
{
    for (size_t i = 0; i < panel->series_count; i++) {
        if (i == 0)
            fprintf(s->to, "plot '%s.dat'", s->figure->name);
        else
            fputs(", \\\n     ''", s->to);
        fprintf(s->to, " index %u ", first + (unsigned)i);
        put_style(s, &panel->series[i]);
    }
    fputc('\n', s->to);
}

static void put_panel(struct script *s, unsigned at, unsigned first_series)
{
    const struct figure_panel *panel = s->figure->panels[at];
    if (at > 0)
        fputs("unset label\nunset object\nunset arrow\n", s->to);
    put_place(s, &s->layout.panels[at]);
    fprintf(s->to, "set grid xtics %s\n", panel->has_rows ? "noytics" : "ytics");
    put_axis(s, 'x', &panel->x, false);
    put_axis(s, 'y', &panel->y, panel->has_rows);
    layout_visit_legend(&s->layout, s->figure, at, put_legend_item, s);
    for (size_t i = 0; i < panel->note_count; i++)
        put_note(s, &panel->notes[i]);
    put_series(s, panel, first_series);
}

static void put_head(const struct script *s)
{
    const struct format *f = s->format;
    const char *name = s->figure->name;
    fprintf(s->to, "# %s. To draw it again, in this folder: gnuplot %s.gp\nreset\nset encoding utf8\n",
            s->figure->title, name);
    fprintf(s->to, "set terminal %s size %.6g%s,%.6g%s font 'sans-serif,%g' noenhanced rounded background '#ffffff'\n",
            f->terminal, s->layout.width / f->pixels, f->unit, s->layout.height / f->pixels, f->unit,
            LAYOUT_FONT * f->font);
    fprintf(s->to, "set output '%s.%s'\nset multiplot\nunset key\nset border 3 linecolor '#888888'\n"
                   "set tics nomirror textcolor '#444444'\nset grid linecolor '#e2e2e2' linetype 1 linewidth 1\n",
            name, f->suffix);
}

void figure_write_gnuplot(const struct figure *figure, enum figure_format format, FILE *to)
{
    struct script s = {to, figure, &formats[format], layout_of(figure, WIDTH, true)};
    put_head(&s);
    put_title(&s);
    for (unsigned i = 0, series = 0; i < figure->panel_count; i++) {
        put_panel(&s, i, series);
        series += (unsigned)figure->panels[i]->series_count;
    }
    fputs("unset multiplot\nunset output\n", to);
}
