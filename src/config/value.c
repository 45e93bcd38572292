// What each type of value looks like. Canonical form: the largest unit (of sizes: the one with the smallest number)
// of which the value is a whole multiple, so that nothing is rounded.
#include "config/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/decimal.h"
#include "util/check.h"
#include "util/diag.h"

enum { TEXT_MAX = 255 }; // longer is no number

static const struct config_unit time_units[] = {
    {"ps", 1},
    {"ns", TICKS_PER_NS},
    {"us", TICKS_PER_US},
    {"ms", TICKS_PER_MS},
    {"s", TICKS_PER_S},
    {"min", 60 * TICKS_PER_S},
    {"h", 3600 * TICKS_PER_S},
    {"d", 86400 * TICKS_PER_S},
    {NULL, 0},
};

static const struct config_unit byte_units[] = {
    {"B", 1},
    {"KiB", UINT64_C(1) << 10},
    {"MiB", UINT64_C(1) << 20},
    {"GiB", UINT64_C(1) << 30},
    {"TiB", UINT64_C(1) << 40},
    {"kB", UINT64_C(1000)},
    {"MB", UINT64_C(1000000)},
    {"GB", UINT64_C(1000000000)},
    {"TB", UINT64_C(1000000000000)},
    {NULL, 0},
};

// What else is written, and can mean nothing else: fio's sizes (k is 1024), its times, and the sign for micro. Read,
// and never written. Left out: kb, which is 1000 here and 1024 in fio, and m, minutes in fio, of times.
static const struct config_unit byte_aliases[] = {
    {"b", 1},
    {"k", UINT64_C(1) << 10},
    {"K", UINT64_C(1) << 10},
    {"m", UINT64_C(1) << 20},
    {"M", UINT64_C(1) << 20},
    {"g", UINT64_C(1) << 30},
    {"G", UINT64_C(1) << 30},
    {"t", UINT64_C(1) << 40},
    {"T", UINT64_C(1) << 40},
    {NULL, 0},
};

static const struct config_unit time_aliases[] = {
    {"nsec", TICKS_PER_NS},
    {"usec", TICKS_PER_US},
    {"\u00b5s", TICKS_PER_US},
    {"\u03bcs", TICKS_PER_US},
    {"msec", TICKS_PER_MS},
    {"sec", TICKS_PER_S},
    {NULL, 0},
};

static const struct config_unit frequency_units[] = {
    {"Hz", 1},
    {"kHz", UINT64_C(1000)},
    {"MHz", UINT64_C(1000000)},
    {"GHz", UINT64_C(1000000000)},
    {NULL, 0},
};

static const struct config_unit transfer_units[] = {
    {"MT/s", UINT64_C(1000000)},
    {"GT/s", UINT64_C(1000000000)},
    {NULL, 0},
};

const char *config_show(char buffer[CONFIG_SHOWN_BYTES], const char *text)
{
    size_t room = CONFIG_SHOWN_BYTES - sizeof "...";
    size_t length = strnlen(text, room + 1);
    bool is_cut = length > room;
    if (is_cut) {
        length = room;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--; // not within a character of several bytes
    }
    for (size_t i = 0; i < length; i++)
        buffer[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
    strcpy(buffer + length, is_cut ? "..." : "");
    return buffer;
}

const char *config_range(char buffer[CONFIG_RANGE_BYTES], const struct config_field *field)
{
    buffer[0] = '\0';
    if (field->min != NULL && field->max != NULL)
        snprintf(buffer, CONFIG_RANGE_BYTES, "%s to %s", field->min, field->max);
    else if (field->min != NULL)
        snprintf(buffer, CONFIG_RANGE_BYTES, "at least %s", field->min);
    else if (field->max != NULL)
        snprintf(buffer, CONFIG_RANGE_BYTES, "at most %s", field->max);
    return buffer;
}

static bool PRINTF_LIKE(3, 4)
    fail(struct config_problem *problem, const struct config_field *field, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    problem->at = 0;
    int length = snprintf(problem->message, sizeof problem->message, "'%s' ", field->key);
    vsnprintf(problem->message + length, sizeof problem->message - (size_t)length, format, arguments);
    va_end(arguments);
    return false;
}

static bool fail_wants(struct config_problem *problem, const struct config_field *field, const char *text)
{
    char shown[CONFIG_SHOWN_BYTES];
    const char *wants = config_value_type(field->type)->wants;
    return fail(problem, field, "wants %s; got '%s'", wants, config_show(shown, text));
}

static bool fail_range(struct config_problem *problem, const struct config_field *field, const char *text)
{
    char shown[CONFIG_SHOWN_BYTES], range[CONFIG_RANGE_BYTES];
    return fail(problem, field, "must be %s; got '%s'", config_range(range, field), config_show(shown, text));
}

// For a result that is not DECIMAL_OK.
static bool fail_decimal(struct config_problem *problem, const struct config_field *field, const char *text,
                         enum decimal_result result)
{
    char shown[CONFIG_SHOWN_BYTES];
    const char *finest = config_value_type(field->type)->finest;
    config_show(shown, text);
    switch (result) {
    case DECIMAL_NEGATIVE:
        return fail(problem, field, "must not be negative; got '%s'", shown);
    case DECIMAL_LEADING_ZERO:
        return fail(problem, field, "must not have leading zeros; got '%s'", shown);
    case DECIMAL_TOO_LARGE:
        if (field->max != NULL)
            return fail_range(problem, field, text);
        return fail(problem, field, "is too large; got '%s'", shown);
    case DECIMAL_TOO_FINE:
        if (finest != NULL)
            return fail(problem, field, "is finer than %s; got '%s'", finest, shown);
        return fail(problem, field, "is too small; got '%s'", shown);
    default:
        return fail_wants(problem, field, text);
    }
}

static bool parse_bool(const struct config_field *field, const char *text, void *value,
                       struct config_problem *problem)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return fail_wants(problem, field, text);
    *(bool *)value = text[0] == 't';
    return true;
}

