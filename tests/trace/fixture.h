// What a test of the trace room starts with and what is closed after it.
#ifndef SQTAIL_TESTS_TRACE_FIXTURE_H
#define SQTAIL_TESTS_TRACE_FIXTURE_H

#include <stdlib.h>

#include "record.h"
#include "trace/trace_event.h"

struct fixture {
    struct recording recording;
    struct diag *diag;
    struct trace_events *events; // what the test reads: events,
    struct trace *trace;         // or requests
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->diag = diag_create();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    trace_events_close(f->events);
    trace_close(f->trace);
    diag_destroy(f->diag);
    free(f);
    return 0;
}

#endif
