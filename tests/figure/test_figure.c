// Figures: ticks where people look for them, staircases that are none of slopes, gaps that stay gaps, scripts that hold
// whatever the words are.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "figure/gnuplot.h"
#include "figure/layout.h"
#include "figure/svg.h"

static bool has_tick(const struct figure_axis *axis, double at, const char *text)
{
    for (unsigned i = 0; i < axis->tick_count; i++)
        if (fabs(axis->ticks[i].at - at) < 1e-9 * fabs(at) && strcmp(axis->ticks[i].text, text) == 0)
            return true;
    return false;
}

static void assert_within(const struct figure_axis *axis, double lo, double hi)
{
    assert_true(axis->lo < lo && axis->hi > hi);
    for (unsigned i = 0; i < axis->tick_count; i++)
        assert_true(axis->ticks[i].at >= axis->lo && axis->ticks[i].at <= axis->hi);
}

static void test_a_logarithmic_axis_has_ticks_however_little_it_spans(void **state)
{
    (void)state;
    static const double ranges[][2] = {{86, 91}, {50, 50}, {12, 70}, {80, 1100}, {3, 40000}, {1, 1e8}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct figure_axis axis;
        axis_set_latency(&axis, "latency", ranges[i][0], ranges[i][1]);
        assert_within(&axis, ranges[i][0] * 0.999, ranges[i][1] * 1.001);
        assert_true(axis.tick_count >= 3 && axis.tick_count <= 14);
        assert_true(axis.hi / ranges[i][1] < 1.5 && ranges[i][0] / axis.lo < 1.5);
    }
}

// Where nothing was measured the least is beyond the largest, and so is what is computed of them.
static void test_an_axis_of_no_latencies_has_ticks_all_the_same(void **state)
{
    (void)state;
    static const double ranges[][2] = {{INFINITY, 0}, {INFINITY, -INFINITY}, {NAN, NAN}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct figure_axis axis;
        axis_set_latency(&axis, "latency", ranges[i][0], ranges[i][1]);
        assert_true(axis.lo > 0 && axis.lo < axis.hi && axis.hi < 1e4);
        assert_true(has_tick(&axis, 10, "10 us") && axis.tick_count <= 14);
    }
}

static void test_times_have_the_unit_that_suits_them(void **state)
{
    (void)state;
    struct figure_axis axis;
    axis_set_latency(&axis, "latency", 80, 3e6);
    assert_true(has_tick(&axis, 100, "100 us") && has_tick(&axis, 1000, "1 ms") && has_tick(&axis, 1e6, "1 s"));
    axis_set_latency(&axis, "latency", 0.4, 60);
    assert_true(has_tick(&axis, 0.5, "500 ns") && has_tick(&axis, 50, "50 us"));
    axis_set_time(&axis, 0.0025);
    assert_string_equal(axis.label, "time (ms)");
    assert_true(has_tick(&axis, 0.001, "1"));
}

static void test_percentiles_have_their_nines(void **state)
{
    (void)state;
    struct figure_axis axis;
    axis_set_percentiles(&axis, 20000);
    assert_true(has_tick(&axis, 2, "50 %") && has_tick(&axis, 10, "90 %") && has_tick(&axis, 100, "99 %"));
    assert_true(has_tick(&axis, 1000, "99.9 %") && has_tick(&axis, 10000, "99.99 %"));
    assert_int_equal(axis.tick_count, 6);
    axis_set_beyond(&axis, 20000);
    assert_true(has_tick(&axis, 1, "100 %") && has_tick(&axis, 0.0001, "0.01 %"));
    assert_true(axis.lo < 1.0 / 20000);
}

static void test_linear_axes_begin_with_zero_and_hold_the_largest(void **state)
{
    (void)state;
    struct figure_axis axis;
    axis_set_linear(&axis, "IOPS", 48000);
    assert_true(axis.lo == 0 && axis.hi > 48000 && has_tick(&axis, 40000, "40k") && axis.tick_count >= 4);
    axis_set_linear(&axis, "IOPS", 0);
    assert_true(axis.hi > 0 && axis.tick_count >= 2);
    axis_set_indices(&axis, "die", 64);
    assert_true(axis.tick_count == 8 && has_tick(&axis, 56.5, "56") && axis.hi == 64);
    axis_set_depth(&axis, "iodepth", 1, 256);
    assert_true(axis.tick_count == 9 && has_tick(&axis, 256, "256"));
}

