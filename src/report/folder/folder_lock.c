// One writer of a result folder at a time, and what writers that were killed have left beside it.
//
// The lock is a file beside the folder, locked as long as its owner lives, however it ends; the file goes with the
// lock. Who holds it knows that every temporary folder beside it has lost its owner. Where the file system cannot lock,
// the run goes on without, and removes nothing.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/folder/folder_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

struct folder_lock {
    char *path;
    int file; // -1: the file system cannot lock
};

// --- left-overs ----------------------------------------------------------------------------------------------------

// What follows ".NAME." in the name of a temporary folder of NAME, such as "new-1234"; NULL for any other.
static const char *temporary_suffix(const char *entry, const char *name)
{
    static const char *const kinds[] = {"new-", "old-", "part-"};
    size_t length = strlen(name);
    if (entry[0] != '.' || strncmp(entry + 1, name, length) != 0 || entry[1 + length] != '.')
        return NULL;
    const char *suffix = entry + length + 2;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const char *process = suffix + strlen(kinds[i]);
        if (strncmp(suffix, kinds[i], strlen(kinds[i])) == 0 && isdigit((unsigned char)*process) &&
            process[strspn(process, "0123456789")] == '\0')
            return suffix;
    }
    return NULL;
}

// A writer that was killed between its two renames has left the older result aside and nothing in its place; one that
// was killed after them, files in it that are not ours.
static void clean_one(const char *path, const char *left, const char *suffix)
{
    struct stat st;
    bool older = strncmp(suffix, "old-", 4) == 0, missing = lstat(path, &st) != 0 && errno == ENOENT;
    if (older && missing && rename(left, path) == 0)
        return;
    if (!older || folder_keep_other_files(left, path))
        folder_remove_tree(left);
}

static void clean(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    char *parent = slash == NULL ? xstrdup("./") : xformat("%.*s", (int)(slash + 1 - path), path);
    DIR *dir = opendir(parent);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        const char *suffix = temporary_suffix(entry->d_name, name);
        if (suffix == NULL)
            continue;
        char *left = xformat("%s%s", parent, entry->d_name);
        clean_one(path, left, suffix);
        free(left);
    }
    if (dir != NULL)
        closedir(dir);
    free(parent);
}

// --- locking -------------------------------------------------------------------------------------------------------

// Whether the file that was locked is still the one of that name: its owner removes it when it goes.
static bool is_current(int file, const char *path)
{
    struct stat opened, named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

static int tell_owner(const char *path, int file, struct diag *diag)
{
    char owner[24] = "";
    ssize_t length = pread(file, owner, sizeof owner - 1, 0);
    owner[length > 0 ? length : 0] = '\0';
    return diag_error(diag, (struct place){.file = path}, "another sqtail (process %s) is writing a result there",
                      *owner == '\0' ? "unknown" : owner);
}

static void sign(int file)
{
    char owner[24];
    int length = snprintf(owner, sizeof owner, "%ld", (long)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, owner, (size_t)length, 0) != length)
        return; // only for who reads the message
}

// Returns a locked file, -1 where files cannot be locked, or -2 with the reason in `diag`.
static int lock_file(const char *path, const char *lock_path, struct diag *diag)
{
    for (;;) {
        int file = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0) {
            folder_error(diag, path, "cannot write results here");
            return -2;
        }
        if (flock(file, LOCK_EX | LOCK_NB) == 0) {
            if (is_current(file, lock_path))
                return file;
            close(file);
            continue;
        }
        bool busy = errno == EWOULDBLOCK;
        if (busy)
            tell_owner(path, file, diag);
        else
            unlink(lock_path);
        close(file);
        return busy ? -2 : -1;
    }
}

struct folder_lock *folder_lock(const char *path, struct diag *diag)
{
    char *plain = folder_without_slashes(path), *lock_path = folder_sibling(plain, "lock");
    int file = folder_make_parents(plain, diag) == 0 ? lock_file(plain, lock_path, diag) : -2;
    if (file >= 0) {
        sign(file);
        clean(plain);
    }
    free(plain);
    if (file == -2) {
        free(lock_path);
        return NULL;
    }
    struct folder_lock *lock = xmalloc(sizeof *lock);
    *lock = (struct folder_lock){lock_path, file};
    return lock;
}

const char *folder_lock_path(const struct folder_lock *lock)
{
    return lock->path;
}

void folder_unlock(struct folder_lock *lock)
{
    if (lock == NULL)
        return;
    if (lock->file >= 0) {
        unlink(lock->path);
        close(lock->file);
    }
    free(lock->path);
    free(lock);
}
