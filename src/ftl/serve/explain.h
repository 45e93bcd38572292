// What requests tell of their waits for the write buffer and for programs, where their path keeps causes.
#ifndef SQTAIL_FTL_SERVE_EXPLAIN_H
#define SQTAIL_FTL_SERVE_EXPLAIN_H

#include "ftl/serve/serve.h"
#include "ftl/space/stream.h"

// The request waits for room from now on. It has just entered STAGE_BUFFER_WAIT.
void explain_room_begins(const struct serve *serve, struct ftl_request *request);

// It has room, or goes on to wait for something else; nothing is done when it did not wait.
void explain_room_ends(const struct serve *serve, struct ftl_request *request);

// The request waits for data to be programmed from now on. It has just entered STAGE_FLUSH_WAIT.
void explain_flush_begins(const struct serve *serve, struct ftl_request *request);

// That is over, with the end of `last`; NULL: with no program's.
void explain_flush_ends(const struct serve *serve, struct ftl_request *request, const struct program *last);

// A program of host data is sent.
void explain_sent(const struct serve *serve, struct program *program);

#endif
