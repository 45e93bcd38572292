// What a drive has in store before it gets slower: errors before reads have to be repeated, writes before collection
// begins.
#ifndef SQTAIL_MACHINE_MARGINS_H
#define SQTAIL_MACHINE_MARGINS_H

#include "machine/machine.h"

// Read retry counts as begun where one read in a thousand of a mapping unit needs it.
struct retry_margin {
    bool applies;        // there are errors, and a code
    double rber_now;     // as the drive is prepared
    double rber_retry;   // where retry begins
    uint64_t pe_cycles;  // of all blocks where that is reached, data being as old as they are; 0: not within a million
    double age_s;        // of data where it is reached at the present cycles, seconds; 0: not within 200 days
};

struct collection_margin {
    uint64_t headroom_bytes; // of writes until collection begins; 0: it runs from the start on
    uint64_t superblocks, free; // in all, and free as the drive is prepared
};

// The configuration must have passed its check.
struct retry_margin retry_margin_of(const struct machine_config *config);

// Prepares such a drive, which takes a moment.
struct collection_margin collection_margin_of(const struct machine_config *config);

#endif
