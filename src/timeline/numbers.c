// Numbers of numbers, by queue and identifier while they are in flight, by entry of the write buffer afterwards.
#include "timeline/numbers.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

enum { IDENTIFIERS = 65536 };

void numbers_init(struct numbers *numbers, const struct ftl *ftl)
{
    *numbers = (struct numbers){.ftl = ftl};
    numbers->of_entry = xcalloc(ftl_buffer_entries(ftl), sizeof *numbers->of_entry);
}

static void forget_queues(struct numbers *numbers)
{
    for (uint32_t i = 0; i < IDENTIFIERS; i++)
        lazy_free(numbers->of_queue[i], IDENTIFIERS * sizeof *numbers->of_queue[i]);
    memset(numbers->of_queue, 0, sizeof numbers->of_queue);
}

void numbers_restart(struct numbers *numbers)
{
    forget_queues(numbers);
    memset(numbers->of_entry, 0, ftl_buffer_entries(numbers->ftl) * sizeof *numbers->of_entry);
    numbers->last = 0;
}

void numbers_destroy(struct numbers *numbers)
{
    forget_queues(numbers);
    free(numbers->of_entry);
    free(numbers->found);
}

static uint64_t *number_of(struct numbers *numbers, struct nvme_command_name name)
{
    uint64_t **queue = &numbers->of_queue[name.sqid];
    if (*queue == NULL)
        *queue = lazy_alloc(IDENTIFIERS * sizeof **queue);
    if ((*queue)[name.cid] == 0)
        (*queue)[name.cid] = ++numbers->last;
    return &(*queue)[name.cid];
}

uint64_t numbers_complete(struct numbers *numbers, struct nvme_command_name name)
{
    uint64_t *number = number_of(numbers, name), completed = *number;
    *number = 0;
    return completed;
}

void numbers_data_in(struct numbers *numbers, const struct ftl_request *request, uint64_t first, uint64_t end)
{
    uint64_t number = *number_of(numbers, nvme_name_of(request));
    for (uint64_t unit = first; unit < end; unit++) {
        uint32_t entry = ftl_buffer_entry(numbers->ftl, unit);
        if (entry != FTL_UNKNOWN)
            numbers->of_entry[entry] = number;
    }
}

void numbers_hide(struct numbers *numbers, uint64_t number, uint64_t first, uint64_t end)
{
    for (uint64_t unit = first; unit < end; unit++) {
        uint32_t entry = ftl_buffer_entry(numbers->ftl, unit);
        if (entry != FTL_UNKNOWN && numbers->of_entry[entry] == number)
            numbers->of_entry[entry] = 0;
    }
}

// A command whose units lie side by side is one.
static void add(struct numbers *numbers, uint64_t number)
{
    if (number == 0 || (numbers->found_count > 0 && numbers->found[numbers->found_count - 1] == number))
        return;
    numbers->found = xgrow(numbers->found, numbers->found_count, sizeof *numbers->found);
    numbers->found[numbers->found_count++] = number;
}

static void add_reader(void *context, const struct ftl_request *request)
{
    struct numbers *numbers = context;
    add(numbers, *number_of(numbers, nvme_name_of(request)));
}

static void add_entry(void *context, uint32_t entry)
{
    struct numbers *numbers = context;
    add(numbers, numbers->of_entry[entry]);
}

void numbers_find(struct numbers *numbers, const struct nand_op *op)
{
    free(numbers->found);
    numbers->found = NULL;
    numbers->found_count = 0;
    ftl_each_reader(op, add_reader, numbers);
    ftl_each_entry(op, add_entry, numbers);
}
