// The words of a load, and where each stands.
#include "host/job/words.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

int words_complain(struct words *words, const char *value, const char *expected)
{
    return diag_error(words->diag, words->place, "'%s' is not a value of %s: expected %s", value, words->name,
                      expected);
}

int words_suggest(struct words *words, const char *word, const char *what, const char *const *candidates)
{
    const char *nearest = diag_nearest(word, candidates);
    if (nearest != NULL)
        return diag_error(words->diag, words->place, "unknown %s '%s'; did you mean '%s'?", what, word, nearest);
    if (strpbrk(word, ",;") != NULL)
        return diag_error(words->diag, words->place, "unknown %s '%s'; words are separated by blanks, as in "
                          "rw=randread bs=4k", what, word);
    return diag_error(words->diag, words->place, "unknown %s '%s'; see sqtail list %s", what, word, words->list);
}

int words_refuse(struct words *words, const char *message)
{
    struct place whole = {.file = words->text->where, .line = words->text->line};
    return diag_error(words->diag, whole, "%s", message);
}

// Where the word at `column` is, and its value.
static struct job_word_place place_of(const struct words *words, unsigned number, size_t column, const char *word)
{
    struct place place = {.file = words->text->where, .line = 1, .column = column}, value = place;
    value.column += strcspn(word, "=") + 1;
    return words->text->words != NULL ? words->text->words[number] : (struct job_word_place){place, value};
}

int words_read(struct words *words, int (*take)(void *context, char *word, struct place value_at), void *context)
{
    char *copy = xstrdup(words->text->text), *rest = copy;
    int result = 0;
    unsigned number = 0;
    for (char *word; (word = strsep(&rest, " \t\n")) != NULL;) {
        if (*word == '\0')
            continue;
        struct job_word_place place = place_of(words, number++, (size_t)(word - copy) + 1, word);
        words->place = place.name;
        if (take(context, word, place.value) != 0)
            result = -1;
    }
    free(copy);
    return result;
}