// 1 until x = 2, then 5: the line goes along and up, and never aslant.
static void test_a_step_is_no_slope(void **state)
{
    (void)state;
    struct figure *figure = figure_create("f", "F");
    struct figure_series *series = figure_add_series(figure_add_panel(figure, 100), FIGURE_LINE, FIGURE_BLUE, "s");
    figure_add_point(series, (struct figure_point){.x = 0, .y = 1});
    figure_add_step(series, 2, 5);
    figure_add_step(series, 3, 6);
    assert_int_equal(series->count, 5);
    for (size_t i = 1; i < series->count; i++)
        assert_true((series->points[i].x == series->points[i - 1].x) !=
                    (series->points[i].y == series->points[i - 1].y));
    figure_destroy(figure);
}

static struct figure *small_figure(const char *title, const char *line)
{
    struct figure *figure = figure_create("small", title);
    figure_add_line(figure, line);
    struct figure_panel *panel = figure_add_panel(figure, 100);
    axis_set_linear(&panel->x, "x", 4);
    axis_set_beyond(&panel->y, 100);
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, FIGURE_BLUE, "with a gap");
    figure_add_point(series, (struct figure_point){.x = 1, .y = 0.5});
    figure_add_point(series, (struct figure_point){.x = 2, .y = NAN});
    figure_add_point(series, (struct figure_point){.x = 3, .y = 0.25});
    return figure;
}

typedef void write_fn(const struct figure *figure, FILE *to);

static void write_script(const struct figure *figure, FILE *to)
{
    figure_write_gnuplot(figure, FIGURE_PNG, to);
}

static char *written(const struct figure *figure, write_fn *write)
{
    static char *text;
    static size_t size;
    FILE *to = open_memstream(&text, &size);
    write(figure, to);
    fclose(to);
    return text;
}

static void test_a_gap_is_a_gap_and_a_lone_point_is_seen(void **state)
{
    (void)state;
    struct figure *figure = small_figure("F", NULL);
    char *data = written(figure, figure_write_data), *script = written(figure, write_script);
    assert_string_equal(data, "# with a gap: x, y\n1 0.5\n\n3 0.25\n\n\n");
    assert_non_null(strstr(script, "linespoints"));
    free(data);
    free(script);
    struct figure_series *series = &figure->panels[0]->series[0];
    figure_add_point(series, (struct figure_point){.x = 4, .y = NAN}); // two in a row are one gap, none at the end
    figure_add_point(series, (struct figure_point){.x = 5, .y = NAN});
    figure_add_point(series, (struct figure_point){.x = 6, .y = 0.5});
    figure_add_point(series, (struct figure_point){.x = 7, .y = NAN});
    data = written(figure, figure_write_data);
    assert_string_equal(data, "# with a gap: x, y\n1 0.5\n\n3 0.25\n\n6 0.5\n\n\n");
    free(data);
    series->count = 3;
    figure->panels[0]->series[0].points[1].y = 0.3;
    script = written(figure, write_script);
    assert_null(strstr(script, "linespoints"));
    free(script);
    figure_destroy(figure);
}

static void test_words_cannot_break_a_script(void **state)
{
    (void)state;
    struct figure *figure = small_figure("It's \n100 %", "a 'quoted' one");
    char *script = written(figure, write_script);
    assert_non_null(strstr(script, "set label 'It''s  100 %' at screen"));
    assert_non_null(strstr(script, "set label 'a ''quoted'' one' at screen"));
    assert_non_null(strstr(script, "'100 %%' 1"));
    assert_non_null(strstr(script, "set terminal pngcairo size 960,"));
    assert_non_null(strstr(script, "set output 'small.png'"));
    assert_null(strstr(script, "\n100 %"));
    free(script);
    figure_destroy(figure);
}

static void test_long_words_are_cut_between_characters(void **state)
{
    (void)state;
    char text[12];
    figure_copy_text(text, sizeof text, "eleven ones");
    assert_string_equal(text, "eleven ones");
    figure_copy_text(text, sizeof text, "twelve bytes");
    assert_string_equal(text, "twelve b...");
    figure_copy_text(text, sizeof text, "sieben \xc3\xa4\xc3\xb6\xc3\xbc"); // 7 + 6 bytes; the cut falls into the first
    assert_string_equal(text, "sieben ...");
}

static void write_picture(const struct figure *figure, FILE *to)
{
    figure_write_svg(figure, 500, to);
}

static unsigned occurrences(const char *text, const char *word)
{
    unsigned count = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        count++;
    return count;
}

