// sqtail completion: what a shell needs to complete a command line, from the tables that parse it.
//
// Words of a choice, keys of the configuration after --set, kinds of plots after --kind, names of files. In place of a
// configuration also those that come with sqtail, which are asked for when they are needed.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/session/session.h"
#include "report/plot/plots.h"

// --- words ---------------------------------------------------------------------------------------------------------

// The words of "a|b|c", or of what stands so at the beginning of a command's arguments, as in "[a|b] PATH", with blanks
// between them. Prints nothing when there are none.
static void put_choice(const char *text, FILE *to)
{
    const char *begin = text + strspn(text, "["), *end = begin + strcspn(begin, " ]");
    if (memchr(begin, '|', (size_t)(end - begin)) == NULL || !islower((unsigned char)*begin))
        return;
    for (; begin < end; begin++)
        fputc(*begin == '|' ? ' ' : *begin, to);
}

static bool has_choice(const char *text)
{
    return strchr(text, '|') != NULL && islower((unsigned char)text[strspn(text, "[")]);
}

// What may stand first: the words of a command of several, or the choice of one that has no such.
static void put_first_words(const struct command *command, FILE *to)
{
    if (command->subcommands == NULL)
        put_choice(command->arguments, to);
    for (const struct command *const *s = command->subcommands; s != NULL && *s != NULL; s++)
        fprintf(to, "%s ", command_word(*s));
}

static bool takes_config(const struct command *command)
{
    return strstr(command->arguments, "CONFIG") != NULL;
}

static void put_keys(FILE *to)
{
    struct config_section sections[MACHINE_SECTIONS_MAX];
    machine_get_sections(sections);
    for (const struct config_section *section = sections; section->name != NULL; section++)
        for (size_t i = 0; i < section->field_count; i++)
            fprintf(to, "%s%s%s= ", section->name, *section->name == '\0' ? "" : ".", section->fields[i].key);
}

static void put_kinds(FILE *to)
{
    for (const struct plot_row *row = plot_rows; row->kind != NULL; row++)
        if (row == plot_rows || strcmp(row->kind, row[-1].kind) != 0)
            fprintf(to, "%s ", row->kind);
}

// What an option's value is completed with.
enum value { VALUE_NOTHING, VALUE_WORDS, VALUE_KEYS, VALUE_KINDS, VALUE_FILES };

static enum value value_of(const struct option_row *row)
{
    static const struct {
        const char *part; // of what help shows for it
        enum value value;
    } values[] = {{"KEY=", VALUE_KEYS}, {"KIND", VALUE_KINDS}, {"FILE", VALUE_FILES}, {"DIR", VALUE_FILES},
                  {"PATH", VALUE_FILES}, {"CONFIG", VALUE_FILES}};
    if (row->type == OPTION_CHOICE)
        return VALUE_WORDS;
    for (size_t i = 0; i < ARRAY_SIZE(values); i++)
        if (strstr(row->argument, values[i].part) != NULL)
            return values[i].value;
    return VALUE_NOTHING;
}

// The words of a choice, or the kinds.
static void put_value_words(const struct option_row *row, FILE *to)
{
    if (value_of(row) == VALUE_KINDS)
        put_kinds(to);
    for (const char *c = row->argument; value_of(row) == VALUE_WORDS && *c != '\0'; c++)
        fputc(*c == '|' ? ' ' : *c, to);
}

// --- bash ----------------------------------------------------------------------------------------------------------

static void put_bash_options(const struct command *command)
{
    printf("    '%s') options='", command->name);
    for (size_t i = 0; i < command->row_count; i++)
        printf("--%s ", command->rows[i].name);
    printf("--help' words='");
    put_first_words(command, stdout);
    printf("'%s ;;\n", takes_config(command) ? " configs=yes" : "");
    for (const struct command *const *s = command->subcommands; s != NULL && *s != NULL; s++)
        put_bash_options(*s);
}

