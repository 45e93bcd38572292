// What the commands of `sqtail trace` share.
#include "cli/trace/trace_reading.h"

#include <stdlib.h>

struct trace_options trace_reading_of(const struct trace_reading_options *options)
{
    return (struct trace_options){.action = "DQ"[options->action], .skip_bad = options->skip_bad,
                                  .window = options->look_ahead, .device = options->device, .format = options->from};
}

int trace_command(const struct invocation *call, int (*what)(struct diag *diag, const struct invocation *call))
{
    struct diag *diag = diag_create();
    int failed = what(diag, call);
    diag_print(diag, stderr);
    diag_destroy(diag);
    return failed == 0 ? EXIT_SUCCESS : EXIT_USER_ERROR;
}
