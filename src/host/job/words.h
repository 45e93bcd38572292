// The words of a load, name=value with blanks between them, and where each stands.
#ifndef SQTAIL_HOST_JOB_WORDS_H
#define SQTAIL_HOST_JOB_WORDS_H

#include "host/job/job_options.h"

// What is being read.
struct words {
    const struct job_text *text;
    struct diag *diag;
    struct place place; // of the word
    const char *name;   // of its option
    const char *list;   // what sqtail list calls those there are
};

// Calls take(context, word, place of its value) for each word in turn, which may write into it. Returns 0, or -1 where
// any call did not.
int words_read(struct words *words, int (*take)(void *context, char *word, struct place value_at), void *context);

// Each says what is wrong, and returns -1: with a value; with a word that is none of the candidates, which end with
// NULL.
int words_complain(struct words *words, const char *value, const char *expected);
int words_suggest(struct words *words, const char *word, const char *what, const char *const *candidates);

// Says that the text as a whole is wrong.
int words_refuse(struct words *words, const char *message);

#endif
