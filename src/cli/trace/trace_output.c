// Where a recording is written. A regular file appears under its name only when it is complete: it may be the very
// recording that is read, and a failure must not cost the older one. Anything else (a pipe, a device) is written where
// it is.
#include "cli/trace/trace_output.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"

struct output {
    trace_output_fn *write;
    void *context;
    struct diag *diag;
    const char *shown; // its name in messages
};

static int fail(const struct output *o)
{
    return diag_error(o->diag, (struct place){.file = o->shown}, "cannot write: %m");
}

static int write_file(const struct output *o, const char *file)
{
    FILE *to = fopen(file, "wb");
    if (to == NULL)
        return fail(o);
    int failed = o->write(o->context, o->diag, to);
    return fclose(to) != 0 && failed == 0 ? fail(o) : failed;
}

static int write_beside(const struct output *o)
{
    char *temporary = xformat("%s.new-%ld", o->shown, (long)getpid());
    int failed = write_file(o, temporary);
    if (failed == 0 && rename(temporary, o->shown) != 0)
        failed = fail(o);
    if (failed != 0)
        remove(temporary);
    free(temporary);
    return failed;
}

int trace_output_write(const char *output, trace_output_fn *write, void *context, struct diag *diag)
{
    struct output o = {write, context, diag, output};
    struct stat st;
    if (output == NULL)
        return write(context, diag, stdout);
    return stat(output, &st) == 0 && !S_ISREG(st.st_mode) ? write_file(&o, output) : write_beside(&o);
}
