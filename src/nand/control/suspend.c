// Suspension: a program or erase rests while reads of the host are served.
//
// When a host read stands first in the queue while the array programs or erases, the array is told to stop. From the
// command's end its work rests; t_suspend_program or t_suspend_erase later the die takes reads. When no host read is
// left, a resume command continues the work. An operation is suspended at most nand.suspend_limit times, so that it
// ends, and never when it would be done before the die could take the read. Once the work has rested for
// nand.starvation_bound it goes on though reads wait, but not before one was served: else a bound below the time that
// suspending takes would have the same read pay for suspension after suspension. Suspend and resume commands: tCS and
// three cycles, as MQSim counts them.
//
// What is left of a program's data stays in the cache registers, which the program goes on to hold; reads have the
// array and the page registers meanwhile.
#include "nand/control/suspend.h"

#include "nand/control/die.h"
#include "util/macros.h"

enum work_event {
    EVENT_BEGIN,   // a program or erase is given to the array
    EVENT_BEGUN,   // a beginning that was awaited has come
    EVENT_QUEUED,  // an operation has come to wait
    EVENT_GRANTED, // the suspend or resume command has the bus
    EVENT_TURN,    // the die is free of all but work that rests
    EVENT_END,     // the time to which the array was to work has come
};

static void work_event(struct nand_die *die, enum work_event event);

static tick_t now(const struct nand_die *die)
{
    return sim_now(die->sim);
}

// --- conditions ------------------------------------------------------------------------------------------------------

static bool always(const struct nand_die *die)
{
    (void)die;
    return true;
}

static bool read_waits(const struct nand_die *die)
{
    const struct nand_op *head = die_queue_head(&die->queue, 0);
    return head != NULL && head->kind == NAND_READ;
}

static bool host_read_waits(const struct nand_die *die)
{
    return read_waits(die) && die_queue_head(&die->queue, 0)->source.urgency == NAND_URGENT;
}

// There is a host read to serve, and the die could take it before the work would be done.
static bool worth_stopping(const struct nand_die *die)
{
    const struct suspend_rules *rules = &die->rules->suspend;
    const struct array_work *work = &die->work;
    tick_t takes_reads = now(die) + rules->command.bus + work->stop_time;
    return work->stops < rules->limit && host_read_waits(die) && takes_reads < work->end;
}

static bool worth_stopping_now(const struct nand_die *die)
{
    return worth_stopping(die) && now(die) >= die->work.begin;
}

static bool read_may_follow(const struct nand_die *die)
{
    tick_t bound = die->rules->suspend.bound, rested = now(die) - die->work.rests_since;
    return host_read_waits(die) && (bound == 0 || rested <= bound);
}

static bool is_due(const struct nand_die *die)
{
    return die->work.end == now(die); // else it was suspended after that time was set
}

// --- what comes of it ------------------------------------------------------------------------------------------------

static void work_ends(void *context)
{
    work_event(context, EVENT_END);
}

static void work_begins(void *context)
{
    work_event(context, EVENT_BEGUN);
}

static void command_granted(struct bus_request *request)
{
    work_event(container_of(request, struct nand_die, work.command), EVENT_GRANTED);
}

static void ask_for_bus(struct nand_die *die)
{
    tick_t duration = die->rules->suspend.command.bus;
    if (channel_take(die->channel, BUS_COMMAND, duration)) {
        work_event(die, EVENT_GRANTED);
        channel_taken(die->channel);
    } else {
        channel_wait(die->channel, &die->work.command, BUS_COMMAND, duration, command_granted);
    }
}

static void array_works(struct nand_die *die)
{
    sim_at(die->sim, die->work.end, work_ends, die);
    if (die->queue.waiting > 0)
        work_event(die, EVENT_QUEUED);
}

static void await_beginning(struct nand_die *die)
{
    sim_at(die->sim, die->work.begin, work_begins, die);
}

static void rest(struct nand_die *die)
{
    struct array_work *work = &die->work;
    const struct suspend_rules *rules = &die->rules->suspend;
    tick_t stopped = now(die) + rules->command.bus;
    breakdown_enter(&work->op->path, STAGE_DIE_WAIT, stopped);
    work->left = work->end - stopped;
    work->rests_since = stopped;
    work->stops++;
    ++*die->rules->suspends;
    parts_t kept = parts_on(PART_CACHE, work->op->backend.planes);
    die_give(die, op_parts(work->op) & ~kept, stopped + work->stop_time);
}

