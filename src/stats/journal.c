// Storage of the command journal.
#include "stats/journal.h"

#include <stdlib.h>

#include "util/alloc.h"

struct journal *journal_create(uint32_t queues, uint32_t commands)
{
    struct journal *journal = xcalloc(1, sizeof *journal);
    journal->queues = xcalloc(queues, sizeof *journal->queues);
    journal->queue_count = queues;
    journal->command_count = commands;
    for (uint32_t q = 0; q < queues; q++)
        journal->queues[q] = xcalloc(commands, sizeof **journal->queues);
    return journal;
}

void journal_destroy(struct journal *journal)
{
    if (journal == NULL)
        return;
    for (uint32_t q = 0; q < journal->queue_count; q++)
        free(journal->queues[q]);
    free(journal->queues);
    free(journal);
}
