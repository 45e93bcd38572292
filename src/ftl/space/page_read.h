// Reads of multi-plane pages, for the host and for copies.
#ifndef SQTAIL_FTL_SPACE_PAGE_READ_H
#define SQTAIL_FTL_SPACE_PAGE_READ_H

#include "ftl/space/space.h"

struct page_read {
    struct nand_op op;
    struct space *space;
    void *owner;         // the submitter's
    union {
        uint64_t bytes;    // of a request
        uint64_t outdated; // copies: space->outdated when it was issued
    };
    // As an operation's, for the submitter to set between taking and issuing; NULL: it is told of its end only.
    void (*coming)(struct page_read *read, const struct nand_arrivals *arrivals);
    uint64_t page;       // number of the multi-plane page
    uint32_t superblock;
    uint32_t die;
    uint32_t pe_cycles;  // of the superblock when the read was issued
    // with join_reads
    void (*done)(struct nand_op *op); // the submitter's
    struct page_read *next;           // of those that others may join
    struct list joined;               // of the same page, to be read with this one
    uint64_t units;                   // its own
    tick_t since;                     // when it was issued
    tick_t waits[WAIT_NAND_COUNT];    // causes of the operation's waits, where they are kept
};

// A read of the page that holds `ppn`; op.units is for the submitter to say.
struct page_read *page_read_take(struct space *space, uint64_t ppn, struct nand_source source, void *owner,
                                 void (*done)(struct nand_op *));
void page_read_issue(struct page_read *read);

// The operation has ended and its data are in the controller; gives it back.
void page_read_finish(struct page_read *read);

void page_reads_init(struct space *space);
void page_reads_destroy(struct space *space);

// Whether its operation, or the one that it has joined, may read more than its own units.
static inline bool page_read_is_shared(const struct page_read *read)
{
    return read->space->joinable != NULL;
}

static inline uint64_t page_read_first_unit(const struct page_read *read)
{
    return read->page * read->space->base->geometry.units_per_multi_page;
}

// The bits of `count` units from ppn on, all of the read's page, in its mask.
static inline uint64_t page_read_bits(const struct page_read *read, uint64_t ppn, uint32_t count)
{
    return (UINT64_MAX >> (64 - count)) << (ppn - page_read_first_unit(read));
}

#endif
