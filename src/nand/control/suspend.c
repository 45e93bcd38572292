// Suspension: a program or erase rests while reads of the host are served.
//
// When a host read stands first in the queue while the array programs or erases, the array is told to stop. It does so
// at the end of the step that is under way when the command ends, a pulse and its verification (suspend_steps_*; Wu and
// He, "Reducing SSD Read Latency via NAND Flash Program and Erase Suspension", FAST 2012: between phases); from then on
// its work rests, and t_suspend_program or t_suspend_erase later the die takes reads. When no host read is left, a
// resume command and t_resume continue the work. Suspend and resume commands: tCS and three cycles, as MQSim counts
// them.
//
// So that an operation ends, it is suspended at most nand.suspend_limit times, not within suspend_min_run of its last
// suspension, not for longer than suspend_total in all, and never when it would be done before the die could take the
// read. Once the work has rested for nand.starvation_bound at a time, or for its total, it goes on though reads wait,
// but not before one was served: else a bound below the time that suspending takes would have the same read pay for
// suspension after suspension.
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

// From when on the array may be told to stop.
static tick_t stoppable_at(const struct array_work *work, const struct suspend_rules *rules)
{
    return work->stops == 0 ? work->begin : work->begin + rules->min_run;
}

// The end of the step in which `done` of the work is done; `done` itself when that is an end.
static tick_t step_end(const struct config_times *steps, tick_t done)
{
    tick_t end = 0, last = 0;
    for (unsigned i = 0; i < steps->count && end < done; i++) {
        last = steps->at[i];
        end += last;
    }
    if (end >= done || last == 0)
        return MAX(end, done);
    return end + (done - end + last - 1) / last * last;
}

// When the array stops that is told to at `told`, which is not before its work begins.
static tick_t stops_at(const struct array_work *work, tick_t told)
{
    if (told >= work->end)
        return told;
    tick_t done = work->takes - (work->end - told);
    return told + step_end(work->times.steps, done) - done;
}

static bool rested_enough(const struct suspend_rules *rules, tick_t rested)
{
    return rules->total != 0 && rested >= rules->total;
}

static bool too_late(const struct nand_die *die)
{
    const struct suspend_rules *rules = &die->rules->suspend;
    const struct array_work *work = &die->work;
    tick_t asked = MAX(now(die), stoppable_at(work, rules));
    return stops_at(work, asked + rules->command.bus) + work->times.stop >= work->end;
}

// There is a host read to serve, and the die could take it before the work would be done.
static bool worth_stopping(const struct nand_die *die)
{
    const struct suspend_rules *rules = &die->rules->suspend;
    const struct array_work *work = &die->work;
    return work->stops < rules->limit && host_read_waits(die) && !rested_enough(rules, work->rested) && !too_late(die);
}

static bool worth_stopping_now(const struct nand_die *die)
{
    return now(die) >= stoppable_at(&die->work, &die->rules->suspend) && worth_stopping(die);
}

static bool read_may_follow(const struct nand_die *die)
{
    const struct suspend_rules *rules = &die->rules->suspend;
    tick_t rested = now(die) - die->work.rests_since;
    return host_read_waits(die) && (rules->bound == 0 || rested <= rules->bound) &&
           !rested_enough(rules, die->work.rested + rested);
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
    if (channel_take(die->channel, die->work.op, HOLDER_SUSPEND, BUS_COMMAND, duration)) {
        work_event(die, EVENT_GRANTED);
        channel_taken(die->channel);
    } else {
        die->work.command = (struct bus_request){
            .op = die->work.op,
            .holder = HOLDER_SUSPEND,
            .since = now(die),
            .duration = duration,
            .granted = command_granted,
        };
        channel_wait(die->channel, &die->work.command, BUS_COMMAND);
    }
}

static void array_works(struct nand_die *die)
{
    sim_at(die->sim, die->work.end, work_ends, die);
    if (die->queue.waiting > 0)
        suspend_queued(die);
}

static void await_beginning(struct nand_die *die)
{
    sim_at(die->sim, stoppable_at(&die->work, &die->rules->suspend), work_begins, die);
}

static void tell(const struct nand_die *die, enum nand_doing doing, tick_t from)
{
    const struct nand_observer *observer = die->rules->observer;
    if (observer != NULL)
        observer->doing(observer->self, die->work.op, doing, from);
}

