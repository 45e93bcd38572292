// Numbers and times as people read them.
#include "report/text/number_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Four digits, or as many as there are before the point; one of a zero. The limits lie where rounding adds a digit.
static int decimals_of(double size)
{
    static const double limits[] = {999.95, 99.995, 9.9995};
    int decimals = 0;
    while (size != 0 && decimals < 3 && size < limits[decimals])
        decimals++;
    return decimals;
}

const char *number_text(double value, char text[NUMBER_TEXT_BYTES])
{
    double size = fabs(value);
    if (size >= 1e9)
        snprintf(text, NUMBER_TEXT_BYTES, "%.3e", value);
    else
        snprintf(text, NUMBER_TEXT_BYTES, "%.*f", decimals_of(size), value);
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

const char *time_text(double us, char text[NUMBER_TEXT_BYTES])
{
    const struct time_unit *unit = unit_of(us);
    number_text(us / unit->us, text);
    return strcat(text, unit->name);
}

bool rests_on_few(uint64_t count, double fraction)
{
    return (double)count * (1 - fraction) < FEW_REQUESTS - 1e-6;
}

void spaced_time_text(double us, char *text, size_t size)
{
    char number[NUMBER_TEXT_BYTES];
    const struct time_unit *unit = unit_of(us);
    snprintf(text, size, "%s %s", number_text(us / unit->us, number), unit->name);
}
