// Files that are there as a whole or not at all: written under another name, and then renamed.
#ifndef SQTAIL_CLI_WHOLE_FILE_H
#define SQTAIL_CLI_WHOLE_FILE_H

#include <stdio.h>

// What is to become the file `path`; NULL, with errno, when it cannot be written.
FILE *whole_file_open(const char *path);

// Returns 0 when all of it is there, else a negative number, with errno. `file` may be NULL, which is a failure.
int whole_file_close(FILE *file, const char *path);

#endif