static int format_bool(const struct config_field *field, const void *value, char *text, size_t size)
{
    (void)field;
    return snprintf(text, size, "%s", *(const bool *)value ? "true" : "false");
}

static bool parse_uint64(const struct config_field *field, const char *text, void *value,
                         struct config_problem *problem)
{
    size_t length = decimal_length(text, false);
    if (length == 0 || text[length] != '\0' || strchr(text, '.') != NULL)
        return fail_wants(problem, field, text);
    enum decimal_result result = decimal_scale(text, length, 1, value);
    return result == DECIMAL_OK || fail_decimal(problem, field, text, result);
}

static int format_uint64(const struct config_field *field, const void *value, char *text, size_t size)
{
    (void)field;
    return snprintf(text, size, "%llu", (unsigned long long)*(const uint64_t *)value);
}

static bool parse_uint(const struct config_field *field, const char *text, void *value,
                       struct config_problem *problem)
{
    uint64_t wide;
    if (!parse_uint64(field, text, &wide, problem))
        return false;
    if (wide > UINT32_MAX)
        return fail_decimal(problem, field, text, DECIMAL_TOO_LARGE);
    *(uint32_t *)value = (uint32_t)wide;
    return true;
}

static int format_uint(const struct config_field *field, const void *value, char *text, size_t size)
{
    (void)field;
    return snprintf(text, size, "%u", *(const uint32_t *)value);
}

static bool parse_hex(const struct config_field *field, const char *text, void *value,
                      struct config_problem *problem)
{
    if (text[0] != '0' || text[1] != 'x')
        return parse_uint(field, text, value, problem);
    size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    if (digits == 0 || text[2 + digits] != '\0')
        return fail_wants(problem, field, text);
    if (digits > 8)
        return fail_decimal(problem, field, text, DECIMAL_TOO_LARGE);
    *(uint32_t *)value = (uint32_t)strtoul(text + 2, NULL, 16);
    return true;
}

static int format_hex(const struct config_field *field, const void *value, char *text, size_t size)
{
    (void)field;
    return snprintf(text, size, "0x%04x", *(const uint32_t *)value);
}

static bool parse_real(const struct config_field *field, const char *text, void *value,
                       struct config_problem *problem)
{
    enum decimal_result result = decimal_real(text, value);
    return result == DECIMAL_OK || fail_decimal(problem, field, text, result);
}

static int format_real(const struct config_field *field, const void *value, char *text, size_t size)
{
    (void)field;
    return decimal_format_real(*(const double *)value, 0, text, size);
}

// Moves the `%` into the exponent, so that `7%` is the double nearest to 0.07.
static void percent_to_exponent(const char *text, size_t mantissa, char *moved, size_t size)
{
    long exponent = 0;
    if (text[mantissa] != '%')
        exponent = strtol(text + mantissa + 1, NULL, 10);
    exponent = MIN(MAX(exponent, -100000), 100000) - 2;
    snprintf(moved, size, "%.*se%ld", (int)mantissa, text, exponent);
}

