// The option parser: `--name value`, `--name=value`, `-x value`, `-xvalue`, `--` ends the options.
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMAND_LINE ((struct place){.file = "sqtail"})

struct option_texts options_texts_of(const struct text_list *list)
{
    struct option_texts texts = {.count = (uint32_t)MIN(list->count, (size_t)OPTION_TEXTS_MAX)};
    for (uint32_t i = 0; i < texts.count; i++)
        texts.text[i] = list->at[i];
    return texts;
}

const char *command_word(const struct command *command)
{
    const char *blank = strrchr(command->name, ' ');
    return blank == NULL ? command->name : blank + 1;
}

const struct command *command_find(const struct command *const *list, const char *word)
{
    for (; *list != NULL; list++)
        if (strcmp(command_word(*list), word) == 0)
            return *list;
    return NULL;
}

const char *command_nearest(const struct command *const *list, const char *word)
{
    const char *names[32] = {NULL};
    for (size_t i = 0; list[i] != NULL && i + 1 < ARRAY_SIZE(names); i++)
        names[i] = command_word(list[i]);
    return diag_nearest(word, names);
}

static const struct option_row *find_long(const struct command *command, const char *name, size_t length)
{
    for (size_t i = 0; i < command->row_count; i++)
        if (strlen(command->rows[i].name) == length && strncmp(command->rows[i].name, name, length) == 0)
            return &command->rows[i];
    return NULL;
}

static const struct option_row *find_short(const struct command *command, char letter)
{
    for (size_t i = 0; i < command->row_count; i++)
        if (command->rows[i].letter == letter)
            return &command->rows[i];
    return NULL;
}

// What is wrong with a value, and of which option.
struct taking {
    const struct option_row *row;
    struct place place;
    struct diag *diag;
};

static const char *dashes(const struct taking *taking)
{
    return taking->place.line == 0 ? "--" : "";
}

static int take_number(const struct taking *taking, uint64_t *value, const char *text)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno == ERANGE)
        return diag_error(taking->diag, taking->place, "%s%s wants a whole number, not '%s'", dashes(taking),
                          taking->row->name, text);
    if (number == 0 && taking->row->type == OPTION_COUNT)
        return diag_error(taking->diag, taking->place, "%s%s wants at least 1", dashes(taking), taking->row->name);
    *value = number;
    return 0;
}

// The index of `text` in "a|b|c", or -1.
static int find_choice(const char *choices, const char *text)
{
    int index = 0;
    for (const char *word = choices; word != NULL; index++) {
        size_t length = strcspn(word, "|");
        if (strlen(text) == length && strncmp(word, text, length) == 0)
            return index;
        word = word[length] == '|' ? word + length + 1 : NULL;
    }
    return -1;
}

static int take_choice(const struct taking *taking, uint32_t *value, const char *choices, const char *text)
{
    int index = find_choice(choices, text);
    if (index < 0)
        return diag_error(taking->diag, taking->place, "%s%s wants one of %s, not '%s'", dashes(taking),
                          taking->row->name, choices, text);
    *value = (uint32_t)index;
    return 0;
}

static int take_flag(const struct taking *taking, bool *value, const char *text)
{
    uint32_t choice = 0;
    int result = take_choice(taking, &choice, "false|true", text);
    *value = choice == 1;
    return result;
}

static int take_text(const struct taking *taking, struct option_texts *texts, const char *text)
{
    if (texts->count == OPTION_TEXTS_MAX)
        return diag_error(taking->diag, taking->place, "%s%s is given more than %d times", dashes(taking),
                          taking->row->name, OPTION_TEXTS_MAX);
    texts->text[texts->count++] = text;
    return 0;
}

int options_take(const struct option_row *row, void *options, const char *text, struct place place, struct diag *diag)
{
    struct taking taking = {row, place, diag};
    void *value = (char *)options + row->offset;
    switch (row->type) {
    case OPTION_FLAG:
        return take_flag(&taking, value, text);
    case OPTION_TEXT:
        *(const char **)value = text;
        return 0;
    case OPTION_NUMBER:
    case OPTION_COUNT:
        return take_number(&taking, value, text);
    case OPTION_CHOICE:
        return take_choice(&taking, value, row->argument, text);
    case OPTION_TEXTS:
        return take_text(&taking, value, text);
    }
    return 0;
}

