// The folders of shipped configurations: the user's own choice, where they are installed, a source folder.
#define _GNU_SOURCE // asprintf, scandir
#include "cli/find_config.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/alloc.h"

enum { FOLDERS_MAX = 5, NAMES_MAX = 64 };

#define SUFFIX ".yaml"

static size_t list_folders(const char *folders[FOLDERS_MAX])
{
    size_t count = 0;
    if (getenv("SQTAIL_CONFIGS") != NULL)
        folders[count++] = getenv("SQTAIL_CONFIGS");
    folders[count++] = "configs";
    folders[count++] = "../configs";
    folders[count++] = "../../configs"; // in a build folder of a source folder
    folders[count++] = PKGDATADIR "/configs";
    return count;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && strcmp(text + length - end_length, end) == 0;
}

static char *in_folder(const char *folder, const char *name, const char *suffix)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s%s", folder, name, suffix) < 0)
        abort();
    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

static char *find_shipped(const char *name)
{
    const char *folders[FOLDERS_MAX];
    size_t count = list_folders(folders);
    for (size_t i = 0; i < count; i++) {
        char *path = in_folder(folders[i], name, "");
        if (path == NULL && !ends_with(name, SUFFIX))
            path = in_folder(folders[i], name, SUFFIX);
        if (path != NULL)
            return path;
    }
    return NULL;
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
    if (strchr(name, '/') != NULL || access(name, F_OK) == 0)
        return xstrdup(name);
    char *path = find_shipped(name);
    if (path == NULL)
        tell_missing(name, diag);
    return path;
}

static int is_config(const struct dirent *entry)
{
    return ends_with(entry->d_name, SUFFIX);
}

// The first folder that has any: those further back are other copies of the same.
void find_config_visit(find_config_visit_fn *visit, void *context)
{
    const char *folders[FOLDERS_MAX];
    size_t folder_count = list_folders(folders);
    for (size_t i = 0; i < folder_count; i++) {
        struct dirent **entries = NULL;
        int count = scandir(folders[i], &entries, is_config, alphasort);
        for (int e = 0; e < count; e++) {
            char *path = in_folder(folders[i], entries[e]->d_name, "");
            if (path != NULL)
                visit(context, entries[e]->d_name, path);
            free(path);
            free(entries[e]);
        }
        free(entries);
        if (count > 0)
            return;
    }
}
