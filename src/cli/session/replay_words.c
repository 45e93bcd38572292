// How a recording is replayed, in words.
#include "cli/session/replay_words.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

struct alone {
    struct session_options session;
};

static const struct option_row rows[] = {REPLAY_ROWS(struct alone)};

const char *const *replay_word_names(void)
{
    static const char *names[ARRAY_SIZE(rows) + 1];
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        names[i] = rows[i].name;
    return names;
}

int replay_word_take(struct session_options *session, const char *word, struct place place, struct diag *diag)
{
    size_t length = strcspn(word, "=");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, word, length) == 0)
            return options_take(&rows[i], session, word + length + 1, place, diag);
    return diag_error(diag, place, "'%.*s' is no word for recordings", (int)length, word);
}

static char *value_of(const struct option_row *row, const struct session_options *session)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    options_print_value(row, session, to);
    fclose(to);
    return text;
}

void replay_words_list(const struct session_options *session, struct text_list *words)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (!options_is_set(&rows[i], session))
            continue;
        char *value = value_of(&rows[i], session), *word = xformat("%s=%s", rows[i].name, value);
        text_list_add(words, word);
        free(word);
        free(value);
    }
}

void replay_words_print(const struct session_options *session, FILE *to)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (!options_is_set(&rows[i], session))
            continue;
        char *value = value_of(&rows[i], session);
        fprintf(to, " --%s", rows[i].name);
        if (rows[i].type != OPTION_FLAG) {
            fputc(' ', to);
            options_print_quoted(value, to);
        }
        free(value);
    }
}

const char *replay_words_first(const struct session_options *session)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (options_is_set(&rows[i], session))
            return rows[i].name;
    return NULL;
}
