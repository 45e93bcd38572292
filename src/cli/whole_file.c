// Files that are there as a whole or not at all.
#include "cli/whole_file.h"

#include <stdbool.h>
#include <stdlib.h>

#include "util/alloc.h"

static char *fresh_name(const char *path)
{
    return xformat("%s.new", path);
}

FILE *whole_file_open(const char *path)
{
    char *fresh = fresh_name(path);
    FILE *file = fopen(fresh, "w");
    free(fresh);
    return file;
}

int whole_file_close(FILE *file, const char *path)
{
    if (file == NULL)
        return -1;
    char *fresh = fresh_name(path);
    bool failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    failed = failed || rename(fresh, path) != 0;
    free(fresh);
    return failed ? -1 : 0;
}