// `7%`, or `0.07`; `7` alone is more often a forgotten `%` than 700%.
static bool parse_ratio(const struct config_field *field, const char *text, void *value,
                        struct config_problem *problem)
{
    char moved[TEXT_MAX + 16];
    size_t length = decimal_length(text, true);
    bool is_percent = text[length] == '%';
    bool is_bare = length == strspn(text, "0123456789") && strcmp(text, "0") != 0 && strcmp(text, "1") != 0;
    if (length == 0 || text[length + is_percent] != '\0' || (is_bare && !is_percent))
        return fail_wants(problem, field, text);
    if (is_percent)
        percent_to_exponent(text, decimal_length(text, false), moved, sizeof moved);
    if (text[0] == '-')
        return fail_decimal(problem, field, text, DECIMAL_NEGATIVE);
    enum decimal_result result = decimal_real(is_percent ? moved : text, value);
    return result == DECIMAL_OK || fail_decimal(problem, field, text, result);
}

static int format_ratio(const struct config_field *field, const void *value, char *text, size_t size)
{
    (void)field;
    double ratio = *(const double *)value;
    if (ratio != 0 && ratio < 1e-4)
        return decimal_format_real(ratio, 0, text, size);
    int length = decimal_format_real(ratio, 2, text, size);
    return length + snprintf(text + MIN((size_t)length, size), size - MIN((size_t)length, size), "%%");
}

// "ps, ns, us or d".
static void list_units(const struct config_unit *units, char *text, size_t size)
{
    size_t length = 0;
    for (const struct config_unit *unit = units; unit->name != NULL && length < size; unit++) {
        const char *before = unit == units ? "" : unit[1].name == NULL ? " or " : ", ";
        length += (size_t)snprintf(text + length, size - length, "%s%s", before, unit->name);
    }
}

static bool fail_unit(struct config_problem *problem, const struct config_field *field, const char *text,
                      const char *written)
{
    const struct config_value_type *type = config_value_type(field->type);
    char shown[CONFIG_SHOWN_BYTES], list[80];
    config_show(shown, text);
    list_units(type->units, list, sizeof list);
    for (const struct config_unit *unit = type->units; unit->name != NULL; unit++) {
        if (strcasecmp(unit->name, written) == 0)
            return fail(problem, field, "wants a %s in %s; got '%s'; did you mean '%s'?", type->name, list, shown,
                        unit->name);
    }
    return fail(problem, field, "wants a %s in %s; got '%s'", type->name, list, shown);
}

static const struct config_unit *find_unit(const struct config_unit *units, const char *name)
{
    for (; units != NULL && units->name != NULL; units++) {
        if (strcmp(units->name, name) == 0)
            return units;
    }
    return NULL;
}

// A number and its unit, a space between them or not; 0 needs none.
static bool parse_quantity(const struct config_field *field, const char *text, void *value,
                           struct config_problem *problem)
{
    size_t length = decimal_length(text, false);
    const char *name = text + length + strspn(text + length, " ");
    bool is_zero = strcmp(text, "0") == 0;
    if (length == 0 || (*name == '\0' && !is_zero))
        return fail_wants(problem, field, text);
    const struct config_value_type *type = config_value_type(field->type);
    const struct config_unit *unit = is_zero ? type->units : find_unit(type->units, name);
    if (unit == NULL)
        unit = find_unit(type->aliases, name);
    if (unit == NULL)
        return fail_unit(problem, field, text, name);
    enum decimal_result result = decimal_scale(text, length, unit->scale, value);
    return result == DECIMAL_OK || fail_decimal(problem, field, text, result);
}

// In a unit of which the value is no whole multiple, and which is a power of ten of the smallest step.
static int format_fraction(uint64_t value, const struct config_unit *unit, char *text, size_t size)
{
    char fraction[24];
    int count = 0;
    uint64_t rest = value % unit->scale;
    for (uint64_t scale = unit->scale / 10; rest != 0; scale /= 10) {
        fraction[count++] = (char)('0' + rest / scale);
        rest %= scale;
    }
    unsigned long long whole = value / unit->scale;
    return snprintf(text, size, "%llu.%.*s%s", whole, count, fraction, unit->name);
}

