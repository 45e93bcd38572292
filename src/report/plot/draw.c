// Running gnuplot on the scripts of a result.
//
// One process draws them all in turn. It goes when we go, and is ended when it takes too long; a picture it was then
// working on is removed.
#define _GNU_SOURCE // pipe2, execvpe, memmem
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report/folder/folder_internal.h"
#include "report/report.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { SCRIPTS_MAX = 32, TALK_BYTES = 400, NO_GNUPLOT = 127 };

struct scripts {
    char *folder;
    char *names[SCRIPTS_MAX];
    int count;
};

// --- the scripts ---------------------------------------------------------------------------------------------------

static int is_script(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".gp") == 0;
}

static void find_all(struct scripts *scripts)
{
    struct dirent **entries = NULL;
    int count = scandir(scripts->folder, &entries, is_script, alphasort);
    for (int i = 0; i < count; i++) {
        if (i < SCRIPTS_MAX)
            scripts->names[scripts->count++] = xstrdup(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static struct scripts find_scripts(const struct report_scripts *wanted)
{
    struct scripts scripts = {.folder = xstrdup(wanted->folder)};
    if (wanted->names == NULL)
        find_all(&scripts);
    else
        for (size_t i = 0; i < MIN(wanted->count, SCRIPTS_MAX); i++)
            scripts.names[scripts.count++] = xformat("%s.gp", wanted->names[i]);
    return scripts;
}

static void free_scripts(struct scripts *scripts)
{
    for (int i = 0; i < scripts->count; i++)
        free(scripts->names[i]);
    free(scripts->folder);
}

// How a picture of each format ends.
static const struct ending {
    const char *suffix, *text;
} endings[] = {{"svg", "</svg>"}, {"png", "IEND"}, {"pdf", "%%EOF"}};

static bool ends_with(FILE *file, const char *text)
{
    char end[32];
    if (fseek(file, -(long)sizeof end, SEEK_END) != 0)
        rewind(file); // shorter than that
    size_t length = fread(end, 1, sizeof end, file);
    return memmem(end, length, text, strlen(text)) != NULL;
}

static void remove_if_unfinished(const struct scripts *scripts, const char *script, const struct ending *ending)
{
    char *path = xformat("%s/%.*s.%s", scripts->folder, (int)strlen(script) - 3, script, ending->suffix);
    FILE *file = fopen(path, "r");
    if (file != NULL && !ends_with(file, ending->text))
        unlink(path);
    if (file != NULL)
        fclose(file);
    free(path);
}

static void remove_unfinished(const struct scripts *scripts)
{
    for (int i = 0; i < scripts->count; i++)
        for (size_t k = 0; k < ARRAY_SIZE(endings); k++)
            remove_if_unfinished(scripts, scripts->names[i], &endings[k]);
}

// --- gnuplot -------------------------------------------------------------------------------------------------------

static NORETURN void become_gnuplot(const struct scripts *scripts, int talk)
{
    char *arguments[SCRIPTS_MAX + 3] = {"gnuplot", "-d"}; // -d: nothing from the user's own start-up files
    // Nothing of the user's environment, so that the plots do not depend on it; UTF-8, without which gnuplot warns.
    char *const environment[] = {"LC_ALL=C.UTF-8", NULL};
    for (int i = 0; i < scripts->count; i++)
        arguments[i + 2] = scripts->names[i];
    int nothing = open("/dev/null", O_RDONLY);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    if (dup2(nothing, STDIN_FILENO) < 0 || dup2(talk, STDOUT_FILENO) < 0 || dup2(talk, STDERR_FILENO) < 0 ||
        chdir(scripts->folder) != 0)
        _exit(EXIT_FAILURE);
    execvpe("gnuplot", arguments, environment);
    _exit(errno == ENOENT ? NO_GNUPLOT : EXIT_FAILURE);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Reads gnuplot's talk to its end, so that it never waits for us, and keeps the first line. Returns false when the time
// is over before.
static bool read_talk(int from, unsigned limit_s, char talk[TALK_BYTES])
{
    int64_t end = now_ms() + (int64_t)limit_s * 1000;
    size_t length = 0;
    for (;;) {
        char c;
        struct pollfd wait = {.fd = from, .events = POLLIN};
        int64_t left = end - now_ms();
        if (left <= 0)
            return false;
        if (poll(&wait, 1, (int)MIN(left, INT32_MAX)) <= 0)
            continue;
        ssize_t got = read(from, &c, 1);
        if (got == 0 || (got < 0 && errno != EINTR))
            break;
        if (got == 1 && length + 1 < TALK_BYTES && (length > 0 || c != '\n'))
            talk[length++] = c;
    }
    talk[length] = '\0';
    talk[strcspn(talk, "\n")] = '\0';
    return true;
}

static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

static void tell(const struct scripts *scripts, int status, const char *talk, struct diag *diag)
{
    struct place place = {.file = scripts->folder};
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_GNUPLOT)
        diag_warning(diag, place, "gnuplot was not found: the scripts are written, but not drawn (Debian: package "
                     "gnuplot-nox)");
    else if (status != 0 || *talk != '\0')
        diag_warning(diag, place, "gnuplot: %s", *talk == '\0' ? "failed" : talk);
}

void report_draw_scripts(const struct report_scripts *wanted, unsigned limit_s, struct diag *diag)
{
    int ends[2];
    char talk[TALK_BYTES] = "";
    struct scripts scripts = find_scripts(wanted);
    struct place place = {.file = scripts.folder};
    if (scripts.count > 0 && pipe2(ends, O_CLOEXEC) == 0) {
        pid_t child = fork();
        if (child == 0)
            become_gnuplot(&scripts, ends[1]);
        close(ends[1]);
        if (child < 0) {
            diag_warning(diag, place, "cannot run gnuplot: %s", strerror(errno));
        } else if (read_talk(ends[0], limit_s, talk)) {
            tell(&scripts, wait_for(child), talk, diag);
        } else {
            kill(child, SIGKILL);
            wait_for(child);
            remove_unfinished(&scripts);
            diag_warning(diag, place, "gnuplot did not end within %u s and was ended; the result itself is complete",
                         limit_s);
        }
        close(ends[0]);
    }
    free_scripts(&scripts);
}

void report_draw(const char *folder, unsigned limit_s, struct diag *diag)
{
    char *plots = xformat("%s/plots", folder);
    report_draw_scripts(&(struct report_scripts){.folder = plots}, limit_s, diag);
    free(plots);
}
