// The description of a text's columns, as --from takes it and as the known formats are written (columns_known.h):
// blank-separated words, WHAT=COLUMN[:UNIT], and a few about the text as a whole.
#include "trace/read/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PLACE ((struct place){.file = "--from"})

static const struct column_unit time_units[] = {
    {"s", 1000000000, 1}, {"ms", 1000000, 1}, {"us", 1000, 1}, {"100ns", 100, 1},
    {"ns", 1, 1},         {"ps", 1, 1000},    {NULL, 0, 0},
};

static const struct column_unit size_units[] = {
    {"bytes", 1, 1}, {"sectors", BLKTRACE_SECTOR_BYTES, 1}, {"KiB", 1024, 1}, {"4KiB", 4096, 1},
    {"MiB", 1 << 20, 1}, {NULL, 0, 0},
};

static const char *const column_names[] = {
#define COLUMN_NAME(id, name, help) name,
    COLUMN_LIST(COLUMN_NAME)
#undef COLUMN_NAME
};

bool text_equals(struct text text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.at, word, text.length) == 0;
}

static int wrong(struct diag *diag, struct text word, const char *why)
{
    return diag_error(diag, PLACE, "'%.*s': %s", (int)word.length, word.at, why);
}

// A whole number that ends where the text does or at a colon; `at` is moved behind it.
static bool take_number(struct text *text, long *number)
{
    char copy[24], *end;
    size_t length = MIN(text->length, sizeof copy - 1);
    memcpy(copy, text->at, length);
    copy[length] = '\0';
    *number = strtol(copy, &end, 10);
    size_t used = (size_t)(end - copy);
    if (used == 0 || (used < text->length && text->at[used] != ':'))
        return false;
    text->at += used;
    text->length -= used;
    return true;
}

// ---- columns -----------------------------------------------------------------------------------------------------

static int take_unit(struct column_unit *unit, const struct column_unit *units, struct diag *diag, struct text name)
{
    for (; units->name != NULL; units++)
        if (text_equals(name, units->name)) {
            *unit = *units;
            return 0;
        }
    return wrong(diag, name, "is no unit: s, ms, us, 100ns, ns or ps of times, bytes, sectors, KiB, 4KiB or MiB of "
                             "sizes");
}

static int take_words(struct columns *columns, struct diag *diag, struct text words)
{
    struct text list[CLASS_COUNT] = {{0}};
    size_t class = 0;
    const char *start = words.at, *end = words.at + words.length;
    columns->read_bits = 0;
    if (words.length > 1 && *start == '&') {
        columns->read_bits = strtoull(start + 1, NULL, 16);
        return columns->read_bits != 0 ? 0 : wrong(diag, words, "names no bits; &1: bit 0 tells a read");
    }
    for (const char *at = start; at <= end; at++) {
        if (at < end && *at != ',')
            continue;
        if (class == CLASS_COUNT)
            return wrong(diag, words, "has more words than read,write,flush,trim,write_zeroes,nothing,wait");
        list[class++] = (struct text){at > start ? start : NULL, (size_t)(at - start)};
        start = at + 1;
    }
    memcpy(columns->words, list, sizeof list);
    return 0;
}

static bool is_time(size_t column)
{
    return column <= COLUMN_WAIT;
}

static bool is_size(size_t column)
{
    return column == COLUMN_OFFSET || column == COLUMN_BYTES;
}

static int take_column(struct columns *columns, struct diag *diag, size_t column, struct text value)
{
    struct text whole = value;
    long number;
    if (!take_number(&value, &number) || number < -COLUMN_FIELDS_MAX || number > COLUMN_FIELDS_MAX)
        return wrong(diag, whole, "is no column; they count from 1, or from -1 at the end");
    columns->number[column] = (int)number;
    if (is_time(column))
        columns->unit[column] = time_units[0];
    if (is_size(column))
        columns->unit[column] = size_units[0];
    if (value.length == 0)
        return 0;
    struct text detail = {value.at + 1, value.length - 1};
    if (column == COLUMN_OP)
        return take_words(columns, diag, detail);
    if (is_time(column) || is_size(column))
        return take_unit(&columns->unit[column], is_time(column) ? time_units : size_units, diag, detail);
    return wrong(diag, whole, "takes no unit");
}

// ---- the text as a whole -----------------------------------------------------------------------------------------

