// Result folders: written beside their place, renamed into it, never in the place of somebody else's files.
//
// An older result is moved aside first and removed last, so that at every moment one complete result can be found. Of
// the older folder only what results consist of is removed; any other file in it moves to the new one.
#define _GNU_SOURCE // vasprintf, nftw
#include "report/folder.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "util/alloc.h"
#include "util/macros.h"

static char *text_of(const char *format, ...) PRINTF_LIKE(1, 2);

static char *text_of(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    va_end(arguments);
    return text;
}

static int fail(struct folder *folder, const char *path, const char *what)
{
    folder->failed = true;
    return diag_error(folder->diag, (struct place){.file = path}, "%s: %s", what, strerror(errno));
}

// --- what is there already -----------------------------------------------------------------------------------------

static bool has_our_schema(const char *folder, const char *name)
{
    char *path = text_of("%s/%s", folder, name);
    json_t *json = json_load_file(path, 0, NULL);
    const char *schema = json_string_value(json_object_get(json, "schema"));
    bool ours = schema != NULL && strncmp(schema, "sqtail.", 7) == 0;
    json_decref(json);
    free(path);
    return ours;
}

static bool is_result(const char *path)
{
    return has_our_schema(path, "summary.json") || has_our_schema(path, "curve.json");
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return false;
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        empty = empty && is_dots(entry->d_name);
    closedir(dir);
    return empty;
}

// "/", "." and ".." cannot be renamed.
static bool has_own_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    return name[0] != '\0' && !is_dots(name);
}

static int check_place(struct folder *folder)
{
    struct stat st;
    struct place place = {.file = folder->path};
    if (folder->path[0] == '\0')
        return diag_error(folder->diag, (struct place){.file = "--output"}, "wants the name of a folder");
    if (!has_own_name(folder->path))
        return diag_error(folder->diag, place, "results need a folder with a name of its own");
    if (lstat(folder->path, &st) != 0)
        return errno == ENOENT ? 0 : fail(folder, folder->path, "cannot write results here");
    if (!S_ISDIR(st.st_mode))
        return diag_error(folder->diag, place, "is not a folder; results are not written over it");
    if (!is_empty(folder->path) && !is_result(folder->path))
        return diag_error(folder->diag, place, "holds other files and no result; results are not written over it");
    return 0;
}

// The nearest folder above `path` that exists must take new entries.
static int check_parent(struct folder *folder)
{
    char *parent = xstrdup(folder->path);
    struct stat st;
    int result = 0;
    for (;;) {
        char *slash = strrchr(parent, '/');
        if (slash == NULL)
            strcpy(parent, ".");
        else
            slash[slash == parent] = '\0';
        if (stat(parent, &st) == 0)
            break;
        if (errno != ENOENT || slash == NULL || slash == parent) {
            result = fail(folder, folder->path, "cannot write results here");
            break;
        }
    }
    if (result == 0 && access(parent, W_OK | X_OK) != 0)
        result = fail(folder, folder->path, "cannot write results here");
    free(parent);
    return result;
}

// --- making --------------------------------------------------------------------------------------------------------

static int make_parents(struct folder *folder, const char *path)
{
    char *parent = xstrdup(path);
    int result = 0;
    for (char *slash = strchr(parent + 1, '/'); slash != NULL && result == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(parent, 0777) != 0 && errno != EEXIST)
            result = fail(folder, parent, "cannot make this folder");
        *slash = '/';
    }
    free(parent);
    return result;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static char *sibling(const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/');
    int parent = slash == NULL ? 0 : (int)(slash + 1 - path);
    return text_of("%.*s.%s.%s-%ld", parent, path, path + parent, suffix, (long)getpid());
}

static char *without_trailing_slashes(const char *path)
{
    char *copy = xstrdup(path);
    for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/';)
        copy[--length] = '\0';
    return copy;
}

static void release(struct folder *folder)
{
    free(folder->path);
    free(folder->temporary);
}

static int make_temporary(struct folder *folder)
{
    if (make_parents(folder, folder->path) != 0)
        return -1;
    remove_tree(folder->temporary);
    char *plots = text_of("%s/plots", folder->temporary);
    int result = mkdir(folder->temporary, 0777);
    if (result == 0)
        result = mkdir(plots, 0777);
    if (result != 0)
        fail(folder, folder->path, "cannot make this folder");
    free(plots);
    return result;
}

int folder_check(const char *path, struct diag *diag)
{
    struct folder folder = {.path = without_trailing_slashes(path), .diag = diag};
    int result = check_place(&folder);
    if (result == 0)
        result = check_parent(&folder);
    release(&folder);
    return result;
}

int folder_begin(struct folder *folder, const char *path, struct diag *diag)
{
    *folder = (struct folder){.path = without_trailing_slashes(path), .diag = diag};
    folder->temporary = sibling(folder->path, "new");
    if (check_place(folder) == 0 && make_temporary(folder) == 0)
        return 0;
    release(folder);
    return -1;
}

FILE *folder_open(struct folder *folder, const char *name)
{
    char *path = text_of("%s/%s", folder->temporary, name);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        fail(folder, path, "cannot write");
    free(path);
    return file;
}

void folder_close(struct folder *folder, FILE *file, const char *name)
{
    if (file == NULL)
        return;
    bool failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    if (failed)
        fail(folder, name, "cannot write");
}

// --- replacing -----------------------------------------------------------------------------------------------------

static bool is_part_of_results(const char *name)
{
    static const char *const names[] = {"summary.json", "summary.txt", "stats.csv", "timeseries.csv",
                                        "host.json",    "curve.json",  "curve.csv", "plots"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    const char *dot = strrchr(name, '.');
    return dot != NULL && strcmp(dot, ".hgrm") == 0;
}

static void keep_other_files(const char *old, const char *new)
{
    DIR *dir = opendir(old);
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (is_dots(entry->d_name) || is_part_of_results(entry->d_name))
            continue;
        char *from = text_of("%s/%s", old, entry->d_name), *to = text_of("%s/%s", new, entry->d_name);
        rename(from, to);
        free(from);
        free(to);
    }
    closedir(dir);
}

static int replace(struct folder *folder)
{
    char *old = sibling(folder->path, "old");
    int result = 0;
    if (rename(folder->path, old) != 0 && errno != ENOENT) {
        result = fail(folder, folder->path, "cannot replace the older result");
    } else if (rename(folder->temporary, folder->path) != 0) {
        result = fail(folder, folder->path, "cannot put the result in its place");
        rename(old, folder->path);
    } else {
        keep_other_files(old, folder->path);
        remove_tree(old);
    }
    free(old);
    return result;
}

int folder_commit(struct folder *folder)
{
    int result = folder->failed ? -1 : replace(folder);
    if (result != 0)
        remove_tree(folder->temporary);
    release(folder);
    return result;
}