static void serve_read(struct nand_die *die)
{
    die_start(die, die_take(die, 0));
}

static void ask_to_resume(struct nand_die *die)
{
    die_hold(die, op_parts(die->work.op));
    breakdown_enter(&die->work.op->path, STAGE_CHANNEL_WAIT, now(die));
    ask_for_bus(die);
}

static void resume(struct nand_die *die)
{
    struct array_work *work = &die->work;
    work->begin = now(die) + die->rules->suspend.command.bus;
    work->end = work->begin + work->left;
    breakdown_enter(&work->op->path, STAGE_NAND_COMMAND, now(die));
    breakdown_enter(&work->op->path, STAGE_ARRAY, work->begin);
    array_works(die);
}

static void hand_back(struct nand_die *die)
{
    die->work.done(die->work.op);
}

static void nothing(struct nand_die *die)
{
    (void)die;
}

// --- the machine -----------------------------------------------------------------------------------------------------

// The first row whose condition holds applies. No row: the event means nothing in that state.
static const struct transition {
    enum work_state from;
    enum work_event event;
    bool (*when)(const struct nand_die *die);
    enum work_state to;
    void (*act)(struct nand_die *die);
} transitions[] = {
    {WORK_NONE, EVENT_BEGIN, always, WORK_ARRAY, array_works},
    {WORK_STRAY, EVENT_BEGIN, always, WORK_STOPPING, array_works},
    {WORK_STRAY, EVENT_GRANTED, always, WORK_NONE, nothing},
    {WORK_ARRAY, EVENT_QUEUED, worth_stopping_now, WORK_STOPPING, ask_for_bus},
    {WORK_ARRAY, EVENT_QUEUED, worth_stopping, WORK_AHEAD, await_beginning},
    {WORK_ARRAY, EVENT_END, is_due, WORK_NONE, hand_back},
    {WORK_AHEAD, EVENT_BEGUN, worth_stopping_now, WORK_STOPPING, ask_for_bus},
    {WORK_AHEAD, EVENT_BEGUN, always, WORK_ARRAY, nothing},
    {WORK_AHEAD, EVENT_END, is_due, WORK_NONE, hand_back},
    {WORK_STOPPING, EVENT_GRANTED, worth_stopping_now, WORK_STOPPED, rest},
    {WORK_STOPPING, EVENT_GRANTED, always, WORK_ARRAY, nothing},
    {WORK_STOPPING, EVENT_END, is_due, WORK_STRAY, hand_back},
    {WORK_STOPPED, EVENT_TURN, read_waits, WORK_SERVING, serve_read},
    {WORK_STOPPED, EVENT_TURN, always, WORK_RESUMING, ask_to_resume},
    {WORK_SERVING, EVENT_TURN, read_may_follow, WORK_SERVING, serve_read},
    {WORK_SERVING, EVENT_TURN, always, WORK_RESUMING, ask_to_resume},
    {WORK_RESUMING, EVENT_GRANTED, always, WORK_ARRAY, resume},
};

static void work_event(struct nand_die *die, enum work_event event)
{
    for (size_t i = 0; i < ARRAY_SIZE(transitions); i++) {
        const struct transition *row = &transitions[i];
        if (row->from != die->work.state || row->event != event || !row->when(die))
            continue;
        die->work.state = row->to;
        row->act(die);
        return;
    }
}

void suspend_work_begin(struct nand_die *die, struct nand_op *op, tick_t begin, tick_t end,
                        void (*done)(struct nand_op *op))
{
    struct array_work *work = &die->work;
    work->op = op;
    work->done = done;
    work->stop_time = op->backend.kind_of->stop_time(op);
    work->begin = begin;
    work->end = end;
    work->stops = 0;
    work_event(die, EVENT_BEGIN);
}

void suspend_queued(struct nand_die *die)
{
    work_event(die, EVENT_QUEUED);
}

void suspend_turn(struct nand_die *die)
{
    work_event(die, EVENT_TURN);
}
