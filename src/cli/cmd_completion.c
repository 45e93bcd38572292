// sqtail completion: what a shell needs to complete a command line, from the tables that parse it.
//
// Words of a choice, keys of the configuration after --set, and for everything else names of files. In place of a
// configuration also those that come with sqtail, which are asked for when they are needed.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/session.h"

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

// --- bash ----------------------------------------------------------------------------------------------------------

static void put_bash_options(const struct command *command)
{
    printf("    %s) options='", command->name);
    for (size_t i = 0; i < command->row_count; i++)
        printf("--%s ", command->rows[i].name);
    printf("--help' words='");
    put_choice(command->arguments, stdout);
    printf("'%s ;;\n", takes_config(command) ? " configs=yes" : "");
}

// What the word after an option is completed with, where it is no name of a file.
static void put_bash_value(const struct command *command, const struct option_row *row)
{
    bool is_set = strcmp(row->name, "set") == 0;
    if (row->type != OPTION_CHOICE && !is_set)
        return;
    printf("    '%s --%s'", command->name, row->name);
    if (row->letter != 0)
        printf("|'%s -%c'", command->name, row->letter);
    if (is_set) {
        fputs(") values=$keys; compopt -o nospace ;;\n", stdout);
        return;
    }
    fputs(") values='", stdout);
    for (const char *c = row->argument; *c != '\0'; c++)
        putchar(*c == '|' ? ' ' : *c);
    fputs("' ;;\n", stdout);
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
         "        return\n    fi\n"
         "    case $command in");
    for (size_t i = 0; commands[i] != NULL; i++)
        put_bash_options(commands[i]);
    puts("    help) words=$commands ;;\n    esac\n    case \"$command $previous\" in");
    for (size_t i = 0; commands[i] != NULL; i++)
        for (size_t k = 0; k < commands[i]->row_count; k++)
            put_bash_value(commands[i], &commands[i]->rows[k]);
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

static void put_zsh_option(const struct option_row *row)
{
    bool again = row->type == OPTION_TEXTS;
    printf("        '%s--%s[", again ? "*" : "", row->name);
    put_zsh_words(row->help);
    putchar(']');
    if (row->type != OPTION_FLAG) {
        putchar(':');
        put_zsh_words(row->argument);
        fputs(strcmp(row->name, "set") == 0 ? ":($keys)" : row->type == OPTION_CHOICE ? ":(" : ":_files", stdout);
        for (const char *c = row->argument; row->type == OPTION_CHOICE && *c != '\0'; c++)
            putchar(*c == '|' ? ' ' : *c);
        fputs(row->type == OPTION_CHOICE ? ")" : "", stdout);
    }
    puts("' \\");
}

static void put_zsh_command(const struct command *command)
{
    printf("    %s)\n        shift words; ((CURRENT--))\n        _arguments -S \\\n", command->name);
    for (size_t i = 0; i < command->row_count; i++)
        put_zsh_option(&command->rows[i]);
    if (has_choice(command->arguments)) {
        fputs("        '1: :(", stdout);
        put_choice(command->arguments, stdout);
        puts(")' \\");
    }
    puts("        '*:file:_files' ;;");
}

static void print_zsh(const struct command *const *commands)
{
    puts("#compdef sqtail\n# Completion of sqtail for zsh, made by: sqtail completion zsh\n_sqtail()\n{\n"
         "    local -a commands keys\n    commands=(");
    for (size_t i = 0; commands[i] != NULL; i++) {
        printf("        '%s:", commands[i]->name);
        put_zsh_words(commands[i]->summary);
        puts("'");
    }
    fputs("    )\n    keys=(", stdout);
    put_keys(stdout);
    puts(")\n    if ((CURRENT == 2)); then\n        _describe command commands\n        return\n    fi\n"
         "    case $words[2] in");
    for (size_t i = 0; commands[i] != NULL; i++)
        put_zsh_command(commands[i]);
    puts("    esac\n}\n_sqtail \"$@\"");
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
