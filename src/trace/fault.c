// Malformed records: as many as are allowed are passed over, the others are errors.
#include <stdarg.h>
#include <stdio.h>

#include "trace/fault.h"

int trace_fault(struct trace_faults *faults, struct place place, const char *format, ...)
{
    char text[512];
    if (++faults->found <= faults->allowed)
        return 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    diag_error(faults->diag, place, "%s", text);
    return faults->found - faults->allowed >= DIAG_ERRORS_SHOWN ? -1 : 0;
}
