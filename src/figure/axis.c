// Ranges and ticks of axes.
//
// A logarithmic axis has a tick at every round number (1, 2, 5 times a power of ten) where few decades are shown, and
// at whole decades where there are many; where it spans so little that even those are too few, at multiples, as a
// linear one has.
#include "figure/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/exact_math.h"
#include "util/macros.h"

enum { LINEAR_TICKS = 6, LEAST_DECADE = -12, MOST_DECADE = 18 };

void axis_add_tick(struct figure_axis *axis, double at, const char *text)
{
    if (axis->tick_count == FIGURE_TICKS)
        return;
    struct figure_tick *tick = &axis->ticks[axis->tick_count++];
    tick->at = at;
    snprintf(tick->text, sizeof tick->text, "%s", text);
}

static void begin(struct figure_axis *axis, const char *label, bool is_log, double lo, double hi)
{
    *axis = (struct figure_axis){.is_log = is_log, .lo = lo, .hi = hi};
    figure_copy_text(axis->label, sizeof axis->label, label);
}

typedef void tick_text_fn(double value, char text[FIGURE_TICK_TEXT]);

static void plain_text(double value, char text[FIGURE_TICK_TEXT])
{
    bool thousands = value >= 1e4 && fmod(value, 1e3) == 0 && value < 1e6, millions = value >= 1e6;
    snprintf(text, FIGURE_TICK_TEXT, "%g%s", millions ? value / 1e6 : thousands ? value / 1e3 : value,
             millions ? "M" : thousands ? "k" : "");
}

static void latency_text(double us, char text[FIGURE_TICK_TEXT])
{
    if (us == 0)
        snprintf(text, FIGURE_TICK_TEXT, "0");
    else if (us < 1)
        snprintf(text, FIGURE_TICK_TEXT, "%g ns", us * 1e3);
    else if (us < 1e3)
        snprintf(text, FIGURE_TICK_TEXT, "%g us", us);
    else if (us < 1e6)
        snprintf(text, FIGURE_TICK_TEXT, "%g ms", us / 1e3);
    else
        snprintf(text, FIGURE_TICK_TEXT, "%g s", us / 1e6);
}

// The numbers 1, 2, 5, 10, 20, 50 ... by index; index 0 is 1.
static double round_number(int index)
{
    static const double mantissas[] = {1, 2, 5};
    int decade = index >= 0 ? index / 3 : -((2 - index) / 3);
    return mantissas[index - 3 * decade] * exact_pow(10, decade);
}

// The index of the smallest such number that is not below `value`.
static int round_index(double value)
{
    int index = 3 * LEAST_DECADE;
    while (index < 3 * MOST_DECADE && round_number(index) < value)
        index++;
    return index;
}

// --- linear --------------------------------------------------------------------------------------------------------

static void put_multiples(struct figure_axis *axis, tick_text_fn *text_of, double scale)
{
    double step = round_number(round_index((axis->hi - axis->lo) * scale / LINEAR_TICKS));
    double first = ceil(axis->lo * scale / step * (1 - 1e-9));
    for (double i = first; i * step <= axis->hi * scale * (1 + 1e-9); i++) {
        char text[FIGURE_TICK_TEXT];
        text_of(i * step, text);
        axis_add_tick(axis, i * step / scale, text);
    }
}

void axis_set_linear(struct figure_axis *axis, const char *label, double hi)
{
    begin(axis, label, false, 0, hi > 0 ? hi * 1.08 : 1);
    put_multiples(axis, plain_text, 1);
}

void axis_set_span(struct figure_axis *axis, const char *label, double lo, double hi)
{
    begin(axis, label, false, lo, hi > lo ? hi : lo + 1);
    put_multiples(axis, plain_text, 1);
}

void axis_set_time(struct figure_axis *axis, double seconds)
{
    double scale = seconds >= 1 ? 1 : seconds >= 1e-3 ? 1e3 : 1e6;
    const char *label = seconds >= 1 ? "time (s)" : seconds >= 1e-3 ? "time (ms)" : "time (us)";
    begin(axis, label, false, 0, seconds > 0 ? seconds : 1);
    put_multiples(axis, plain_text, scale);
}