// The middle of an axis of 0 to 4 is half way between its ends; a gap lifts the pen; points that fall together are one.
static void test_a_picture_has_its_points_where_the_axes_say(void **state)
{
    (void)state;
    struct figure *figure = small_figure("A <b> & \"c\"", NULL);
    struct figure_panel *panel = figure->panels[0];
    panel->x.hi = 4;
    panel->y.lo = 0.01;
    panel->y.hi = 1;
    struct layout_box box = layout_of(figure, 500, false).panels[0];
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, FIGURE_GREEN, "");
    for (int i = 0; i < 100; i++)
        figure_add_point(series, (struct figure_point){.x = 2 + i * 1e-6, .y = 0.1});
    figure_add_point(series, (struct figure_point){.x = 4, .y = 1});
    char *picture = written(figure, write_picture), expected[96];
    snprintf(expected, sizeof expected, "d=\"M%.6g %.6gL%.6g %.6g\"", round(5 * (box.left + box.right)) / 10,
             round(5 * (box.top + box.bottom)) / 10, round(10 * box.right) / 10, round(10 * box.top) / 10);
    assert_non_null(strstr(picture, expected));
    assert_non_null(strstr(picture, "aria-label=\"A &lt;b&gt; &amp; &quot;c&quot;\""));
    const char *with_gap = strstr(picture, "stroke:var(--c0)");
    assert_true(occurrences(with_gap, "h.01M") + occurrences(with_gap, "h.01\"") == 2);
    free(picture);
    figure_destroy(figure);
}

static void test_cells_of_one_value_are_one_path(void **state)
{
    (void)state;
    struct figure *figure = figure_create("f", "F");
    struct figure_panel *panel = figure_add_panel(figure, 100);
    axis_set_linear(&panel->x, "x", 10);
    axis_set_indices(&panel->y, "die", 4);
    struct figure_series *series = figure_add_series(panel, FIGURE_CELLS, FIGURE_HEAT, "");
    for (int i = 0; i < 10; i++)
        figure_add_point(series, (struct figure_point){i, 0, i + 1, 1, i < 6 ? 0.5 : 1});
    char *picture = written(figure, write_picture);
    assert_int_equal(occurrences(picture, "fill-opacity:0.5"), 1);
    assert_int_equal(occurrences(picture, "fill-opacity:1"), 1);
    assert_int_equal(occurrences(picture, "zM") + 2, 10); // eight joins within two paths of ten boxes
    free(picture);
    figure_destroy(figure);
}

// Twenty names do not stand in one row of 960 pixels; what lies below them makes room.
static void put_item(void *context, const struct figure_series *series, double x, double y)
{
    double *last = context;
    assert_true(x + LAYOUT_SAMPLE + 6 + layout_text_width(series->title) < 960);
    assert_true(y > last[1] || (y == last[1] && x > last[0]));
    last[0] = x;
    last[1] = y;
}

static void test_a_long_legend_has_several_rows_above_its_panel(void **state)
{
    (void)state;
    struct figure *figure = figure_create("f", "F");
    struct figure_panel *panel = figure_add_panel(figure, 100);
    double one = layout_of(figure, 960, true).height, last[2] = {0, 0};
    for (int i = 0; i < 20; i++)
        figure_add_series(panel, FIGURE_LINE, FIGURE_BLUE, "a name of some length");
    struct layout layout = layout_of(figure, 960, true);
    layout_visit_legend(&layout, figure, 0, put_item, last);
    assert_true(layout.height >= one + 4 * LAYOUT_LEGEND_ROW);
    assert_true(last[1] < layout.panels[0].top && last[1] > layout.panels[0].top - 2 * LAYOUT_LEGEND_ROW);
    figure_destroy(figure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_logarithmic_axis_has_ticks_however_little_it_spans),
        cmocka_unit_test(test_an_axis_of_no_latencies_has_ticks_all_the_same),
        cmocka_unit_test(test_times_have_the_unit_that_suits_them),
        cmocka_unit_test(test_percentiles_have_their_nines),
        cmocka_unit_test(test_linear_axes_begin_with_zero_and_hold_the_largest),
        cmocka_unit_test(test_a_step_is_no_slope),
        cmocka_unit_test(test_a_gap_is_a_gap_and_a_lone_point_is_seen),
        cmocka_unit_test(test_words_cannot_break_a_script),
        cmocka_unit_test(test_long_words_are_cut_between_characters),
        cmocka_unit_test(test_a_picture_has_its_points_where_the_axes_say),
        cmocka_unit_test(test_cells_of_one_value_are_one_path),
        cmocka_unit_test(test_a_long_legend_has_several_rows_above_its_panel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
