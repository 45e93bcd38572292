// What the files on result folders share.
#ifndef SQTAIL_REPORT_FOLDER_FOLDER_INTERNAL_H
#define SQTAIL_REPORT_FOLDER_FOLDER_INTERNAL_H

#include <stdbool.h>

#include "report/folder/folder.h"

// To be freed.
char *folder_without_slashes(const char *path);

// ".NAME.suffix" beside the folder NAME; to be freed.
char *folder_sibling(const char *path, const char *suffix);

// Makes the folders above `path`. Returns 0, or -1 with the reason in `diag`.
int folder_make_parents(const char *path, struct diag *diag);

void folder_remove_tree(const char *path);

// Moves what is no part of a result from the folder `old` to `new`. Returns whether all of it could be moved.
bool folder_keep_other_files(const char *old, const char *new);

bool folder_is_dots(const char *name);

// An error at `path` with what errno says. Returns -1.
int folder_error(struct diag *diag, const char *path, const char *what);

// Whether results may be put at `path`: nothing there, an empty folder, or a result. Returns 0, or -1 with the reason.
int folder_check_place(const char *path, struct diag *diag);

#endif