static int format_quantity(const struct config_field *field, const void *value, char *text, size_t size)
{
    uint64_t steps = *(const uint64_t *)value;
    const struct config_unit *units = config_value_type(field->type)->units, *best = NULL;
    if (steps == 0)
        return snprintf(text, size, "0");
    for (const struct config_unit *unit = units; unit->name != NULL; unit++) {
        if (steps % unit->scale == 0 && (best == NULL || unit->scale > best->scale))
            best = unit;
    }
    if (best == NULL)
        return format_fraction(steps, units, text, size);
    return snprintf(text, size, "%llu%s", (unsigned long long)(steps / best->scale), best->name);
}

// `25%` is a share; without a sign of percentage it is a size.
static bool parse_size_or_share(const struct config_field *field, const char *text, void *value,
                                struct config_problem *problem)
{
    char shown[CONFIG_SHOWN_BYTES];
    size_t length = decimal_length(text, false);
    uint64_t share = 0;
    if (length == 0 || strcmp(text + length, "%") != 0)
        return parse_quantity(field, text, value, problem);
    enum decimal_result result = decimal_scale(text, length, CONFIG_PERCENT, &share);
    if (result == DECIMAL_TOO_FINE)
        return fail(problem, field, "is finer than 0.000001%%; got '%s'", config_show(shown, text));
    if (result == DECIMAL_TOO_LARGE || share > 100 * CONFIG_PERCENT)
        return fail(problem, field, "must be at most 100%%; got '%s'", config_show(shown, text));
    if (result != DECIMAL_OK)
        return fail_decimal(problem, field, text, result);
    *(uint64_t *)value = share == 0 ? 0 : CONFIG_SHARE | share;
    return true;
}

static int format_size_or_share(const struct config_field *field, const void *value, char *text, size_t size)
{
    static const struct config_unit percent = {"%", CONFIG_PERCENT};
    uint64_t given = *(const uint64_t *)value, share = given & ~CONFIG_SHARE;
    if (!config_is_share(given))
        return format_quantity(field, value, text, size);
    if (share % CONFIG_PERCENT != 0)
        return format_fraction(share, &percent, text, size);
    return snprintf(text, size, "%llu%%", (unsigned long long)(share / CONFIG_PERCENT));
}

static bool parse_time(const struct config_field *field, const char *text, void *value,
                       struct config_problem *problem)
{
    tick_t time;
    if (!parse_quantity(field, text, &time, problem))
        return false;
    if (time == TICK_NEVER)
        return fail_decimal(problem, field, text, DECIMAL_TOO_LARGE);
    *(tick_t *)value = time;
    return true;
}

struct config_field config_element_field(const struct config_field *field)
{
    struct config_field element = *field;
    element.type = CONFIG_TIME;
    return element;
}

bool config_may_be_empty(const struct config_field *field)
{
    return strcmp(field->fallback, "[]") == 0;
}

// The next element of `a, b`, without the spaces around it, into `element`. Returns how many characters there were
// before the comma or the end.
static size_t next_element(const char *text, size_t size, char element[TEXT_MAX + 1], size_t *at)
{
    const char *comma = memchr(text, ',', size);
    size_t length = comma == NULL ? size : (size_t)(comma - text);
    size_t from = 0, to = length;
    while (from < to && text[from] == ' ')
        from++;
    while (to > from && text[to - 1] == ' ')
        to--;
    memcpy(element, text + from, to - from);
    element[to - from] = '\0';
    *at = from;
    return length;
}

// `[a, b]`, `a, b` or `a`.
static bool parse_times(const struct config_field *field, const char *text, void *value,
                        struct config_problem *problem)
{
    struct config_times times = {.count = 0};
    struct config_field one = config_element_field(field);
    size_t start = text[0] == '[', end = strlen(text);
    if ((text[0] == '[') != (end > start && text[end - 1] == ']'))
        return fail_wants(problem, field, text);
    end -= start;
    for (size_t i = start, at; i <= end && strcmp(text, "[]") != 0; i++) {
        char element[TEXT_MAX + 1];
        size_t length = next_element(text + i, end - i, element, &at);
        if (times.count == CONFIG_TIMES_MAX)
            return fail(problem, field, "takes at most %d times", CONFIG_TIMES_MAX);
        if (!config_parse(&one, element, &times.at[times.count++], problem)) {
            problem->at += i + at;
            return false;
        }
        i += length;
    }
    if (times.count == 0 && !config_may_be_empty(field))
        return fail_wants(problem, field, text);
    *(struct config_times *)value = times;
    return true;
}

