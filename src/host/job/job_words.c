// The words of a job as text.
#include "host/job/job_words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static size_t name_length(const char *word)
{
    return strcspn(word, "= \t\n");
}

// Whether `words` has a word of that name.
static bool names(const char *words, const char *word)
{
    size_t length = name_length(word);
    for (const char *at = words + strspn(words, " \t\n"); *at != '\0'; at += strspn(at, " \t\n")) {
        if (name_length(at) == length && strncmp(at, word, length) == 0)
            return true;
        at += strcspn(at, " \t\n");
    }
    return false;
}

char *job_words_merge(const char *job, const char *words)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    for (const char *at = job + strspn(job, " \t\n"); *at != '\0'; at += strspn(at, " \t\n")) {
        int length = (int)strcspn(at, " \t\n");
        if (!names(words, at))
            fprintf(to, "%.*s ", length, at);
        at += length;
    }
    fputs(words + strspn(words, " \t\n"), to);
    fclose(to);
    return text;
}
