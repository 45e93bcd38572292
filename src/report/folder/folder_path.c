// Paths of result folders: their names, the folders above and beside them, and what lies below.
#define _GNU_SOURCE // nftw
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/folder/folder_internal.h"
#include "util/alloc.h"

int folder_error(struct diag *diag, const char *path, const char *what)
{
    return diag_error(diag, (struct place){.file = path}, "%s: %s", what, strerror(errno));
}

bool folder_is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

char *folder_without_slashes(const char *path)
{
    char *copy = xstrdup(path);
    for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/';)
        copy[--length] = '\0';
    return copy;
}

char *folder_sibling(const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/');
    int parent = slash == NULL ? 0 : (int)(slash + 1 - path);
    return xformat("%.*s.%s.%s", parent, path, path + parent, suffix);
}

int folder_make_parents(const char *path, struct diag *diag)
{
    char *parent = xstrdup(path);
    int result = 0;
    for (char *slash = strchr(parent + 1, '/'); slash != NULL && result == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(parent, 0777) != 0 && errno != EEXIST)
            result = folder_error(diag, parent, "cannot make this folder");
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

void folder_remove_tree(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