void axis_set_latency_linear(struct figure_axis *axis, const char *label, double hi_us)
{
    begin(axis, label, false, 0, hi_us > 0 ? hi_us : 1);
    put_multiples(axis, latency_text, 1);
}

// --- logarithmic ---------------------------------------------------------------------------------------------------

// Every round number, or every third: whole decades.
static void put_round_numbers(struct figure_axis *axis, tick_text_fn *text_of, int step)
{
    int from = round_index(axis->lo);
    for (int i = from; i <= 3 * MOST_DECADE && round_number(i) <= axis->hi; i++) {
        char text[FIGURE_TICK_TEXT];
        if ((i % step + step) % step != 0)
            continue;
        text_of(round_number(i), text);
        axis_add_tick(axis, round_number(i), text);
    }
}

static void put_log_ticks(struct figure_axis *axis, tick_text_fn *text_of)
{
    double span = axis->hi / axis->lo;
    if (span < 5)
        put_multiples(axis, text_of, 1);
    else
        put_round_numbers(axis, text_of, span < 2000 ? 1 : 3);
}

void axis_set_latency(struct figure_axis *axis, const char *label, double lo_us, double hi_us)
{
    bool nothing = !(lo_us <= hi_us);
    double lo = nothing ? 1 : MAX(lo_us, 1e-3), hi = nothing ? 1000 : MAX(hi_us, lo);
    double room = hi / lo < 3 ? 1.1 : 1.3;
    begin(axis, label, true, lo / room, hi * room);
    put_log_ticks(axis, latency_text);
}

void axis_set_depth(struct figure_axis *axis, const char *label, double lo, double hi)
{
    begin(axis, label, true, MAX(lo, 1) / 1.2, MAX(hi, 1) * 1.2);
    unsigned every = hi / MAX(lo, 1) > 4096 ? 4 : 1;
    for (double depth = 1, i = 0; depth <= axis->hi; depth *= 2, i++) {
        char text[FIGURE_TICK_TEXT];
        snprintf(text, sizeof text, "%g", depth);
        if (depth >= axis->lo && (unsigned)i % every == 0)
            axis_add_tick(axis, depth, text);
    }
}

// "99.9 %" for 1000.
static void percentile_text(int nines, char text[FIGURE_TICK_TEXT])
{
    snprintf(text, FIGURE_TICK_TEXT, nines > 2 ? "99.%.*s %%" : "99 %%", nines - 2, "9999999999999999");
}

void axis_set_percentiles(struct figure_axis *axis, double largest)
{
    begin(axis, "percentile", true, 1, MAX(largest * 1.2, 12));
    axis_add_tick(axis, 1, "0 %");
    axis_add_tick(axis, 2, "50 %");
    axis_add_tick(axis, 10, "90 %");
    int nines = 2;
    for (double inverse = 100; inverse <= axis->hi && nines < 12; inverse *= 10) {
        char text[FIGURE_TICK_TEXT];
        percentile_text(nines++, text);
        axis_add_tick(axis, inverse, text);
    }
}

void axis_set_beyond(struct figure_axis *axis, double largest)
{
    begin(axis, "commands that took longer", true, 1 / MAX(largest * 1.3, 12), 1.3);
    for (double share = 1; share >= axis->lo; share /= 10) {
        char text[FIGURE_TICK_TEXT];
        snprintf(text, sizeof text, "%g %%", share * 100);
        axis_add_tick(axis, share, text);
    }
}

void axis_set_indices(struct figure_axis *axis, const char *label, unsigned count)
{
    begin(axis, label, false, 0, MAX(count, 1));
    unsigned every = 1;
    while (count / every > 8)
        every *= 2;
    for (unsigned i = 0; i < count; i += every) {
        char text[FIGURE_TICK_TEXT];
        snprintf(text, sizeof text, "%u", i);
        axis_add_tick(axis, i + 0.5, text);
    }
}

void axis_set_rows(struct figure_axis *axis, unsigned rows)
{
    begin(axis, "", false, 0.4, rows + 0.6);
}