static int format_times(const struct config_field *field, const void *value, char *text, size_t size)
{
    const struct config_times *times = value;
    struct config_field one = config_element_field(field);
    size_t length = (size_t)snprintf(text, size, "[");
    for (uint32_t i = 0; i < times->count; i++) {
        char element[48];
        format_quantity(&one, &times->at[i], element, sizeof element);
        size_t at = MIN(length, size);
        length += (size_t)snprintf(text + at, size - at, "%s%s", i == 0 ? "" : ", ", element);
    }
    size_t at = MIN(length, size);
    return (int)length + snprintf(text + at, size - at, "]");
}

static void list_choices(const char *const *choices, char *text, size_t size)
{
    size_t length = 0;
    for (const char *const *choice = choices; *choice != NULL && length < size; choice++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", choice == choices ? "" : ", ", *choice);
}

static bool parse_choice(const struct config_field *field, const char *text, void *value,
                         struct config_problem *problem)
{
    for (uint32_t i = 0; field->choices[i] != NULL; i++) {
        if (strcmp(field->choices[i], text) == 0) {
            *(uint32_t *)value = i;
            return true;
        }
    }
    char shown[CONFIG_SHOWN_BYTES], list[256];
    config_show(shown, text);
    list_choices(field->choices, list, sizeof list);
    const char *near = diag_nearest(text, field->choices);
    if (near == NULL)
        return fail(problem, field, "must be one of %s; got '%s'", list, shown);
    return fail(problem, field, "must be one of %s; got '%s'; did you mean '%s'?", list, shown, near);
}

static int format_choice(const struct config_field *field, const void *value, char *text, size_t size)
{
    return snprintf(text, size, "%s", field->choices[*(const uint32_t *)value]);
}

// Length of the UTF-8 sequence at c, 0 if it is none (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
static size_t utf8_length(const unsigned char *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c[0] < 0x80)
        return 1;
    size_t length = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
    uint32_t code = c[0] & (0x7fu >> length);
    if (c[0] < 0xc0 || c[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (c[i] & 0x3f);
    }
    bool is_valid = code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return is_valid ? length : 0;
}

// Whether the valid sequence at c is what a terminal or a YAML reader takes for something else than a character:
// controls, U+2028 and U+2029 (line ends to YAML), U+FEFF, U+FFFE, U+FFFF.
static bool is_control(const unsigned char *c)
{
    if (c[0] < ' ' || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0))
        return true;
    if (c[0] == 0xe2)
        return c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9);
    return c[0] == 0xef && ((c[1] == 0xbb && c[2] == 0xbf) || (c[1] == 0xbf && c[2] >= 0xbe));
}

static bool is_text(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    for (size_t length; *c != '\0'; c += length) {
        length = utf8_length(c);
        if (length == 0 || is_control(c))
            return false;
    }
    return true;
}

static bool parse_string(const struct config_field *field, const char *text, void *value,
                         struct config_problem *problem)
{
    size_t length = strlen(text);
    if (length >= CONFIG_STRING_BYTES)
        return fail(problem, field, "takes at most %d bytes; got %zu", CONFIG_STRING_BYTES - 1, length);
    if (!is_text(text))
        return fail(problem, field, "wants printable text in UTF-8");
    memset(value, 0, CONFIG_STRING_BYTES);
    memcpy(value, text, length);
    return true;
}

static int format_string(const struct config_field *field, const void *value, char *text, size_t size)
{
    (void)field;
    return snprintf(text, size, "%s", (const char *)value);
}

