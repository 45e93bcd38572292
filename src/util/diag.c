// Collected user errors, and the nearest valid name by optimal-string-alignment distance.
#include "util/diag.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

struct message {
    char *text; // complete line, without its newline
    bool is_error;
};

struct diag {
    struct message *messages;
    size_t count;
    size_t capacity;
    unsigned errors;
};

struct diag *diag_create(void)
{
    return xcalloc(1, sizeof(struct diag));
}

void diag_destroy(struct diag *diag)
{
    if (diag == NULL)
        return;
    for (size_t i = 0; i < diag->count; i++)
        free(diag->messages[i].text);
    free(diag->messages);
    free(diag);
}

static void print_place(FILE *to, struct place place)
{
    fprintf(to, "%s:", place.file);
    if (place.line != 0)
        fprintf(to, "%llu:", (unsigned long long)place.line);
    if (place.column != 0)
        fprintf(to, "%llu:", (unsigned long long)place.column);
}

static const char error_kind[] = "error";

static void add(struct diag *diag, const char *kind, struct place place, const char *format, va_list arguments)
{
    char *text = NULL;
    size_t size = 0;
    bool is_error = kind == error_kind;
    FILE *line = open_memstream(&text, &size);
    print_place(line, place);
    fprintf(line, " %s: ", kind);
    vfprintf(line, format, arguments);
    fclose(line);
    if (diag->count == diag->capacity) {
        diag->capacity = diag->capacity == 0 ? 16 : 2 * diag->capacity;
        diag->messages = xrealloc(diag->messages, diag->capacity * sizeof *diag->messages);
    }
    diag->messages[diag->count++] = (struct message){.text = text, .is_error = is_error};
    diag->errors += is_error;
}

int diag_error(struct diag *diag, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(diag, error_kind, place, format, arguments);
    va_end(arguments);
    return -1;
}

void diag_warning(struct diag *diag, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(diag, "warning", place, format, arguments);
    va_end(arguments);
}

void diag_note(struct diag *diag, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(diag, "note", place, format, arguments);
    va_end(arguments);
}

unsigned diag_error_count(const struct diag *diag)
{
    return diag->errors;
}

unsigned diag_mark(const struct diag *diag)
{
    return (unsigned)diag->count;
}

void diag_forget(struct diag *diag, unsigned mark)
{
    while (diag->count > mark) {
        struct message *last = &diag->messages[--diag->count];
        diag->errors -= last->is_error;
        free(last->text);
    }
}

void diag_print(const struct diag *diag, FILE *to)
{
    unsigned errors = 0;
    for (size_t i = 0; i < diag->count; i++) {
        errors += diag->messages[i].is_error;
        if (!diag->messages[i].is_error || errors <= DIAG_ERRORS_SHOWN)
            fprintf(to, "%s\n", diag->messages[i].text);
    }
    if (errors > DIAG_ERRORS_SHOWN)
        fprintf(to, "and %u more errors\n", errors - DIAG_ERRORS_SHOWN);
}

enum { WORD_MAX = 64 };

// Optimal string alignment: insert, delete, replace and swap of neighbours cost 1 each. Both words are shorter
// than WORD_MAX.
static unsigned distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MAX + 1];
    size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        unsigned *now = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= length; j++) {
            unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);
            best = MIN(best, MIN(above[j], now[j - 1]) + 1);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            now[j] = swapped ? MIN(best, two_above[j - 2] + 1) : best;
        }
    }
    return rows[strlen(a) % 3][length];
}

// Whether the word is made of beginnings of the candidate's parts, in order: `gen` of generation, `qd` of queue_depth,
// `payload` of max_payload. `at` is where a part begins.
static bool abbreviates(const char *word, const char *at)
{
    if (*word == '\0')
        return true;
    size_t part = strcspn(at, "_");
    const char *next = at[part] == '\0' ? NULL : at + part + 1;
    for (size_t n = 0; n <= part && (n == 0 || word[n - 1] == at[n - 1]); n++) {
        const char *rest = word + n + (n > 0 && word[n] == '_');
        if ((n > 0 && *rest == '\0') || (next != NULL && abbreviates(rest, next)))
            return true;
    }
    return false;
}

// The shortest candidate that the word abbreviates.
static const char *abbreviated(const char *word, const char *const *candidates)
{
    const char *best = NULL;
    for (; strlen(word) >= 2 && *candidates != NULL; candidates++)
        if (abbreviates(word, *candidates) && (best == NULL || strlen(*candidates) < strlen(best)))
            best = *candidates;
    return best;
}

const char *diag_nearest(const char *word, const char *const *candidates)
{
    const char *const *all = candidates;
    const char *best = NULL;
    size_t length = strlen(word);
    unsigned limit = length < 4 ? 1 : (unsigned)(length / 3) + 1;
    if (length >= WORD_MAX)
        return NULL;
    for (; *candidates != NULL; candidates++) {
        if (strlen(*candidates) >= WORD_MAX)
            continue;
        unsigned d = distance(word, *candidates);
        if (d <= limit) {
            best = *candidates;
            limit = d == 0 ? 0 : d - 1;
        }
    }
    return best != NULL ? best : abbreviated(word, all);
}
