// Lists of rows in one text.
#include "config/tuples.h"

#include <stdio.h>
#include <string.h>

static const char blanks[] = " \t";

static int fail(struct config_problem *problem, const char *text, const char *what)
{
    char shown[CONFIG_SHOWN_BYTES];
    problem->at = 0;
    snprintf(problem->message, sizeof problem->message, "%s; got '%s'", what, config_show(shown, text));
    return -1;
}

// The next word of a row that ends at `end`, copied; returns where it ends. Empty: there is none.
static const char *take_word(const char *at, const char *end, char word[CONFIG_STRING_BYTES])
{
    at += strspn(at, blanks);
    size_t length = 0;
    while (at < end && strchr(blanks, *at) == NULL && length < CONFIG_STRING_BYTES - 1)
        word[length++] = *at++;
    word[length] = '\0';
    return at;
}

static int parse_row(const struct config_tuples *tuples, const char *at, const char *end, char *row,
                     struct config_problem *problem)
{
    char word[CONFIG_STRING_BYTES];
    for (size_t i = 0; i < tuples->field_count; i++) {
        const struct config_field *field = &tuples->fields[i];
        at = take_word(at, end, word);
        if (word[0] == '\0' && i == 0)
            return fail(problem, word, "a row is empty");
        if (!config_parse(field, word[0] == '\0' ? field->fallback : word, row + field->offset, problem))
            return -1;
    }
    take_word(at, end, word);
    return word[0] == '\0' ? 0 : fail(problem, word, "a row has too many words");
}

int config_parse_tuples(const struct config_tuples *tuples, const char *text, void *rows,
                        struct config_problem *problem)
{
    uint32_t count = 0;
    if (text[strspn(text, blanks)] == '\0')
        return 0;
    for (const char *at = text, *end;; at = end + 1) {
        end = at + strcspn(at, ",");
        if (count == tuples->max)
            return fail(problem, at, "there are too many rows");
        if (parse_row(tuples, at, end, (char *)rows + count * tuples->row_bytes, problem) != 0)
            return -1;
        count++;
        if (*end == '\0')
            return (int)count;
    }
}
