// Channels: a bus that carries one thing at a time, and who goes next.
//
// What comes to an idle bus has it at once. What does not, waits; each time the bus becomes free, the first class of
// enum bus_class in which somebody waits goes next, in order of arrival within the class:
//   * Commands of reads, erases and suspensions: they are short and set a whole array to work. Behind data in one
//     queue they would collect, start their arrays together and have all of them come back together, so that the
//     channel would alternate between idling and a convoy.
//   * The further pages of a host read that has begun: were the dies of a channel to take turns, each would be held
//     until all have sent their data.
//   * Data of host reads, for which somebody waits.
//   * The further pages of other reads and of programs that have begun.
//   * The rest: data of other reads, and first pages of programs. None of them begins while a program pauses between
//     two pages (tDBSY). If the pages of several programs took turns, their dies would be held until all have their
//     data, then work at the same time with the channel idle. One after the other, each array works while the next
//     one's data are sent.
// What has waited for longer than nand.starvation_bound goes first, the last class before the others. A burst, one
// plane's page at most, is not interrupted. An event is spent only when somebody waits. What takes no time on the bus
// does not wait for it either.
#include "nand/control/channel.h"

static void grant(struct nand_channel *channel, struct bus_request *request)
{
    channel_hold(channel, request->op, request->holder, request->duration);
    request->granted(request);
}

static void channel_free(void *context);

void channel_look_again(struct nand_channel *channel)
{
    if (channel->waiting == 0 || channel->wake_pending)
        return;
    channel->wake_pending = true;
    sim_at(channel->sim, MAX(channel->free_at, sim_now(channel->sim)), channel_free, channel);
}

void channel_program_begins(struct nand_channel *channel)
{
    channel->programs_begun++;
    if (unlikely(channel->holding != NULL))
        channel->holding->paused = true;
}

void channel_program_sent(struct nand_channel *channel)
{
    channel->programs_begun--;
    if (unlikely(channel->holding != NULL))
        channel->holding->paused = channel->programs_begun > 0;
    channel_look_again(channel);
}

static bool is_overdue(const struct nand_channel *channel, const struct bus_request *request)
{
    tick_t bound = channel->starvation_bound;
    return bound != 0 && sim_now(channel->sim) - request->since > bound;
}

// NULL when all that waits is for the end of a program that pauses.
static struct bus_request *take_next(struct nand_channel *channel)
{
    struct list *next = NULL;
    bool overdue = false;
    for (unsigned class = BUS_CLASS_COUNT; class-- > 0 && !overdue;) {
        struct list *list = &channel->classes[class];
        if (list_empty(list))
            continue;
        overdue = is_overdue(channel, container_of(list->head, struct bus_request, link));
        if (overdue || channel_lets_go(channel, class))
            next = list;
    }
    if (next == NULL)
        return NULL;
    channel->waiting--;
    return container_of(list_pop(next), struct bus_request, link);
}

static void channel_free(void *context)
{
    struct nand_channel *channel = context;
    struct bus_request *request = take_next(channel);
    channel->wake_pending = false;
    if (request == NULL)
        return;
    grant(channel, request);
    channel_look_again(channel);
}

void channel_wait(struct nand_channel *channel, struct bus_request *request, enum bus_class class)
{
    list_push(&channel->classes[class], &request->link);
    channel->waiting++;
    if (channel->free_at > sim_now(channel->sim))
        channel_look_again(channel);
}