#define QUANTITY "with its unit, such as "
static const struct config_value_type types[] = {
    [CONFIG_BOOL] = {.name = "bool", .wants = "true or false", .size = sizeof(bool),
        .parse = parse_bool, .format = format_bool},
    [CONFIG_UINT] = {.name = "number", .wants = "a whole number, such as 12", .size = sizeof(uint32_t),
        .is_plain_number = true, .parse = parse_uint, .format = format_uint},
    [CONFIG_HEX] = {.name = "hex", .wants = "a number, such as 0x15b7", .size = sizeof(uint32_t),
        .parse = parse_hex, .format = format_hex},
    [CONFIG_UINT64] = {.name = "number", .wants = "a whole number, such as 12", .size = sizeof(uint64_t),
        .is_plain_number = true, .parse = parse_uint64, .format = format_uint64},
    [CONFIG_REAL] = {.name = "real", .wants = "a number, such as 1.48e-3", .size = sizeof(double),
        .is_plain_number = true, .parse = parse_real, .format = format_real},
    [CONFIG_RATIO] = {.name = "ratio", .wants = "a ratio, such as 7% or 0.07", .size = sizeof(double),
        .parse = parse_ratio, .format = format_ratio},
    [CONFIG_TIME] = {.name = "time", .wants = "a time " QUANTITY "50us", .size = sizeof(tick_t),
        .units = time_units, .aliases = time_aliases, .finest = "1ps",
        .parse = parse_time, .format = format_quantity},
    [CONFIG_TIMES] = {.name = "times", .wants = "a time or a list of times, such as [40us, 55us]",
        .size = sizeof(struct config_times), .units = time_units, .finest = "1ps",
        .parse = parse_times, .format = format_times},
    [CONFIG_BYTES] = {.name = "size", .wants = "a size " QUANTITY "16KiB", .size = sizeof(uint64_t),
        .units = byte_units, .aliases = byte_aliases, .finest = "1B",
        .parse = parse_quantity, .format = format_quantity},
    [CONFIG_SIZE_OR_SHARE] = {.name = "size or share", .wants = "a size, such as 16KiB, or a share, such as 25%",
        .size = sizeof(uint64_t), .units = byte_units, .aliases = byte_aliases, .finest = "1B",
        .parse = parse_size_or_share, .format = format_size_or_share},
    [CONFIG_FREQUENCY] = {.name = "frequency", .wants = "a frequency " QUANTITY "500MHz", .size = sizeof(uint64_t),
        .units = frequency_units, .finest = "1Hz", .parse = parse_quantity, .format = format_quantity},
    [CONFIG_TRANSFERS] = {.name = "transfer rate", .wants = "a transfer rate " QUANTITY "1200MT/s",
        .size = sizeof(uint64_t), .units = transfer_units, .finest = "1T/s",
        .parse = parse_quantity, .format = format_quantity},
    [CONFIG_CHOICE] = {.name = "choice", .wants = "one of its choices", .size = sizeof(uint32_t),
        .parse = parse_choice, .format = format_choice},
    [CONFIG_STRING] = {.name = "text", .wants = "a text", .size = CONFIG_STRING_BYTES,
        .parse = parse_string, .format = format_string},
};

const struct config_value_type *config_value_type(enum config_type type)
{
    CHECK((size_t)type < ARRAY_SIZE(types), "type %d of a configuration key", (int)type);
    return &types[type];
}

static int compare_uint(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// The order of two values, for types that have bounds.
static int compare(enum config_type type, const void *a, const void *b)
{
    if (type == CONFIG_REAL || type == CONFIG_RATIO) {
        double x = *(const double *)a, y = *(const double *)b;
        return (x > y) - (x < y);
    }
    if (type == CONFIG_UINT || type == CONFIG_HEX) {
        uint64_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
        return compare_uint(&x, &y);
    }
    return compare_uint(a, b);
}

// Whether value is on the right side of a bound; side is -1 for the lower, 1 for the upper one.
static bool is_within(const struct config_field *field, const void *value, const char *bound, int side)
{
    union config_any limit;
    struct config_problem problem;
    if (bound == NULL)
        return true;
    bool is_read = config_value_type(field->type)->parse(field, bound, &limit, &problem);
    CHECK(is_read, "bound of a configuration key: %s", problem.message);
    return compare(field->type, value, &limit) * side <= 0;
}

bool config_parse(const struct config_field *field, const char *text, void *value, struct config_problem *problem)
{
    const struct config_value_type *type = config_value_type(field->type);
    union config_any read;
    memset(&read, 0, sizeof read);
    problem->at = 0;
    if (field->type != CONFIG_STRING && text[0] == '\0')
        return fail(problem, field, "has no value; it wants %s", type->wants);
    if (field->type != CONFIG_STRING && strnlen(text, TEXT_MAX + 1) > TEXT_MAX)
        return fail_wants(problem, field, text);
    if (!type->parse(field, text, &read, problem))
        return false;
    bool is_share = field->type == CONFIG_SIZE_OR_SHARE && config_is_share(read.wide);
    bool has_own_bounds = field->type != CONFIG_TIMES && !is_share;
    if (has_own_bounds && (!is_within(field, &read, field->min, -1) || !is_within(field, &read, field->max, 1)))
        return fail_range(problem, field, text);
    memcpy(value, &read, type->size);
    return true;
}

int config_format(const struct config_field *field, const void *value, char *text, size_t size)
{
    return config_value_type(field->type)->format(field, value, text, size);
}
