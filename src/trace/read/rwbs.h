// RWBS: a request's direction and what is said of it, in letters, as blkparse and the kernel's tracers print it.
#ifndef SQTAIL_TRACE_READ_RWBS_H
#define SQTAIL_TRACE_READ_RWBS_H

#include <stdint.h>

#include "trace/read/text_parser.h"
#include "trace/trace_event.h"

enum { RWBS_SIZE = 12 };

// The word at hand, as categories of an event.
uint64_t rwbs_parse(struct text_parser *p);

// The event's, as blkparse prints it. Beyond blkparse: "WZ" for the write-zeroes of version 8 and "ZA", "ZR", "ZF",
// "ZO", "ZC" for its zone commands, the letters of the kernel's own blk tracer.
void rwbs_print(const struct trace_event *event, char text[RWBS_SIZE]);

#endif
