// Result folders: written beside their place, renamed into it, never in the place of somebody else's files.
//
// An older result is moved aside first and removed last, so that at every moment one complete result can be found. Of
// the older folder only what results consist of is removed; any other file in it moves to the new one. A result that
// grows, as a curve does, is then written to in its place, each file under another name until it is complete.
#include "report/folder/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/folder/folder_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

static int fail(struct folder *folder, const char *path, const char *what)
{
    folder->failed = true;
    return folder_error(folder->diag, path, what);
}

// --- making --------------------------------------------------------------------------------------------------------

// A sibling of this process.
static char *own_sibling(const char *path, const char *suffix)
{
    char *own = xformat("%s-%ld", suffix, (long)getpid()), *sibling = folder_sibling(path, own);
    free(own);
    return sibling;
}

static void release(struct folder *folder)
{
    free(folder->path);
    free(folder->temporary);
}

static int make_temporary(struct folder *folder)
{
    if (folder_make_parents(folder->path, folder->diag) != 0)
        return -1;
    folder_remove_tree(folder->temporary);
    char *plots = xformat("%s/plots", folder->temporary);
    int result = mkdir(folder->temporary, 0777);
    if (result == 0)
        result = mkdir(plots, 0777);
    if (result != 0)
        fail(folder, folder->path, "cannot make this folder");
    free(plots);
    return result;
}

int folder_begin(struct folder *folder, const char *path, struct diag *diag)
{
    *folder = (struct folder){.path = folder_without_slashes(path), .diag = diag};
    folder->temporary = own_sibling(folder->path, "new");
    if (folder_check_place(folder->path, diag) == 0 && make_temporary(folder) == 0)
        return 0;
    release(folder);
    return -1;
}

void folder_reopen(struct folder *folder, const char *path, struct diag *diag)
{
    *folder = (struct folder){.path = folder_without_slashes(path), .in_place = true, .diag = diag};
    folder->temporary = xstrdup(folder->path);
    char *plots = xformat("%s/plots", folder->path);
    mkdir(plots, 0777); // there, as a rule; if not, opening what goes into it says why
    free(plots);
}

int folder_begin_plain(struct folder *folder, const char *path, struct diag *diag)
{
    *folder = (struct folder){.path = folder_without_slashes(path), .in_place = true, .diag = diag};
    folder->temporary = xstrdup(folder->path);
    if (folder_make_parents(folder->path, diag) == 0 && (mkdir(folder->path, 0777) == 0 || errno == EEXIST))
        return 0;
    fail(folder, folder->path, "cannot make this folder");
    release(folder);
    return -1;
}

char *folder_stage(const char *path)
{
    char *plain = folder_without_slashes(path), *stage = own_sibling(plain, "part");
    free(plain);
    return stage;
}

void folder_remove_stage(char *stage)
{
    folder_remove_tree(stage);
    free(stage);
}

static char *path_of(const struct folder *folder, const char *name)
{
    return xformat("%s/%s%s", folder->temporary, name, folder->in_place ? ".new" : "");
}

FILE *folder_open(struct folder *folder, const char *name)
{
    char *path = path_of(folder, name);
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
    char *path = path_of(folder, name), *place = xformat("%s/%s", folder->path, name);
    bool failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    if (failed && errno == 0)
        errno = EIO;
    if (!failed && folder->in_place)
        failed = rename(path, place) != 0;
    if (failed)
        fail(folder, place, "cannot write");
    if (failed && folder->in_place)
        remove(path);
    free(path);
    free(place);
}

int folder_take(struct folder *folder, const char *from, const char *name)
{
    char *place = xformat("%s/%s", folder->temporary, name);
    int result = folder_make_parents(place, folder->diag);
    if (folder->in_place)
        folder_remove_tree(place);
    if (result == 0 && rename(from, place) != 0)
        result = folder_error(folder->diag, place, "cannot put the result in its place");
    folder->failed |= result != 0;
    free(place);
    return result;
}

// --- replacing -----------------------------------------------------------------------------------------------------

static bool is_part_of_results(const char *name)
{
    static const char *const names[] = {"summary.json", "summary.txt", "stats.csv", "slowest.csv", "timeseries.csv", "host.json",
                                        "curve.json",   "curve.csv",  "utilization.csv",   "offsets.csv", "plots", "points",
                                        "pts.json",     "rounds.csv", "table.csv"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcmp(dot, ".hgrm") == 0 || strcmp(name, "curve.json.new") == 0 ||
                           strcmp(name, "curve.csv.new") == 0 || strcmp(name, "host.json.new") == 0);
}

bool folder_keep_other_files(const char *old, const char *new)
{
    bool all = true;
    DIR *dir = opendir(old);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (folder_is_dots(entry->d_name) || is_part_of_results(entry->d_name))
            continue;
        char *from = xformat("%s/%s", old, entry->d_name), *to = xformat("%s/%s", new, entry->d_name);
        all &= access(to, F_OK) != 0 && rename(from, to) == 0;
        free(from);
        free(to);
    }
    if (dir != NULL)
        closedir(dir);
    return all;
}

static int replace(struct folder *folder)
{
    char *old = own_sibling(folder->path, "old");
    int result = 0;
    if (rename(folder->path, old) != 0 && errno != ENOENT) {
        result = fail(folder, folder->path, "cannot replace the older result");
    } else if (rename(folder->temporary, folder->path) != 0) {
        result = fail(folder, folder->path, "cannot put the result in its place");
        rename(old, folder->path);
    } else if (folder_keep_other_files(old, folder->path)) {
        folder_remove_tree(old);
    } else {
        diag_warning(folder->diag, (struct place){.file = old}, "other files of the older result could not be moved "
                     "to the new one");
    }
    free(old);
    return result;
}

int folder_commit(struct folder *folder)
{
    int result = folder->failed ? -1 : 0;
    if (result == 0 && !folder->in_place)
        result = replace(folder);
    if (result != 0 && !folder->in_place)
        folder_remove_tree(folder->temporary);
    release(folder);
    return result;
}
