// How a recording is replayed, in words: options of a command, words of a workload in a sweep's file, and a command line
// again. All are the rows of REPLAY_ROWS.
#ifndef SQTAIL_CLI_SESSION_REPLAY_WORDS_H
#define SQTAIL_CLI_SESSION_REPLAY_WORDS_H

#include <stdio.h>

#include "cli/session/session.h"
#include "util/text_list.h"

// Their names; ends with NULL.
const char *const *replay_word_names(void);

// Takes a word such as "speed=2" or "wrap=true", which must stay. Returns 0, or -1 with the reason.
int replay_word_take(struct session_options *session, const char *word, struct place place, struct diag *diag);

// Adds all that are given to `words`.
void replay_words_list(const struct session_options *session, struct text_list *words);

// " --speed 2 --wrap"
void replay_words_print(const struct session_options *session, FILE *to);

// The first that is given, by its name; NULL: none.
const char *replay_words_first(const struct session_options *session);

#endif
