// sqtail: the program. Finds the subcommand and runs it.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "util/alloc.h"
#include "util/version.h"

// In the order in which help shows them.
static const struct command *const commands[] = {
    &command_run,    &command_curve,     &command_sweep, &command_compare,    &command_plot,
    &command_report, &command_calibrate, &command_pts,  &command_check, &command_schema,     &command_list,
    &command_trace,  &command_nvme,      &command_man,       &command_completion, NULL,
};

static void print_usage(FILE *to)
{
    fprintf(to, "usage: sqtail COMMAND ...\n\nsqtail simulates an NVMe SSD, command by command, and shows where the "
                "latency comes from.\n\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(to, "  %-10s  %s\n", commands[i]->name, commands[i]->summary);
    fprintf(to, "\nsqtail COMMAND --help tells more. First try:\n"
                "  sqtail run tiny.yaml --job \"rw=randread bs=4k iodepth=8 number_ios=10000\"\n");
}

static int unknown_command(const char *name)
{
    const char *nearest = command_nearest(commands, name);
    if (name[0] == '-') {
        fprintf(stderr, "sqtail: error: options come after a command, not '%s'; see sqtail --help\n", name);
        return EXIT_USER_ERROR;
    }
    fprintf(stderr, "sqtail: error: unknown command '%s'", name);
    fprintf(stderr, nearest != NULL ? "; did you mean '%s'?\n" : "; see sqtail --help\n", nearest);
    return EXIT_USER_ERROR;
}

static int help_for(const char *name)
{
    const struct command *command = command_find(commands, name);
    if (command == NULL)
        return unknown_command(name);
    options_print_help(command, stdout);
    return EXIT_SUCCESS;
}

static int unknown_subcommand(const struct command *family, const char *word)
{
    const char *nearest = command_nearest(family->subcommands, word);
    fprintf(stderr, "sqtail: error: ");
    if (*word == '-')
        fprintf(stderr, "unknown option '%s': ", word);
    fprintf(stderr, "%s wants ", family->name);
    for (const struct command *const *s = family->subcommands; *s != NULL; s++)
        fprintf(stderr, "%s%s", s == family->subcommands ? "" : s[1] == NULL ? " or " : ", ", command_word(*s));
    if (*word == '-')
        fprintf(stderr, " first\n");
    else
        fprintf(stderr, nearest != NULL ? "; did you mean '%s'?\n" : ", not '%s'\n", nearest != NULL ? nearest : word);
    return EXIT_USER_ERROR;
}

// The command line as a shell would take it again.
static char *quote_line(const struct command *command, int argc, char **argv)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    fprintf(to, "sqtail %s", command->name);
    for (int i = 1; i < argc; i++) {
        fputc(' ', to);
        options_print_quoted(argv[i], to);
    }
    fclose(to);
    return text;
}

static int run_command(const struct command *command, const struct command *const *family, int argc, char **argv)
{
    struct diag *diag = diag_create();
    void *options = xcalloc(1, command->options_bytes + 1);
    char *line = quote_line(command, argc, argv);
    size_t count = 0;
    int parsed = options_parse(command, family, diag, argc, argv, options, &count);
    diag_print(diag, stderr);
    diag_destroy(diag);
    int code = EXIT_USER_ERROR;
    if (parsed == 0)
        code = command->run(&(struct invocation){command, options, argv, count, line, commands});
    else if (parsed > 0)
        code = EXIT_SUCCESS;
    free(line);
    free(options);
    return code;
}

// A command of several is told by the word behind it.
static int run_one_of(const struct command *family, int argc, char **argv)
{
    bool helped = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    if (argc < 2 || helped) {
        options_print_help(family, helped ? stdout : stderr);
        return helped ? EXIT_SUCCESS : EXIT_USER_ERROR;
    }
    const struct command *command = command_find(family->subcommands, argv[1]);
    if (command == NULL)
        return unknown_subcommand(family, argv[1]);
    return run_command(command, family->subcommands, argc - 1, argv + 1);
}

// A reader that has gone away, as head does, is no error but a signal, as for programs that do not ignore it.
static void end_as_unread(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&output, 1, 0) != 1 || !(output.revents & POLLERR))
        return;
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

// What was printed must have reached its reader: a full disk is an error, not a short file, and a verdict that nobody
// could read is none.
static int finish_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    int error = errno;
    end_as_unread();
    errno = error;
    perror("sqtail: error: standard output");
    return code == EXIT_SUCCESS || code == EXIT_FAILURE ? EXIT_USER_ERROR : code;
}

// A standard file that the caller has closed would be the first file that is opened here, and what is said on it would
// end in a result. Reading from /dev/null is an error for who prints; who talks may talk to nobody.
static void open_standard_files(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
        if (fcntl(file, F_GETFD) < 0 && open("/dev/null", modes[file]) != file)
            _exit(EXIT_USER_ERROR);
}

int main(int argc, char **argv)
{
    open_standard_files();
    signal(SIGCHLD, SIG_DFL); // whoever started us: how the runs of a curve and gnuplot end must be seen
    signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error where it is written, not the end
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USER_ERROR;
    }
    if (argc == 3 && strcmp(argv[1], "help") == 0)
        return finish_output(help_for(argv[2]));
    bool alone = argc == 2;
    if (alone && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)) {
        print_usage(stdout);
        return finish_output(EXIT_SUCCESS);
    }
    if (alone && strcmp(argv[1], "--version") == 0) {
        printf("sqtail %s (commit %s)\n", version_release, version_commit);
        return finish_output(EXIT_SUCCESS);
    }
    const struct command *command = command_find(commands, argv[1]);
    if (command == NULL)
        return unknown_command(argv[1]);
    if (command->subcommands != NULL)
        return finish_output(run_one_of(command, argc - 1, argv + 1));
    return finish_output(run_command(command, commands, argc - 1, argv + 1));
}