static void rest(struct nand_die *die)
{
    struct array_work *work = &die->work;
    const struct suspend_rules *rules = &die->rules->suspend;
    tick_t stopped = stops_at(work, now(die) + rules->command.bus);
    breakdown_enter(&work->op->path, STAGE_DIE_WAIT, stopped);
    work->left = work->end - stopped;
    work->rests_since = stopped;
    work->stops++;
    die->rules->stats->suspends++;
    if (unlikely(die->holding != NULL))
        explain_suspension(die->holding, die->work.op, now(die));
    parts_t kept = parts_on(PART_CACHE, work->op->backend.planes);
    die_give(work->op, op_parts(work->op) & ~kept, stopped + work->times.stop);
    tell(die, DOING_RESTS, stopped + work->times.stop);
}

static void serve_read(struct nand_die *die)
{
    die_start(die, die_take(die, 0));
}

static void ask_to_resume(struct nand_die *die)
{
    struct nand_op *op = die->work.op;
    die_hold(die, op_parts(op));
    tell(die, DOING_WAITS, now(die));
    if (unlikely(die->holding != NULL))
        explain_suspension(die->holding, die->work.op, now(die));
    if (unlikely(op->path.waits != NULL))
        explain_rested(die->channel->holding, op, now(die));
    breakdown_enter(&op->path, STAGE_CHANNEL_WAIT, now(die));
    ask_for_bus(die);
}

static void resume(struct nand_die *die)
{
    struct array_work *work = &die->work;
    tick_t told = now(die) + die->rules->suspend.command.bus;
    work->rested += told - work->rests_since;
    work->begin = told + work->times.resume;
    work->end = work->begin + work->left;
    if (unlikely(die->holding != NULL))
        explain_resumed(die->holding, die->channel->holding, work->op, now(die), work->begin);
    breakdown_enter(&work->op->path, STAGE_NAND_COMMAND, now(die));
    breakdown_enter(&work->op->path, STAGE_ARRAY, told);
    tell(die, DOING_COMMAND, now(die));
    tell(die, DOING_ARRAY, told);
    array_works(die);
}

static void hand_back(struct nand_die *die)
{
    die->work.done(die->work.op);
}

// The command that still waits for the bus is for nobody.
static void hand_back_stray(struct nand_die *die)
{
    die->work.command.op = NULL;
    hand_back(die);
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
    {WORK_STOPPING, EVENT_END, is_due, WORK_STRAY, hand_back_stray},
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
    work->times = op->backend.kind_of->suspend_times(op);
    work->takes = end - begin;
    work->begin = begin;
    work->end = end;
    work->rested = 0;
    work->stops = 0;
    work->told = NULL;
    work_event(die, EVENT_BEGIN);
}

// Which limit holds the first host read up, if one does; counted once a read.
static void count_held(struct nand_die *die)
{
    const struct suspend_rules *rules = &die->rules->suspend;
    struct nand_stats *stats = die->rules->stats;
    struct array_work *work = &die->work;
    if (rules->limit == 0 || !host_read_waits(die) || work->told == die_queue_head(&die->queue, 0))
        return;
    work->told = die_queue_head(&die->queue, 0);
    if (work->stops >= rules->limit)
        stats->suspends_refused_limit++;
    else if (rested_enough(rules, work->rested))
        stats->suspends_refused_total++;
    else if (too_late(die))
        stats->suspends_too_late++;
    else if (work->stops > 0 && now(die) < stoppable_at(work, rules))
        stats->suspends_delayed++;
}

// In words, for who asks.
static enum unsuspended why_not(const struct nand_die *die)
{
    const struct suspend_rules *rules = &die->rules->suspend;
    const struct array_work *work = &die->work;
    if (rules->limit == 0)
        return UNSUSPENDED_OFF;
    if (work->stops >= rules->limit)
        return UNSUSPENDED_LIMIT;
    if (rested_enough(rules, work->rested))
        return UNSUSPENDED_TOTAL;
    if (too_late(die))
        return UNSUSPENDED_TOO_LATE;
    return work->stops > 0 && now(die) < stoppable_at(work, rules) ? UNSUSPENDED_DELAYED : UNSUSPENDED_AT_ONCE;
}

void suspend_queued(struct nand_die *die)
{
    if (die->work.state == WORK_ARRAY)
        count_held(die);
    if (unlikely(die->holding != NULL) && die->work.state == WORK_ARRAY && host_read_waits(die))
        explain_unsuspended(die->holding, now(die), why_not(die));
    work_event(die, EVENT_QUEUED);
}

void suspend_turn(struct nand_die *die)
{
    work_event(die, EVENT_TURN);
}