static int take_separator(struct columns *columns, struct diag *diag, struct text value)
{
    static const struct { const char *name; char c; } names[] = {
        {"blank", ' '}, {"comma", ','}, {"tab", '\t'}, {"semicolon", ';'}, {"bar", '|'}, {"colon", ':'},
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (text_equals(value, names[i].name)) {
            columns->separator = names[i].c;
            return 0;
        }
    return wrong(diag, value, "is no separator: blank, comma, tab, semicolon, bar or colon");
}

// "6" exactly so many, "5-" at least, "8-9" between.
static int take_fields(struct columns *columns, struct diag *diag, struct text value)
{
    char copy[16] = "", *end;
    memcpy(copy, value.at, MIN(value.length, sizeof copy - 1));
    columns->least_fields = columns->most_fields = (uint32_t)strtoul(copy, &end, 10);
    if (end > copy && *end == '-')
        columns->most_fields = (uint32_t)strtoul(end + 1, &end, 10);
    return end > copy && *end == '\0' ? 0 : wrong(diag, value, "is no number of fields, such as 6, 5- or 8-9");
}

static int take_skip(struct columns *columns, struct diag *diag, struct text value)
{
    struct text whole = value;
    long lines;
    if (!take_number(&value, &lines) || value.length != 0 || lines < 0 || lines > 1000000)
        return wrong(diag, whole, "is no number of lines to pass over");
    columns->skip = (uint32_t)lines;
    return 0;
}

static int take_zero(struct columns *columns, struct diag *diag, struct text value)
{
    columns->from_start = text_equals(value, "start");
    return columns->from_start || text_equals(value, "first")
               ? 0 : wrong(diag, value, "zero of times is start, as they stand, or first, that of the first request");
}

static int take_other(struct columns *columns, struct diag *diag, struct text value)
{
    columns->pass_other = text_equals(value, "count");
    return columns->pass_other || text_equals(value, "bad")
               ? 0 : wrong(diag, value, "other operations are bad (malformed), or they count, and are not replayed");
}

static int take_form(struct columns *columns, struct diag *diag, struct text value)
{
    columns->fraction = columns->fraction || text_equals(value, "fraction");
    columns->epoch = columns->epoch || text_equals(value, "epoch");
    return text_equals(value, "fraction") || text_equals(value, "epoch")
               ? 0 : wrong(diag, value, "times have the form fraction or epoch");
}

static const struct setting {
    const char *name;
    int (*take)(struct columns *, struct diag *, struct text);
} settings[] = {
    {"separator", take_separator}, {"fields", take_fields}, {"skip", take_skip},
    {"zero", take_zero},           {"other", take_other},   {"times", take_form},
};

static int unknown_word(struct diag *diag, struct text name)
{
    const char *names[COLUMN_COUNT + ARRAY_SIZE(settings) + 1] = {NULL};
    char copy[32] = "";
    memcpy(copy, name.at, MIN(name.length, sizeof copy - 1));
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        names[i] = column_names[i];
    for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
        names[COLUMN_COUNT + i] = settings[i].name;
    const char *near = diag_nearest(copy, names);
    return diag_error(diag, PLACE, "unknown word '%s' of a description of columns%s%s%s", copy,
                      near == NULL ? "" : "; did you mean '", near == NULL ? "" : near, near == NULL ? "" : "'?");
}

static int take_word(struct columns *columns, struct diag *diag, struct text word)
{
    const char *equals = memchr(word.at, '=', word.length);
    if (equals == NULL)
        return wrong(diag, word, "expected WHAT=COLUMN, such as time=1:us");
    struct text name = {word.at, (size_t)(equals - word.at)};
    struct text value = {equals + 1, (size_t)(word.at + word.length - equals - 1)};
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        if (text_equals(name, column_names[i]))
            return take_column(columns, diag, i, value);
    for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
        if (text_equals(name, settings[i].name))
            return settings[i].take(columns, diag, value);
    return unknown_word(diag, name);
}

int columns_parse(struct columns *columns, struct diag *diag, const char *text)
{
    int result = 0;
    for (text += strspn(text, " \t\n"); *text != '\0'; text += strspn(text, " \t\n")) {
        struct text word = {text, strcspn(text, " \t\n")};
        if (strncmp(text, "header=", 7) == 0) { // the rest of the description, which has blanks
            columns->header = (struct text){text + 7, strlen(text + 7)};
            return result;
        }
        if (take_word(columns, diag, word) != 0)
            result = -1;
        text += word.length;
    }
    return result;
}

int columns_check(const struct columns *columns, struct diag *diag)
{
    static const enum column needed[] = {COLUMN_OFFSET, COLUMN_BYTES, COLUMN_OP};
    int result = 0;
    for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
        if (columns->number[needed[i]] == 0)
            result = diag_error(diag, PLACE, "no column is said to hold %s; such as "
                                "\"columns: time=1:us offset=3:sectors bytes=4 op=5:R,W\"", column_names[needed[i]]);
    return result;
}
