// Words of models.
//
// Numbers, sizes and times are written as those of jobs (host/job/job_values.h); a time without a unit is in seconds.
#include "host/generate/word_rows.h"

#include <inttypes.h>
#include <string.h>

#include "config/decimal.h"
#include "host/beside.h"
#include "host/job/job_values.h"
#include "host/job/rate_process.h"
#include "util/macros.h"

struct reader {
    struct words *words;
    const struct word_tables *tables;
    void *options;
    uint64_t given;
};

const char *const word_type_names[] = {
    [WORD_COUNT] = "count",   [WORD_SIZE] = "size",        [WORD_SHARE] = "size", [WORD_TIME] = "time",
    [WORD_PERCENT] = "count", [WORD_THOUSANDTHS] = "number", [WORD_CHOICE] = "name", [WORD_NAME] = "text",
    [WORD_PROCESS] = "name",  [WORD_DISTRIBUTION] = "name",
};

// --- values --------------------------------------------------------------------------------------------------------

typedef int value_reader(struct words *words, const struct word_row *row, const char *text, void *member);

static int put_number(struct words *words, const struct word_row *row, const char *text, uint64_t value, void *member)
{
    if (value < row->min || value > row->max)
        return row->type == WORD_TIME
                   ? diag_error(words->diag, words->place, "%s=%s is out of range", words->name, text)
                   : diag_error(words->diag, words->place, "%s=%s is out of range: %" PRIu64 " to %" PRIu64,
                                words->name, text, row->min, row->max);
    memcpy(member, &value, sizeof value);
    return 0;
}

static int read_size(struct words *words, const struct word_row *row, const char *text, void *member)
{
    uint64_t value;
    if (!job_value_size(text, &value))
        return words_complain(words, text, row->type == WORD_COUNT ? "a number" : "a size, such as 4k or 1g");
    return put_number(words, row, text, value, member);
}

static int read_time(struct words *words, const struct word_row *row, const char *text, void *member)
{
    tick_t value;
    if (!job_value_time(text, TICKS_PER_S, &value))
        return words_complain(words, text, "a time, such as 10s or 500us");
    return put_number(words, row, text, value, member);
}

// A number times `scale`, with a % behind it or not.
static bool read_scaled(const char *text, uint64_t scale, uint64_t *value)
{
    size_t length = decimal_length(text, false);
    bool ends = text[length] == '\0' || strcmp(text + length, "%") == 0;
    return length > 0 && ends && decimal_scale(text, length, scale, value) == DECIMAL_OK;
}

static int read_percent(struct words *words, const struct word_row *row, const char *text, void *member)
{
    uint64_t value;
    if (!read_scaled(text, 1, &value))
        return words_complain(words, text, "a whole percentage");
    return put_number(words, row, text, value, member);
}

static int read_thousandths(struct words *words, const struct word_row *row, const char *text, void *member)
{
    uint64_t value;
    if (!read_scaled(text, 1000, &value) || value < row->min || value > row->max)
        return words_complain(words, text, "a number to three places in its range");
    return put_number(words, row, text, value, member);
}

static int read_share(struct words *words, const struct word_row *row, const char *text, void *member)
{
    uint64_t percent;
    if (strchr(text, '%') == NULL)
        return read_size(words, row, text, member);
    if (!read_scaled(text, 1, &percent) || percent > 100)
        return words_complain(words, text, "a whole percentage up to 100%");
    percent |= JOB_PERCENT;
    memcpy(member, &percent, sizeof percent);
    return 0;
}

static int read_choice(struct words *words, const struct word_row *row, const char *text, void *member)
{
    for (uint32_t i = 0; row->choices[i] != NULL; i++)
        if (strcmp(text, row->choices[i]) == 0) {
            memcpy(member, &i, sizeof i);
            return 0;
        }
    return words_suggest(words, text, words->name, row->choices);
}

static int read_name(struct words *words, const struct word_row *row, const char *text, void *member)
{
    (void)row;
    if (!job_value_name(text, LOAD_NAME_BYTES))
        return words_complain(words, text, "up to 31 letters, digits, - and _");
    strcpy(member, text);
    return 0;
}

