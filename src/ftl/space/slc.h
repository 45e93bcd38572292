// The SLC cache: superblocks whose blocks are in SLC mode, into which host data go first.
#ifndef SQTAIL_FTL_SPACE_SLC_H
#define SQTAIL_FTL_SPACE_SLC_H

#include <stdbool.h>
#include <stdint.h>

struct space;

struct slc_cache {
    uint32_t fixed;      // superblocks set aside for it
    uint64_t share;      // of the space without data that it may use, too, in 1/1024
    uint64_t fold_from;  // how much of the cache must be in use to be folded beside host writes, in 1/1024; 0: never
    bool waits;          // the host waits when it is full
    bool off;            // nothing is put into it
    uint32_t count;      // superblocks in SLC mode, from opening to erasure
    uint32_t erasing;    // of these
    uint32_t *closed;    // those that may be folded, the oldest first: a ring
    uint32_t first, closed_count;
    const uint64_t *mapped; // units of the drive that hold data
    uint64_t user_units;
};

void slc_init(struct space *space);
void slc_destroy(struct space *space);

// How many superblocks the cache may have now.
uint32_t slc_limit(const struct space *space);

// Is more in use than it may have, or so much that it is to be folded beside host writes?
bool slc_overfull(const struct space *space);

// The superblock is closed, and the last to be folded.
void slc_closed(struct space *space, uint32_t superblock);

// The one to be folded first, or NONE; it is begun with.
uint32_t slc_oldest(const struct space *space);
void slc_begun(struct space *space);

#endif
