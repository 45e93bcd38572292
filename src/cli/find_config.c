// The folders of shipped configurations, in the order in which they are searched:
//
//   1. the user's own choice, SQTAIL_CONFIGS;
//   2. where this program's installation has them, wherever that is now: the way from the program to its data is the
//      one that configure was told, though the whole may have been moved;
//   3. the source folder in which the program was built;
//   4. where they were to be installed;
//   5. a source folder in which, or in a build folder of which, the user is.
//
// A source folder is one with configure.ac: a folder that only happens to be called configs is none.
#define _GNU_SOURCE // scandir
#include "cli/find_config.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { FOLDERS_MAX = 12, NAMES_MAX = 64 };

#define SUFFIX ".yaml"

struct folders {
    char *path[FOLDERS_MAX];
    size_t count;
};

// Takes the path over; one that is not there is dropped.
static void add_folder(struct folders *folders, char *path)
{
    char *real = realpath(path, NULL);
    free(path);
    if (real != NULL && folders->count < FOLDERS_MAX)
        folders->path[folders->count++] = real;
    else
        free(real);
}

static void add_if_source(struct folders *folders, const char *base, const char *up)
{
    char *mark = xformat("%s/%sconfigure.ac", base, up);
    if (access(mark, F_OK) == 0)
        add_folder(folders, xformat("%s/%sconfigs", base, up));
    free(mark);
}

static void add_source_around(struct folders *folders, const char *base)
{
    static const char *const ups[] = {"", "../", "../../"};
    for (size_t i = 0; i < ARRAY_SIZE(ups); i++)
        add_if_source(folders, base, ups[i]);
}

// From BINDIR up to the folder that it shares with PKGDATADIR, and down again, but from where the program is.
static void add_installed(struct folders *folders, const char *program)
{
    static const char from[] = BINDIR "/", to[] = PKGDATADIR;
    size_t common = 0;
    for (size_t i = 0; from[i] != '\0' && from[i] == to[i]; i++)
        if (from[i] == '/')
            common = i + 1;
    char *path = xstrdup(program);
    for (const char *slash = from + common; (slash = strchr(slash, '/')) != NULL; slash++) {
        char *up = xformat("%s/..", path);
        free(path);
        path = up;
    }
    add_folder(folders, xformat("%s/%s/configs", path, to + common));
    free(path);
}

static struct folders list_folders(void)
{
    struct folders folders = {.count = 0};
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[MAX(length, 0)] = '\0';
    char *slash = strrchr(program, '/');
    if (slash != NULL)
        *slash = '\0';
    if (getenv("SQTAIL_CONFIGS") != NULL)
        add_folder(&folders, xstrdup(getenv("SQTAIL_CONFIGS")));
    if (slash != NULL) {
        add_installed(&folders, program);
        add_source_around(&folders, program);
    }
    add_folder(&folders, xstrdup(PKGDATADIR "/configs"));
    add_source_around(&folders, ".");
    return folders;
}

static void free_folders(struct folders *folders)
{
    for (size_t i = 0; i < folders->count; i++)
        free(folders->path[i]);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && strcmp(text + length - end_length, end) == 0;
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

static char *in_folder(const char *folder, const char *name, const char *suffix)
{
    char *path = xformat("%s/%s%s", folder, name, suffix);
    if (is_file(path))
        return path;
    free(path);
    return NULL;
}

char *find_shipped_config(const char *name)
{
    struct folders folders = list_folders();
    char *path = NULL;
    bool inside = name[0] != '/' && strstr(name, "..") == NULL;
    for (size_t i = 0; inside && path == NULL && i < folders.count; i++) {
        path = in_folder(folders.path[i], name, "");
        if (path == NULL && !ends_with(name, SUFFIX))
            path = in_folder(folders.path[i], name, SUFFIX);
    }
    free_folders(&folders);
    return path;
}

struct names {
    char *name[NAMES_MAX + 1];
    size_t count;
};

static void keep_name(void *context, const char *name, const char *path)
{
    struct names *names = context;
    (void)path;
    if (names->count < NAMES_MAX)
        names->name[names->count++] = xstrdup(name);
}

static void tell_missing(const char *name, struct diag *diag)
{
    struct names names = {.count = 0};
    find_config_visit(keep_name, &names);
    const char *nearest = diag_nearest(name, (const char *const *)names.name);
    struct place place = {.file = name};
    if (nearest != NULL)
        diag_error(diag, place, "cannot read: no such file; did you mean the shipped '%s'?", nearest);
    else
        diag_error(diag, place, "cannot read: no such file, nor is it shipped with sqtail; see sqtail list config");
    for (size_t i = 0; i < names.count; i++)
        free(names.name[i]);
}

char *find_config(const char *name, struct diag *diag)
{
    if (is_file(name))
        return xstrdup(name);
    char *path = find_shipped_config(name);
    if (path != NULL)
        return path;
    if (strchr(name, '/') != NULL || access(name, F_OK) == 0)
        return xstrdup(name); // whoever reads it will say why that cannot be
    tell_missing(name, diag);
    return NULL;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

// Visits the configurations of a folder, and of those in it: parts of drives. Returns how many.
static size_t visit_folder(const char *folder, const char *below, find_config_visit_fn *visit, void *context)
{
    struct dirent **entries = NULL;
    size_t visited = 0;
    char *at = xformat("%s/%s", folder, below);
    int count = scandir(at, &entries, is_visible, alphasort);
    for (int e = 0; e < count; e++) {
        char *name = xformat("%s%s", below, entries[e]->d_name);
        char *inner = xformat("%s/", name), *path = in_folder(folder, name, "");
        if (path != NULL && ends_with(name, SUFFIX)) {
            visit(context, name, path);
            visited++;
        } else if (path == NULL && below[0] == '\0') {
            visited += visit_folder(folder, inner, visit, context);
        }
        free(path);
        free(inner);
        free(name);
        free(entries[e]);
    }
    free(entries);
    free(at);
    return visited;
}

// The first folder that has any: those further back are other copies of the same.
void find_config_visit(find_config_visit_fn *visit, void *context)
{
    struct folders folders = list_folders();
    for (size_t i = 0; i < folders.count; i++)
        if (visit_folder(folders.path[i], "", visit, context) > 0)
            break;
    free_folders(&folders);
}