bool options_is_set(const struct option_row *row, const void *options)
{
    const void *value = (const char *)options + row->offset;
    switch (row->type) {
    case OPTION_FLAG:
        return *(const bool *)value;
    case OPTION_TEXT:
        return *(const char *const *)value != NULL;
    case OPTION_CHOICE:
        return *(const uint32_t *)value != 0;
    default:
        return *(const uint64_t *)value != 0;
    }
}

static void print_choice(const char *choices, uint32_t index, FILE *to)
{
    for (; index > 0; index--)
        choices += strcspn(choices, "|") + 1;
    fprintf(to, "%.*s", (int)strcspn(choices, "|"), choices);
}

void options_print_value(const struct option_row *row, const void *options, FILE *to)
{
    const void *value = (const char *)options + row->offset;
    if (row->type == OPTION_TEXT)
        fputs(*(const char *const *)value, to);
    else if (row->type == OPTION_FLAG)
        fputs(*(const bool *)value ? "true" : "false", to);
    else if (row->type == OPTION_CHOICE)
        print_choice(row->argument, *(const uint32_t *)value, to);
    else
        fprintf(to, "%llu", (unsigned long long)*(const uint64_t *)value);
}

// An option of that name, or where it has none of that letter.
static const struct option_row *find_option(const struct command *command, const char *name, size_t length, char letter)
{
    return length != 0 ? find_long(command, name, length) : find_short(command, letter);
}

// A command line that is being parsed.
struct parsing {
    const struct command *command;
    const struct command *const *family;
    struct diag *diag;
    int argc, at;
    char **argv;
    void *options;
    uint64_t given; // a bit for each row
};

// Those of its family that have the option, as "trace slice, trace merge". All commands of the program are none.
static bool list_owners(const struct parsing *p, const char *name, size_t length, char letter, char text[static 256])
{
    size_t used = 0, size = 256;
    *text = '\0';
    if (command_word(p->command) == p->command->name)
        return false;
    for (const struct command *const *s = p->family; *s != NULL; s++)
        if (find_option(*s, name, length, letter) != NULL && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used == 0 ? "" : ", ", (*s)->name);
    return used != 0;
}

static int unknown_letter(const struct parsing *p, const char *word)
{
    char owners[256];
    const char *name = p->command->name;
    if (list_owners(p, "", 0, word[1], owners))
        return diag_error(p->diag, COMMAND_LINE, "-%c is no option of %s, but of %s", word[1], name, owners);
    return diag_error(p->diag, COMMAND_LINE, "unknown option '%s'; see sqtail %s --help", word, name);
}

static int unknown_option(const struct parsing *p, const char *name, size_t length)
{
    const struct command *command = p->command;
    char owners[256], word[64] = "";
    const char *names[64] = {NULL};
    if (length != 0 && list_owners(p, name, length, 0, owners))
        return diag_error(p->diag, COMMAND_LINE, "--%.*s is no option of %s, but of %s", (int)length, name,
                          command->name, owners);
    for (size_t i = 0; i < command->row_count && i < ARRAY_SIZE(names) - 1; i++)
        names[i] = command->rows[i].name;
    strncat(word, name, MIN(length, sizeof word - 1));
    const char *nearest = diag_nearest(word, names);
    if (nearest == NULL)
        return diag_error(p->diag, COMMAND_LINE, "unknown option '--%s'; see sqtail %s --help", word, command->name);
    return diag_error(p->diag, COMMAND_LINE, "unknown option '--%s'; did you mean '--%s'?", word, nearest);
}

// Of two values for one thing the first must not go unnoticed.
static int mark_given(struct parsing *p, const struct option_row *row)
{
    uint64_t bit = UINT64_C(1) << (row - p->command->rows);
    bool again = (p->given & bit) != 0 && row->type != OPTION_TEXTS && row->type != OPTION_FLAG;
    p->given |= bit;
    return again ? diag_error(p->diag, COMMAND_LINE, "--%s is given twice", row->name) : 0;
}

