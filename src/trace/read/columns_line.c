// One line of text, read by the description of its columns.
//
// Numbers are decimal, or hexadecimal after 0x; a fraction is exact as far as the unit goes (nanoseconds, bytes) and
// cut off below, never a floating point number: 1456095145.133076000 s has more digits than a double holds.
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/read/columns.h"

enum { FRACTION_DIGITS = 9 };

// 2001-09-09, in seconds: times of day that are counted since 1970, or since 1601, are later.
static const uint64_t epoch_ns = UINT64_C(1000000000) * 1000000000;

static void fail(struct column_line *line, const char *format, ...) PRINTF_LIKE(2, 3);

static void fail(struct column_line *line, const char *format, ...)
{
    if (line->problem[0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line->problem, sizeof line->problem, format, arguments);
    va_end(arguments);
}

// ---- fields ------------------------------------------------------------------------------------------------------

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static inline struct text trimmed(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    while (end > at && is_blank(end[-1]))
        end--;
    return (struct text){at, (size_t)(end - at)};
}

static size_t split_blanks(struct text line, struct text *fields)
{
    size_t count = 0;
    const char *at = line.at, *end = line.at + line.length;
    while (at < end) {
        const char *start = at;
        while (at < end && !is_blank(*at))
            at++;
        if (count < COLUMN_FIELDS_MAX)
            fields[count] = (struct text){start, (size_t)(at - start)};
        count++;
        while (at < end && is_blank(*at))
            at++;
    }
    return count;
}

// Fields are so short that calling memchr for each costs more than looking at each character.
static size_t split_at(struct text line, char separator, struct text *fields)
{
    size_t count = 0;
    const char *start = line.at, *end = line.at + line.length;
    for (const char *at = start; at <= end; at++) {
        if (at < end && *at != separator)
            continue;
        if (count < COLUMN_FIELDS_MAX)
            fields[count] = trimmed(start, at);
        count++;
        start = at + 1;
    }
    return count;
}

size_t columns_split(struct text line, char separator, struct text *fields)
{
    line = trimmed(line.at, line.at + line.length);
    if (separator == '\0')
        separator = memchr(line.at, ',', line.length) != NULL ? ',' : ' ';
    return separator == ' ' ? split_blanks(line, fields) : split_at(line, separator, fields);
}

// ---- numbers -----------------------------------------------------------------------------------------------------

enum { SAFE_DIGITS = 19 }; // so many make no number that is too large

static unsigned digit_of(char c)
{
    return isdigit((unsigned char)c) ? (unsigned)c - '0' : isxdigit((unsigned char)c)
                                     ? (unsigned)tolower((unsigned char)c) - 'a' + 10 : 16;
}

// What the plain one below does not take: hexadecimal numbers, and very large ones.
static bool take_any_whole(struct text *text, unsigned base, uint64_t *number)
{
    size_t used = 0;
    *number = 0;
    for (unsigned digit; used < text->length && (digit = digit_of(text->at[used])) < base; used++)
        if (__builtin_mul_overflow(*number, base, number) || __builtin_add_overflow(*number, (uint64_t)digit, number))
            return false;
    text->at += used;
    text->length -= used;
    return used != 0;
}

// The whole decimal number at the front of the text, which is taken off it. False where there is none, or one too large.
static inline bool take_whole(struct text *text, uint64_t *number)
{
    const char *at = text->at, *end = at + MIN(text->length, (size_t)SAFE_DIGITS);
    uint64_t x = 0;
    for (unsigned digit; at < end && (digit = (unsigned)(unsigned char)*at - '0') <= 9; at++)
        x = x * 10 + digit;
    if (at == end && text->length > SAFE_DIGITS)
        return take_any_whole(text, 10, number);
    *number = x;
    text->length -= (size_t)(at - text->at);
    bool any = at > text->at;
    text->at = at;
    return any;
}

// The digits after a point, in `times`.
static uint64_t take_fraction(struct text *text, uint64_t times)
{
    uint64_t number = 0, scale = 1;
    size_t used = 0;
    for (; used < text->length && isdigit((unsigned char)text->at[used]); used++)
        if (used < FRACTION_DIGITS) {
            number = number * 10 + (uint64_t)(text->at[used] - '0');
            scale *= 10;
        }
    text->at += used;
    text->length -= used;
    return number * times / scale;
}

static bool is_hex(struct text text)
{
    return text.length > 2 && text.at[0] == '0' && (text.at[1] == 'x' || text.at[1] == 'X');
}

static bool hex_in(struct text text, const struct column_unit *unit, uint64_t *number)
{
    text = (struct text){text.at + 2, text.length - 2};
    if (!take_any_whole(&text, 16, number) || text.length != 0)
        return false;
    return !__builtin_mul_overflow(*number, unit->times, number);
}

static bool add_fraction(struct text text, const struct column_unit *unit, uint64_t *number)
{
    if (*text.at != '.')
        return false;
    text = (struct text){text.at + 1, text.length - 1};
    uint64_t fraction = take_fraction(&text, unit->times);
    return text.length == 0 && !__builtin_add_overflow(*number, fraction, number);
}

static inline bool number_in(struct text text, const struct column_unit *unit, uint64_t *number)
{
    if (is_hex(text)) {
        if (!hex_in(text, unit, number))
            return false;
    } else if (!take_whole(&text, number) || __builtin_mul_overflow(*number, unit->times, number) ||
               (text.length != 0 && !add_fraction(text, unit, number)))
        return false;
    if (unit->over != 1)
        *number /= unit->over;
    return true;
}

// ---- columns -----------------------------------------------------------------------------------------------------

struct reading {
    const struct columns *columns;
    struct column_line *line;
    struct text fields[COLUMN_FIELDS_MAX];
    size_t count;
};

static bool has(const struct reading *r, enum column column)
{
    return r->columns->number[column] != 0;
}

// The field of a column, and its number from 1; an empty text where the line has no such field.
static struct text field_of(const struct reading *r, enum column column, size_t *number)
{
    int wanted = r->columns->number[column];
    *number = wanted > 0 ? (size_t)wanted : r->count + 1 - (size_t)-wanted;
    bool there = *number >= 1 && *number <= MIN(r->count, (size_t)COLUMN_FIELDS_MAX);
    return there ? r->fields[*number - 1] : (struct text){"", 0};
}

static uint64_t number_of(struct reading *r, enum column column, const struct column_unit *unit, const char *what)
{
    size_t at;
    uint64_t number = 0;
    struct text field = field_of(r, column, &at);
    if (!number_in(field, unit, &number))
        fail(r->line, "column %zu: '%.*s' is no %s", at, (int)MIN(field.length, 40), field.at, what);
    return number;
}

static uint64_t measure_of(struct reading *r, enum column column, const char *what)
{
    return number_of(r, column, &r->columns->unit[column], what);
}

static uint64_t plain_number(struct reading *r, enum column column, uint64_t largest, const char *what)
{
    static const struct column_unit one = {NULL, 1, 1};
    if (!has(r, column))
        return 0;
    uint64_t number = number_of(r, column, &one, what);
    if (number > largest)
        fail(r->line, "column %d: %llu is no %s", r->columns->number[column], (unsigned long long)number, what);
    return MIN(number, largest);
}

// ---- operations --------------------------------------------------------------------------------------------------

static bool is_one_of(struct text field, struct text words)
{
    if (words.at == NULL)
        return false;
    const char *start = words.at, *end = words.at + words.length;
    for (const char *at = start; at <= end; at++) {
        if (at < end && *at != '|')
            continue;
        size_t length = (size_t)(at - start);
        if (length == field.length && strncasecmp(start, field.at, length) == 0)
            return true;
        start = at + 1;
    }
    return false;
}

static const uint64_t class_categories[] = {
    [CLASS_READ] = BLKTRACE_IS_READ,
    [CLASS_WRITE] = BLKTRACE_IS_WRITE,
    [CLASS_FLUSH] = BLKTRACE_IS_FLUSH,
    [CLASS_TRIM] = BLKTRACE_IS_DISCARD | BLKTRACE_IS_WRITE,
    [CLASS_WRITE_ZEROES] = BLKTRACE_IS_WRITE_ZEROES | BLKTRACE_IS_WRITE,
    [CLASS_NOTHING] = 0,
    [CLASS_WAIT] = 0,
};

static bool has_words(const struct columns *columns)
{
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (columns->words[i].at != NULL)
            return true;
    return false;
}

// By the letter that nearly everybody begins with: R, W, F (flush), T or D (trim, discard).
static enum column_class class_by_letter(struct text field)
{
    static const char letters[] = "RWFT", others[] = "RWFD";
    char c = field.length == 0 ? '\0' : (char)toupper((unsigned char)*field.at);
    for (size_t i = 0; letters[i] != '\0'; i++)
        if (c == letters[i] || c == others[i])
            return (enum column_class)i;
    return CLASS_COUNT;
}

static enum column_class class_of(const struct columns *columns, struct text field)
{
    if (columns->read_bits != 0) {
        uint64_t flags;
        if (!take_any_whole(&field, 16, &flags) || field.length != 0)
            return CLASS_COUNT;
        return flags & columns->read_bits ? CLASS_READ : CLASS_WRITE;
    }
    if (!has_words(columns))
        return class_by_letter(field);
    size_t class = 0;
    while (class < CLASS_COUNT && !is_one_of(field, columns->words[class]))
        class++;
    return (enum column_class)class;
}

static void read_op(struct reading *r)
{
    size_t at;
    struct text field = field_of(r, COLUMN_OP, &at);
    enum column_class class = class_of(r->columns, field);
    if (class == CLASS_COUNT && !r->columns->pass_other)
        fail(r->line, "column %zu: '%.*s' is no operation", at, (int)MIN(field.length, 40), field.at);
    bool known = class != CLASS_COUNT;
    r->line->class = known ? class : CLASS_READ; // of no bytes: it is counted as one that is not replayed
    r->line->event.action = BLKTRACE_ISSUE | BLKTRACE_IS_ISSUED | BLKTRACE_IS_FS |
                            (known ? class_categories[class] : 0);
}

static bool is_transfer(const struct reading *r)
{
    const uint64_t directions = BLKTRACE_IS_READ | BLKTRACE_IS_WRITE;
    return (r->line->event.action & directions) != 0;
}

// ---- lines -------------------------------------------------------------------------------------------------------

static void read_range(struct reading *r)
{
    struct trace_event *event = &r->line->event;
    if (!is_transfer(r))
        return;
    uint64_t bytes = measure_of(r, COLUMN_BYTES, "size"), end;
    if (bytes == 0)
        return;
    uint64_t offset = measure_of(r, COLUMN_OFFSET, "offset");
    if (__builtin_add_overflow(offset, bytes, &end) || end > INT64_MAX) {
        fail(r->line, "absurd range: %llu + %llu bytes", (unsigned long long)offset, (unsigned long long)bytes);
        return;
    }
    uint64_t last = (end + BLKTRACE_SECTOR_BYTES - 1) / BLKTRACE_SECTOR_BYTES;
    event->sector = offset / BLKTRACE_SECTOR_BYTES;
    event->bytes = (last - event->sector) * BLKTRACE_SECTOR_BYTES;
    r->line->unaligned = (offset | bytes) % BLKTRACE_SECTOR_BYTES != 0;
}

static bool is_empty(const struct reading *r, enum column column)
{
    size_t at;
    return !has(r, column) || field_of(r, column, &at).length == 0;
}

static void read_times(struct reading *r)
{
    struct trace_event *event = &r->line->event;
    event->latency_ns = UINT64_MAX;
    r->line->has_time = has(r, COLUMN_TIME) || has(r, COLUMN_END);
    if (!is_empty(r, COLUMN_LATENCY))
        event->latency_ns = measure_of(r, COLUMN_LATENCY, "latency");
    if (has(r, COLUMN_TIME))
        event->time_ns = measure_of(r, COLUMN_TIME, "time");
    uint64_t end = has(r, COLUMN_END) ? measure_of(r, COLUMN_END, "time") : 0;
    if (!has(r, COLUMN_END) || r->line->problem[0] != '\0')
        return;
    if (has(r, COLUMN_TIME) && end < event->time_ns)
        fail(r->line, "it is complete before it begins");
    else if (has(r, COLUMN_TIME))
        event->latency_ns = end - event->time_ns;
    else
        event->time_ns = end - (event->latency_ns <= end ? event->latency_ns : 0);
}

static void read_source(struct reading *r)
{
    struct trace_event *event = &r->line->event;
    size_t at;
    event->cpu = (uint32_t)plain_number(r, COLUMN_CPU, UINT16_MAX, "CPU");
    event->pid = (uint32_t)plain_number(r, COLUMN_PID, UINT32_MAX, "process number");
    if (has(r, COLUMN_PROCESS)) {
        struct text name = field_of(r, COLUMN_PROCESS, &at);
        event->process = name.at;
        event->process_length = (uint32_t)name.length;
    }
    if (has(r, COLUMN_DEVICE))
        r->line->device = field_of(r, COLUMN_DEVICE, &at);
    if (plain_number(r, COLUMN_FUA, 1, "flag, 0 or 1") != 0)
        event->action |= BLKTRACE_IS_FUA;
    event->more = plain_number(r, COLUMN_MORE, 1, "flag, 0 or 1") != 0;
}

static void check_fields(struct reading *r)
{
    const struct columns *c = r->columns;
    if (r->count < c->least_fields)
        fail(r->line, "%zu fields, expected %s%u", r->count, c->most_fields == c->least_fields ? "" : "at least ",
             c->least_fields);
    else if (c->most_fields != 0 && r->count > c->most_fields)
        fail(r->line, "%zu fields, expected %s%u", r->count, c->most_fields == c->least_fields ? "" : "at most ",
             c->most_fields);
}

// Where a request of no bytes goes, and who issued it, matters to nobody: tools leave these out.
static bool is_replayed(const struct reading *r)
{
    return r->line->class == CLASS_FLUSH || r->line->event.bytes != 0;
}

// As zero as it must be: all of `problem` would cost as much as the numbers.
static void begin_line(struct column_line *line)
{
    line->event = (struct trace_event){.whole = true, .recorder = TRACE_RECORDER_UNKNOWN};
    line->class = CLASS_READ;
    line->wait_ns = 0;
    line->device = (struct text){NULL, 0};
    line->has_time = line->unaligned = false;
    line->problem[0] = '\0';
}

void columns_read_line(const struct columns *columns, struct text line, struct column_line *result)
{
    struct reading r;
    r.columns = columns;
    r.line = result;
    begin_line(result);
    r.count = columns_split(line, columns->separator, r.fields);
    check_fields(&r);
    read_op(&r);
    if (result->class == CLASS_WAIT)
        result->wait_ns = measure_of(&r, COLUMN_WAIT, "wait");
    else {
        read_times(&r);
        read_range(&r);
        if (is_replayed(&r))
            read_source(&r);
    }
}

bool columns_fits(const struct columns *columns, struct text line)
{
    struct column_line read;
    size_t at;
    columns_read_line(columns, line, &read);
    if (read.problem[0] != '\0')
        return false;
    struct reading r = {.columns = columns};
    r.count = columns_split(line, columns->separator, r.fields);
    struct text time = field_of(&r, COLUMN_TIME, &at);
    bool point = memchr(time.at, '.', time.length) != NULL;
    return !has(&r, COLUMN_TIME) ||
           (point == columns->fraction && (!columns->epoch || read.event.time_ns >= epoch_ns));
}
