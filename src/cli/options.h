// Options as tables: one row is parser, help text and manual page entry of an option.
#ifndef SQTAIL_CLI_OPTIONS_H
#define SQTAIL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/diag.h"
#include "util/text_list.h"

enum { OPTION_TEXTS_MAX = 256 };

// The values of an option that may be given several times.
struct option_texts {
    uint32_t count;
    const char *text[OPTION_TEXTS_MAX];
};

// A list's texts as options have them, at most OPTION_TEXTS_MAX; they must stay.
struct option_texts options_texts_of(const struct text_list *list);

enum option_type {
    OPTION_FLAG,   // bool
    OPTION_TEXT,   // const char *
    OPTION_NUMBER, // uint64_t
    OPTION_COUNT,  // uint64_t, at least 1; 0 when not given
    OPTION_TEXTS,  // struct option_texts
    OPTION_CHOICE, // uint32_t, index of the word in `argument`, which lists them as "a|b|c"
};

struct option_row {
    const char *name;     // without its dashes
    char letter;          // short form, 0 for none
    enum option_type type;
    size_t offset;        // of the value in the command's options struct
    const char *argument; // what help shows for the value; NULL for a flag
    const char *help;     // one sentence
};

// A subcommand as it was called.
struct invocation {
    const struct command *command;
    const void *options; // the command's options struct
    char **arguments;    // positional; ends with NULL
    size_t count;
    const char *line;    // the whole command line, quoted for a shell
    const struct command *const *commands; // all there are; ends with NULL
};

// A subcommand: one file, one row in main.c's table.
struct command {
    const char *name;
    const char *arguments; // positional, as the usage line shows them
    const char *summary;   // one sentence
    const char *details;   // further paragraphs of the manual page, or NULL
    const char *example;   // a command line that works, or NULL
    const struct option_row *rows;
    size_t row_count;
    size_t min_arguments, max_arguments;
    size_t options_bytes; // of the options struct, which starts zeroed
    int (*run)(const struct invocation *call); // returns the exit code

    // Of a command of several, such as `trace`: those, each named "trace WORD"; ends with NULL. Of what stands above
    // only the texts are used then, and `run` is NULL.
    const struct command *const *subcommands;
};

// The last word of its name, by which it is called within its family.
const char *command_word(const struct command *command);

// Of a list that ends with NULL the one of that word; else NULL.
const struct command *command_find(const struct command *const *list, const char *word);

// What is said of a word that none of the list has: the nearest one, or NULL.
const char *command_nearest(const struct command *const *list, const char *word);

// Parses argv[1..] of `command` into `options`; leaves the positional arguments in argv[0..] and their number in
// *count. `family` is the list that the command was found in, so that an option of another of them is known for what it
// is. Returns 0, or a negative number with the reasons in `diag`; 1 when help was asked for and printed.
int options_parse(const struct command *command, const struct command *const *family, struct diag *diag, int argc,
                  char **argv, void *options, size_t *count);

// Sets the option of a row in `options` to what `text` says ("true" or "false" of a flag). Returns 0, or a negative
// number with the reason. A place in a file is one where options have no dashes.
int options_take(const struct option_row *row, void *options, const char *text, struct place place, struct diag *diag);

// Whether it differs from what it is when not given; and its value as it would be given again; not of OPTION_TEXTS.
bool options_is_set(const struct option_row *row, const void *options);
void options_print_value(const struct option_row *row, const void *options, FILE *to);

// A word as a shell would take it again.
void options_print_quoted(const char *word, FILE *to);

// "-" is standard input, as usual.
const char *options_input_path(const char *text);

// Whether a file is a terminal that understands more than plain text.
bool options_takes_escapes(int file);

// Whether standard output takes colour: such a terminal, unless NO_COLOR is set and not empty (no-color.org).
bool options_want_colour(void);

void options_print_help(const struct command *command, FILE *to);

// The command's part of the manual page, in man(7) markup.
void options_print_man(const struct command *command, FILE *to);

// A text in man(7) markup.
void options_print_escaped(const char *text, FILE *to);

#endif