// The row of an option, and what stands in the same word behind it, or NULL. NULL with the reason where there is none.
static const struct option_row *find_row(struct parsing *p, const char *word, const char **text)
{
    bool is_long = word[1] == '-';
    size_t length = is_long ? strcspn(word + 2, "=") : 0;
    const struct option_row *row = is_long ? find_long(p->command, word + 2, length) : find_short(p->command, word[1]);
    *text = is_long ? word + 2 + length + 1 : word + 2;
    if (is_long ? word[2 + length] == '\0' : word[2] == '\0')
        *text = NULL;
    if (row == NULL && is_long)
        unknown_option(p, word + 2, length);
    else if (row == NULL)
        unknown_letter(p, word);
    return row;
}

// One option at argv[at]; moves `at` past what it took.
static int parse_option(struct parsing *p)
{
    const char *text;
    const struct option_row *row = find_row(p, p->argv[p->at++], &text);
    if (row == NULL)
        return -1;
    if (row->type == OPTION_FLAG && text != NULL)
        return diag_error(p->diag, COMMAND_LINE, "--%s takes no value", row->name);
    if (row->type != OPTION_FLAG && text == NULL && p->at == p->argc)
        return diag_error(p->diag, COMMAND_LINE, "--%s wants a value: %s", row->name, row->argument);
    if (row->type != OPTION_FLAG && text == NULL)
        text = p->argv[p->at++];
    if (mark_given(p, row) != 0)
        return -1;
    return options_take(row, p->options, row->type == OPTION_FLAG ? "true" : text, COMMAND_LINE, p->diag);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

// A job without its quotes gives an argument a word.
static int too_many(struct diag *diag, const struct command *command, const char *word)
{
    if (strchr(word, '=') != NULL && find_long(command, "job", 3) != NULL)
        return diag_error(diag, COMMAND_LINE, "'%s' is one argument too many; the words of a job are one value, in "
                          "quotes: --job \"rw=randread bs=4k\"", word);
    return diag_error(diag, COMMAND_LINE, "'%s' is one argument too many; usage: sqtail %s%s%s", word, command->name,
                      command->arguments[0] == '\0' ? "" : " ", command->arguments);
}

static int check_count(const struct command *command, struct diag *diag, char **argv, size_t count)
{
    if (count < command->min_arguments)
        return diag_error(diag, COMMAND_LINE, "%s; usage: sqtail %s %s",
                          count == 0 ? "an argument is missing" : "one more argument is needed", command->name,
                          command->arguments);
    return count > command->max_arguments ? too_many(diag, command, argv[command->max_arguments]) : 0;
}

int options_parse(const struct command *command, const struct command *const *family, struct diag *diag, int argc,
                  char **argv, void *options, size_t *count)
{
    struct parsing p = {.command = command, .family = family, .diag = diag, .argc = argc, .at = 1, .argv = argv,
                        .options = options};
    bool only_arguments = false;
    int failed = 0;
    *count = 0;
    while (p.at < argc) {
        if (!only_arguments && is_help(argv[p.at])) {
            options_print_help(command, stdout);
            return 1;
        }
        if (!only_arguments && strcmp(argv[p.at], "--") == 0) {
            only_arguments = true;
            p.at++;
        } else if (!only_arguments && argv[p.at][0] == '-' && argv[p.at][1] != '\0') {
            failed |= parse_option(&p);
        } else {
            argv[(*count)++] = argv[p.at++];
        }
    }
    argv[*count] = NULL;
    // Where that failed, what stands alone may be the value of an option that is unknown.
    return failed != 0 ? failed : check_count(command, diag, argv, *count);
}

static bool is_plain(const char *word)
{
    return word[0] != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                               "_-+./=:,%@")] == '\0';
}

void options_print_quoted(const char *word, FILE *to)
{
    if (is_plain(word)) {
        fputs(word, to);
        return;
    }
    fputc('\'', to);
    for (const char *c = word; *c != '\0'; c++)
        fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, to);
    fputc('\'', to);
}

const char *options_input_path(const char *text)
{
    return strcmp(text, "-") == 0 ? "/dev/stdin" : text;
}

bool options_takes_escapes(int file)
{
    const char *term = getenv("TERM");
    return isatty(file) && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

bool options_want_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return options_takes_escapes(STDOUT_FILENO) && (no_colour == NULL || *no_colour == '\0');
}

