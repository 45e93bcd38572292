// Reading ahead of sequential reads (ahead.c).
#ifndef SQTAIL_FTL_SERVE_AHEAD_H
#define SQTAIL_FTL_SERVE_AHEAD_H

#include "ftl/base.h"
#include "ftl/buffer/buffer.h"
#include "ftl/ftl.h"
#include "ftl/map/map.h"
#include "ftl/space/page_read.h"
#include "util/list.h"

enum { AHEAD_CANDIDATE_BITS = 6 };

// Reads that may become a stream.
struct ahead_candidate {
    uint64_t next; // the byte after the last one
    uint32_t reads;
};

// Reads in sequence, and what was read ahead of them.
struct ahead_stream {
    uint64_t next;        // the byte after the last read
    uint64_t end;         // unit: what lies before it was read ahead, or need not be
    uint64_t window;      // units
    uint64_t grows;       // unit: it doubles when the reader comes there
    uint64_t used;        // the larger, the later; 0: free
    struct list segments; // in order of their units
};

enum ahead_state { AHEAD_ON_ITS_WAY, AHEAD_ARRIVED, AHEAD_LOST };

// Units side by side in the flash that one operation reads ahead.
struct ahead_segment {
    struct list_link link;
    struct ahead *ahead;
    enum ahead_state state;
    bool given_up; // belongs to no stream any more
    uint32_t count;
    uint64_t lpn, ppn;
    uint32_t superblock, pe_cycles; // of that superblock when they were read
    uint64_t used;                  // units that the host has read, a bit each
    struct list parts;
};

// What a request waits for of a segment on its way.
struct ahead_part {
    struct list_link link;
    struct ftl_request *request;
    uint64_t bytes;
    uint64_t ppn; // its first unit,
    uint32_t count; // and how many there are
    tick_t since;
};

struct ahead {
    struct base *base;
    struct space *space;
    struct map *map;
    const struct buffer *buffer;
    // Called when a part's data are in the controller.
    void (*part_arrived)(const struct ahead_part *part, const struct page_read *read);
    struct ahead_stream *streams; // NULL: nothing is read ahead
    uint32_t stream_count;
    uint32_t begun;                                                   // the first streams, which have been in use
    struct ahead_candidate candidates[1 << AHEAD_CANDIDATE_BITS]; // by a hash of `next`
    uint64_t clock;    // of the streams' use
    struct pool segments, parts;
};

void ahead_init(struct ahead *ahead, struct base *base, struct space *space, struct map *map,
                const struct buffer *buffer);
void ahead_destroy(struct ahead *ahead);

// The stream that the read belongs to, or NULL.
struct ahead_stream *ahead_stream_of(struct ahead *ahead, const struct ftl_request *request);

// The segment that holds the run's first unit as the map has it now, or NULL; ends the run where the segment does.
struct ahead_segment *ahead_find(const struct ahead *ahead, const struct ahead_stream *stream, struct map_run *run);

// The host reads the run, which is in the segment. True when it has arrived; else the request waits for `bytes` of it.
bool ahead_take(struct ahead *ahead, struct ahead_segment *segment, const struct map_run *run,
                struct ftl_request *request, uint64_t bytes);

// The read has been looked up: what comes next is read ahead, if it is in sequence.
void ahead_advance(struct ahead *ahead, struct ahead_stream *stream, const struct ftl_request *request);

#endif
