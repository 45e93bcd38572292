// A folder of results that appears under its name only when it is complete.
#ifndef SQTAIL_REPORT_FOLDER_H
#define SQTAIL_REPORT_FOLDER_H

#include <stdbool.h>
#include <stdio.h>

#include "util/diag.h"

struct folder {
    char *path;      // as the user named it
    char *temporary; // beside it, until committed
    struct diag *diag;
    bool failed;
};

// Whether folder_begin could do its work, without touching anything: for before a long run. Returns as folder_begin.
int folder_check(const char *path, struct diag *diag);

// Makes the temporary folder, and the folders above it where they are missing. What is already at `path` must be an
// empty folder or one of ours. Returns 0, or a negative number with the reason in `diag`.
int folder_begin(struct folder *folder, const char *path, struct diag *diag);

// Opens the file `name` (which may be "plots/x.gp") for writing. NULL when that failed; then the commit will fail.
FILE *folder_open(struct folder *folder, const char *name);
void folder_close(struct folder *folder, FILE *file, const char *name);

// Gives the folder its name, replacing a result that is there, unless something failed: then all is removed and a
// negative number returned.
int folder_commit(struct folder *folder);

#endif