static void print_row_name(const struct option_row *row, char *text, size_t size)
{
    int length = row->letter != 0 ? snprintf(text, size, "-%c, ", row->letter) : snprintf(text, size, "    ");
    snprintf(text + length, size - (size_t)length, row->argument != NULL ? "--%s %s" : "--%s", row->name,
             row->argument);
}

enum { HELP_WIDTH = 100, HELP_INDENT = 34 };

// `text` from the column `indent` on, broken between words.
static void print_wrapped(const char *text, int indent, FILE *to)
{
    int column = indent;
    for (; *text != '\0'; text += strspn(text, " ")) {
        int length = (int)strcspn(text, " ");
        if (column > indent && column + 1 + length > HELP_WIDTH) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
        }
        column += fprintf(to, "%s%.*s", column > indent ? " " : "", length, text);
        text += length;
    }
    fputc('\n', to);
}

// Arguments that are too long for a line are broken behind one of their choices.
static void print_usage(const struct command *command, FILE *to)
{
    const char *text = command->arguments;
    int indent = fprintf(to, "usage: sqtail %s ", command->name), room = HELP_WIDTH - indent;
    for (int length; (int)strlen(text) > room; text += length) {
        for (length = room; length > 0 && text[length - 1] != '|'; length--)
            ;
        if (length == 0)
            break;
        fprintf(to, "%.*s\n%*s", length, text, indent, "");
    }
    fprintf(to, "%s\n\n%s\n\n", text, command->summary);
}

static void print_family(const struct command *command, FILE *to)
{
    print_usage(command, to);
    for (const struct command *const *s = command->subcommands; *s != NULL; s++)
        print_wrapped((*s)->summary, fprintf(to, "  %-12s  ", command_word(*s)), to);
    fprintf(to, "  %-12s  Show this help; behind one of the words its own.\n", "-h, --help");
    if (command->example != NULL)
        fprintf(to, "\nexample:\n  %s\n", command->example);
}

void options_print_help(const struct command *command, FILE *to)
{
    if (command->subcommands != NULL) {
        print_family(command, to);
        return;
    }
    print_usage(command, to);
    for (size_t i = 0; i < command->row_count; i++) {
        char name[128];
        print_row_name(&command->rows[i], name, sizeof name);
        if (strlen(name) > HELP_INDENT - 4)
            fprintf(to, "  %s\n%*s", name, HELP_INDENT, "");
        else
            fprintf(to, "  %-*s", HELP_INDENT - 2, name);
        print_wrapped(command->rows[i].help, HELP_INDENT, to);
    }
    fprintf(to, "  %-*sShow this help.\n", HELP_INDENT - 2, "-h, --help");
    if (command->example != NULL)
        fprintf(to, "\nexample:\n  %s\n", command->example);
}

// man(7) takes a dash for a hyphen and a dot at the start of a line for a request.
void options_print_escaped(const char *text, FILE *to)
{
    for (; *text != '\0'; text++) {
        if (*text == '-' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
}

static void print_man_rows(const struct command *command, FILE *to)
{
    for (size_t i = 0; i < command->row_count; i++) {
        char name[128];
        print_row_name(&command->rows[i], name, sizeof name);
        fputs(".TP\n.B ", to);
        options_print_escaped(name + strspn(name, " "), to);
        fputs("\n", to);
        options_print_escaped(command->rows[i].help, to);
        fputs("\n", to);
    }
}

void options_print_man(const struct command *command, FILE *to)
{
    fprintf(to, ".SS sqtail %s ", command->name);
    options_print_escaped(command->arguments, to);
    fputs("\n", to);
    options_print_escaped(command->summary, to);
    fputs("\n", to);
    if (command->details != NULL) {
        fputs(".PP\n", to);
        options_print_escaped(command->details, to);
        fputs("\n", to);
    }
    if (command->example != NULL) {
        fputs(".PP\nExample:\n.PP\n.nf\n", to);
        options_print_escaped(command->example, to);
        fputs("\n.fi\n", to);
    }
    print_man_rows(command, to);
    for (const struct command *const *s = command->subcommands; s != NULL && *s != NULL; s++)
        options_print_man(*s, to);
}
