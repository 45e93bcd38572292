// What can be known of a result folder before a long run, without touching anything.
#define _GNU_SOURCE // statx
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <jansson.h>

#include "report/folder/folder_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

// The longest name beside the folder is ".NAME.new-PROCESS"; below it, a point of a curve has the longest path. A
// result takes a few hundred KiB.
enum { BESIDE_BYTES = sizeof ".." "new-4194304" - 1, BELOW_BYTES = 128, SPACE_BYTES = 1 << 20 };

// --- the place -----------------------------------------------------------------------------------------------------

static bool has_our_schema(const char *folder, const char *name)
{
    char *path = xformat("%s/%s", folder, name);
    json_t *json = json_load_file(path, 0, NULL);
    const char *schema = json_string_value(json_object_get(json, "schema"));
    bool ours = schema != NULL && strncmp(schema, "sqtail.", 7) == 0;
    json_decref(json);
    free(path);
    return ours;
}

// By kind: the file that each of its results has.
static const char *const manifests[] = {[FOLDER_RUN] = "summary.json", [FOLDER_CURVE] = "curve.json",
                                         [FOLDER_CALIBRATION] = "calibration.json",
                                         [FOLDER_SWEEP] = "sweep.json", [FOLDER_COMPARISON] = "compare.json",
                                         [FOLDER_PTS] = "pts.json"};
static const char *const kind_names[] = {[FOLDER_RUN] = "a run", [FOLDER_CURVE] = "a curve",
                                         [FOLDER_CALIBRATION] = "a calibration", [FOLDER_SWEEP] = "a sweep",
                                         [FOLDER_COMPARISON] = "a comparison", [FOLDER_PTS] = "a PTS test"};

static bool is_result(const char *path)
{
    for (size_t i = 0; i < ARRAY_SIZE(manifests); i++)
        if (has_our_schema(path, manifests[i]))
            return true;
    return false;
}

static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return false;
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        empty = empty && folder_is_dots(entry->d_name);
    closedir(dir);
    return empty;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

// "/", "." and ".." cannot be renamed.
static bool has_own_name(const char *path)
{
    const char *name = name_of(path);
    return name[0] != '\0' && !folder_is_dots(name);
}

// The root of a mounted file system, such as a container's volume, can be written to, but not renamed.
static bool is_mount_point(const char *path)
{
    struct statx st;
    return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0, &st) == 0 && (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

int folder_check_place(const char *path, struct diag *diag)
{
    struct stat st;
    struct place place = {.file = path};
    if (path[0] == '\0')
        return diag_error(diag, (struct place){.file = "--output"}, "wants the name of a folder");
    if (!has_own_name(path))
        return diag_error(diag, place, "results need a folder with a name of its own");
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : folder_error(diag, path, "cannot write results here");
    if (!S_ISDIR(st.st_mode))
        return diag_error(diag, place, "is not a folder; results are not written over it");
    if (is_mount_point(path))
        return diag_error(diag, place, "is a mounted file system, whose root cannot be replaced; name a folder in it");
    if (access(path, R_OK | W_OK | X_OK) != 0)
        return folder_error(diag, path, "cannot write results here");
    if (!is_empty(path) && !is_result(path))
        return diag_error(diag, place, "holds other files and no result; results are not written over it");
    return 0;
}

// --- the folder that will hold it ----------------------------------------------------------------------------------

// The nearest folder above `path` that exists; to be freed. NULL when there is none, with the reason in errno.
static char *nearest_parent(const char *path)
{
    char *parent = xstrdup(path);
    struct stat st;
    for (;;) {
        char *slash = strrchr(parent, '/');
        bool last = slash == NULL || slash == parent;
        if (slash == NULL) {
            free(parent);
            parent = xstrdup(".");
        } else {
            slash[last] = '\0';
        }
        if (stat(parent, &st) == 0)
            return parent;
        if (errno != ENOENT || last)
            break;
    }
    int error = errno;
    free(parent);
    errno = error;
    return NULL;
}

static int check_names(const char *path, const char *parent, struct diag *diag)
{
    long longest = pathconf(parent, _PC_NAME_MAX);
    struct place place = {.file = path};
    if (longest > 0 && strlen(name_of(path)) + BESIDE_BYTES > (size_t)longest)
        return diag_error(diag, place, "the name is too long: results need one of %ld bytes or fewer",
                          longest - BESIDE_BYTES);
    if (strlen(path) + BELOW_BYTES > PATH_MAX)
        return diag_error(diag, place, "the path is too long: results need one of %d bytes or fewer",
                          PATH_MAX - BELOW_BYTES);
    return 0;
}

static int check_space(const char *path, const char *parent, struct diag *diag)
{
    struct statvfs fs;
    if (statvfs(parent, &fs) != 0 || fs.f_blocks == 0)
        return 0; // a file system that does not say
    fsblkcnt_t blocks = geteuid() == 0 ? fs.f_bfree : fs.f_bavail;
    bool no_files = fs.f_files != 0 && fs.f_ffree == 0;
    if (!no_files && blocks >= SPACE_BYTES / fs.f_frsize)
        return 0;
    return diag_error(diag, (struct place){.file = path}, "cannot write results here: %s", strerror(ENOSPC));
}

static int check_parent(const char *path, struct diag *diag)
{
    char *parent = nearest_parent(path);
    if (parent == NULL || access(parent, W_OK | X_OK) != 0) {
        folder_error(diag, path, "cannot write results here");
        free(parent);
        return -1;
    }
    int result = check_names(path, parent, diag);
    if (result == 0)
        result = check_space(path, parent, diag);
    free(parent);
    return result;
}

static int check_kind(const char *path, enum folder_kind kind, struct diag *diag)
{
    for (size_t other = 0; other < ARRAY_SIZE(manifests); other++)
        if (other != kind && has_our_schema(path, manifests[other]))
            return diag_error(diag, (struct place){.file = path}, "holds the result of %s, in whose place %s would "
                              "come; name another folder, or remove this one", kind_names[other], kind_names[kind]);
    return 0;
}

int folder_check(const char *path, enum folder_kind kind, struct diag *diag)
{
    char *plain = folder_without_slashes(path);
    int result = folder_check_place(plain, diag);
    if (result == 0)
        result = check_kind(plain, kind, diag);
    if (result == 0)
        result = check_parent(plain, diag);
    free(plain);
    return result;
}