// What the word after an option is completed with, where it is no name of a file.
static void put_bash_value(const struct command *command, const struct option_row *row)
{
    enum value value = row->type == OPTION_FLAG ? VALUE_NOTHING : value_of(row);
    if (value == VALUE_NOTHING || value == VALUE_FILES)
        return;
    printf("    '%s --%s'", command->name, row->name);
    if (row->letter != 0)
        printf("|'%s -%c'", command->name, row->letter);
    if (value == VALUE_KEYS) {
        fputs(") values=$keys; compopt -o nospace ;;\n", stdout);
        return;
    }
    fputs(") values='", stdout);
    put_value_words(row, stdout);
    fputs("' ;;\n", stdout);
}

static void put_bash_values(const struct command *command)
{
    for (size_t i = 0; i < command->row_count; i++)
        put_bash_value(command, &command->rows[i]);
    for (const struct command *const *s = command->subcommands; s != NULL && *s != NULL; s++)
        put_bash_values(*s);
}

// Behind the word of a command of several it is that command that is completed.
static void put_bash_families(const struct command *const *commands)
{
    for (; *commands != NULL; commands++)
        if ((*commands)->subcommands != NULL)
            printf("    [[ $command == %s ]] && ((COMP_CWORD > 2)) && command+=\" ${COMP_WORDS[2]}\"\n",
                   (*commands)->name);
}

static void print_bash(const struct command *const *commands)
{
    puts("# Completion of sqtail for bash, made by: sqtail completion bash\n_sqtail()\n{\n"
         "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}\n"
         "    local options= words= values= configs= commands keys");
    fputs("    commands='", stdout);
    for (size_t i = 0; commands[i] != NULL; i++)
        printf("%s ", commands[i]->name);
    fputs("help'\n    keys='", stdout);
    put_keys(stdout);
    puts("'\n    COMPREPLY=()\n    if ((COMP_CWORD == 1)); then\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$commands --help --version\" -- \"$current\")\n"
         "        return\n    fi");
    put_bash_families(commands);
    puts("    case $command in");
    for (size_t i = 0; commands[i] != NULL; i++)
        put_bash_options(commands[i]);
    puts("    help) words=$commands ;;\n    esac\n    case \"$command $previous\" in");
    for (size_t i = 0; commands[i] != NULL; i++)
        put_bash_values(commands[i]);
    puts("    esac\n    if [[ $values ]]; then\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$current\")\n"
         "    elif [[ $current == -* ]]; then\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
         "    else\n"
         "        [[ $configs ]] && words+=\" $(\"${COMP_WORDS[0]}\" list config 2> /dev/null |\n"
         "            sed -n 's/^  \\([^ ]*\\).*/\\1/p')\"\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\"; compgen -f -- \"$current\")\n"
         "        compopt -o filenames\n    fi\n}\ncomplete -F _sqtail sqtail");
}

// --- zsh -----------------------------------------------------------------------------------------------------------

// Words in single quotes, within which a specification has its own signs.
static void put_zsh_words(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            printf(strchr("[]:\\", *text) != NULL ? "\\%c" : "%c", *text);
}

// An option in both its forms; one that is there already is not offered again, unless it may be repeated.
static void put_zsh_name(const struct option_row *row)
{
    const char *again = row->type == OPTION_TEXTS ? "*" : "", *equals = row->type == OPTION_FLAG ? "" : "=";
    if (row->letter == 0)
        printf("        '%s--%s%s[", again, row->name, equals);
    else if (*again != '\0')
        printf("        '*'{-%c+,--%s=}'[", row->letter, row->name);
    else
        printf("        '(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter, *equals == '\0' ? "" : "+",
               row->name, equals);
}