static int read_process(struct words *words, const struct word_row *row, const char *text, void *member)
{
    (void)row;
    const char *expected = rate_process_parse(text, member);
    return expected == NULL ? 0 : words_complain(words, text, expected);
}

static int read_distribution(struct words *words, const struct word_row *row, const char *text, void *member)
{
    (void)row;
    struct distribution_spec *spec = member;
    const char *expected = distribution_parse(text, spec);
    if (expected == NULL && (spec->kind > DISTRIBUTION_ZONED || spec->centred))
        expected = "random, zipf:THETA, pareto:H or zoned:A/S:A/S:...";
    return expected == NULL ? 0 : words_complain(words, text, expected);
}

static int read_value(struct words *words, const struct word_row *row, const char *text, void *options)
{
    static value_reader *const readers[] = {
        [WORD_COUNT] = read_size,      [WORD_SIZE] = read_size,
        [WORD_SHARE] = read_share,     [WORD_TIME] = read_time,
        [WORD_PERCENT] = read_percent, [WORD_THOUSANDTHS] = read_thousandths,
        [WORD_CHOICE] = read_choice,   [WORD_NAME] = read_name,
        [WORD_PROCESS] = read_process, [WORD_DISTRIBUTION] = read_distribution,
    };
    words->name = row->name;
    return readers[row->type](words, row, text, (char *)options + row->offset);
}

// --- words ---------------------------------------------------------------------------------------------------------

// The first row of the tables, then each further one; NULL at the end. *number: of the row, 0 at first.
static const struct word_row *row_at(const struct word_tables *tables, unsigned number)
{
    for (size_t t = 0; t < ARRAY_SIZE(tables->rows); t++)
        for (const struct word_row *row = tables->rows[t]; row != NULL && row->name != NULL; row++)
            if (number-- == 0)
                return row;
    return NULL;
}

static bool is_called(const struct word_row *row, const char *name)
{
    return strcmp(name, row->name) == 0 || (row->alias != NULL && strcmp(name, row->alias) == 0);
}

// Which row is meant; NULL: none, which has been said.
static const struct word_row *find(struct reader *r, const char *name, unsigned *number)
{
    enum { ROWS_MAX = 64 };
    const char *candidates[ROWS_MAX + 1] = {NULL};
    const struct word_row *row;
    for (*number = 0; (row = row_at(r->tables, *number)) != NULL && *number < ROWS_MAX; ++*number) {
        candidates[*number] = row->name;
        if (is_called(row, name))
            return row;
    }
    words_suggest(r->words, name, "word", candidates);
    return NULL;
}

static int take(void *context, char *word, struct place value_at)
{
    struct reader *r = context;
    char *value = strchr(word, '=');
    unsigned number;
    if (value == NULL && r->words->place.column == 1 + strspn(r->words->text->text, " \t\n"))
        return 0; // the model's name
    if (value != NULL)
        *value++ = '\0';
    const struct word_row *row = find(r, word, &number);
    if (row == NULL)
        return -1;
    if (value == NULL && row->max != 1)
        return diag_error(r->words->diag, r->words->place, "'%s' needs a value: %s=...", word, word);
    if (r->given >> number & 1)
        return diag_error(r->words->diag, r->words->place, "'%s' is given twice", row->name);
    r->given |= UINT64_C(1) << number;
    if (value != NULL)
        r->words->place = value_at;
    return read_value(r->words, row, value == NULL ? "1" : value, r->options);
}

int word_rows_read(struct words *words, const struct word_tables *tables, void *options, uint64_t *given)
{
    struct reader reader = {.words = words, .tables = tables, .options = options};
    const struct word_row *row;
    int result = 0;
    for (unsigned i = 0; (row = row_at(tables, i)) != NULL; i++)
        result |= read_value(words, row, row->fallback, options);
    result |= words_read(words, take, &reader);
    *given = reader.given;
    return result;
}
