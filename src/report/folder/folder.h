// A folder of results that appears under its name only when it is complete.
#ifndef SQTAIL_REPORT_FOLDER_FOLDER_H
#define SQTAIL_REPORT_FOLDER_FOLDER_H

#include <stdbool.h>
#include <stdio.h>

#include "util/diag.h"

struct folder {
    char *path;      // as the user named it
    char *temporary; // beside it, until committed; the same when it is written in its place
    bool in_place;
    struct diag *diag;
    bool failed;
};

// What a result is of.
enum folder_kind { FOLDER_RUN, FOLDER_CURVE, FOLDER_CALIBRATION, FOLDER_SWEEP, FOLDER_COMPARISON, FOLDER_PTS };

// Whether folder_begin could do its work, without touching anything: for before a long run. A result of the other kind
// is not replaced: that is never a second try at the same. Returns as folder_begin.
int folder_check(const char *path, enum folder_kind kind, struct diag *diag);

// Keeps every other sqtail from writing a result at `path` until it is unlocked or this process ends, and removes what
// killed ones have left beside it; makes the folders above it. NULL with the reason in `diag` when another has it.
struct folder_lock;
struct folder_lock *folder_lock(const char *path, struct diag *diag);
void folder_unlock(struct folder_lock *lock); // NULL: nothing to do

// The file that a process which ends without folder_unlock should remove.
const char *folder_lock_path(const struct folder_lock *lock);

// Makes the temporary folder, and the folders above it where they are missing. What is already at `path` must be an
// empty folder or one of ours. Returns 0, or a negative number with the reason in `diag`.
int folder_begin(struct folder *folder, const char *path, struct diag *diag);

// To add to the result at `path`, or renew its files one by one, each when it is complete.
void folder_reopen(struct folder *folder, const char *path, struct diag *diag);

// To put files into any folder, which is made where it is missing; each appears when it is complete. Returns as
// folder_begin.
int folder_begin_plain(struct folder *folder, const char *path, struct diag *diag);

// Opens the file `name` (which may be "plots/x.gp") for writing. NULL when that failed; then the commit will fail.
FILE *folder_open(struct folder *folder, const char *name);
void folder_close(struct folder *folder, FILE *file, const char *name);

// Moves the folder `from`, which lies on the same file system, into this one as `name`. Returns as folder_begin.
int folder_take(struct folder *folder, const char *from, const char *name);

// The name of a folder beside `path` in which parts of it may be prepared; to be freed, and the folder to be removed
// (folder_remove_stage).
char *folder_stage(const char *path);
void folder_remove_stage(char *stage);

// Gives the folder its name, replacing a result that is there, unless something failed: then all is removed and a
// negative number returned.
int folder_commit(struct folder *folder);

#endif