static void put_zsh_value(const struct option_row *row)
{
    static const char *const actions[] = {
        [VALUE_NOTHING] = " ", [VALUE_WORDS] = "(", [VALUE_KEYS] = "_sqtail_keys", [VALUE_KINDS] = "(",
        [VALUE_FILES] = "_files"};
    const char *action = actions[value_of(row)];
    putchar(':');
    put_zsh_words(row->argument);
    printf(":%s", action);
    put_value_words(row, stdout);
    fputs(*action == '(' ? ")" : "", stdout);
}

static void put_zsh_option(const struct option_row *row)
{
    put_zsh_name(row);
    put_zsh_words(row->help);
    putchar(']');
    if (row->type != OPTION_FLAG)
        put_zsh_value(row);
    puts("' \\");
}

static void put_zsh_summaries(const struct command *const *commands)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        printf("        '%s:", command_word(commands[i]));
        put_zsh_words(commands[i]->summary);
        puts("'");
    }
}

static void put_zsh_arguments(const struct command *command)
{
    puts("        _arguments -S \\");
    for (size_t i = 0; i < command->row_count; i++)
        put_zsh_option(&command->rows[i]);
    if (has_choice(command->arguments)) {
        fputs("        '1: :(", stdout);
        put_choice(command->arguments, stdout);
        puts(")' \\");
    }
    puts(takes_config(command) ? "        '*:configuration:_sqtail_configs' ;;" : "        '*:file:_files' ;;");
}

static void put_zsh_command(const struct command *command)
{
    printf("    %s)\n        shift words; ((CURRENT--))\n", command_word(command));
    if (command->subcommands == NULL) {
        put_zsh_arguments(command);
        return;
    }
    puts("        commands=(");
    put_zsh_summaries(command->subcommands);
    puts("        )\n        if ((CURRENT == 2)); then\n            _describe command commands\n            return\n"
         "        fi\n        case $words[2] in");
    for (const struct command *const *s = command->subcommands; *s != NULL; s++)
        put_zsh_command(*s);
    puts("        esac ;;");
}


static void print_zsh(const struct command *const *commands)
{
    puts("#compdef sqtail\n# Completion of sqtail for zsh, made by: sqtail completion zsh\n"
         "_sqtail_keys()\n{\n    local -a keys=(");
    put_keys(stdout);
    puts("\n    )\n    compadd -S '' -a keys\n}\n"
         "_sqtail_configs()\n{\n"
         "    local -a configs=(${(f)\"$($program list config 2> /dev/null | sed -n 's/^  \\([^ ]*\\).*/\\1/p')\"})\n"
         "    _alternative 'files:file:_files' 'configs:configuration that comes with sqtail:compadd -a configs'\n}\n"
         "_sqtail()\n{\n    local program=$words[1]\n    local -a commands");
    puts("    commands=(");
    put_zsh_summaries(commands);
    puts("    )\n    if ((CURRENT == 2)); then\n        _describe command commands\n        return\n    fi\n"
         "    case $words[2] in");
    for (size_t i = 0; commands[i] != NULL; i++)
        put_zsh_command(commands[i]);
    puts("    help) _describe command commands ;;\n    esac\n}\n_sqtail \"$@\"");
}

// --- the command ---------------------------------------------------------------------------------------------------

static int run(const struct invocation *call)
{
    const char *shell = call->arguments[0];
    if (strcmp(shell, "bash") == 0) {
        print_bash(call->commands);
    } else if (strcmp(shell, "zsh") == 0) {
        print_zsh(call->commands);
    } else {
        fprintf(stderr, "sqtail: error: there is a completion for bash and for zsh, not for '%s'\n", shell);
        return EXIT_USER_ERROR;
    }
    return EXIT_SUCCESS;
}

const struct command command_completion = {
    .name = "completion",
    .arguments = "bash|zsh",
    .summary = "Print what a shell needs to complete sqtail's command lines.",
    .details = "It is installed with sqtail where shells look for it. By hand: eval \"$(sqtail completion bash)\", or "
               "put what it prints for zsh into a file _sqtail in a folder of $fpath.",
    .example = "eval \"$(sqtail completion bash)\"",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
