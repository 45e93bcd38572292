// Which commands an operation in the flash is for: commands are numbered in the order in which they are first met.
//
// A read's operation knows the requests that wait for it. Data of a write may be programmed long after the command has
// completed; so the number of the command whose data an entry of the write buffer holds is kept for each entry.
#ifndef SQTAIL_TIMELINE_NUMBERS_H
#define SQTAIL_TIMELINE_NUMBERS_H

#include "ftl/inspect.h"
#include "nvme/observer.h"

struct numbers {
    const struct ftl *ftl;
    uint64_t last;             // number given
    uint64_t *of_queue[65536]; // by command identifier: the number of the one in flight; 0: none yet
    uint64_t *of_entry;        // of the write buffer
    uint64_t *found;           // of the operation asked for last
    size_t found_count;
};

void numbers_init(struct numbers *numbers, const struct ftl *ftl);
void numbers_destroy(struct numbers *numbers);

// Numbers are given anew, from 1 on.
void numbers_restart(struct numbers *numbers);

// The number of a command that completes.
uint64_t numbers_complete(struct numbers *numbers, struct nvme_command_name name);

// Units from `first` up to `end` have come to the write buffer.
void numbers_data_in(struct numbers *numbers, const struct ftl_request *request, uint64_t first, uint64_t end);

// The command is not shown: what of its data is still in the write buffer, units from `first` up to `end`, is nobody's.
void numbers_hide(struct numbers *numbers, uint64_t number, uint64_t first, uint64_t end);

// Sets found and found_count.
void numbers_find(struct numbers *numbers, const struct nand_op *op);

#endif
