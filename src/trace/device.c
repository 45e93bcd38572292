// Devices as users name them.
#include <stdio.h>

#include "spec/blktrace.h"
#include "trace/trace.h"

int trace_parse_device(struct diag *diag, const char *text, uint32_t *device)
{
    const unsigned majors = 1u << (32 - BLKTRACE_MINOR_BITS), minors = 1u << BLKTRACE_MINOR_BITS;
    unsigned major, minor;
    int end = 0;
    if (sscanf(text, "%u,%u%n", &major, &minor, &end) != 2 || text[end] != '\0' || major >= majors || minor >= minors)
        return diag_error(diag, (struct place){.file = "--device"}, "'%s' is not a device: MAJOR,MINOR, such as 8,16",
                          text);
    *device = (uint32_t)major << BLKTRACE_MINOR_BITS | minor;
    return 0;
}
