// Dies: one operation at a time, and who goes next.
//
// A die is free from `free_at` on; while it is not known when that will be (an array is at work) free_at is
// TICK_NEVER. What comes to a free die starts at once; what does not, waits in its queue. A wake-up event is spent
// only when somebody waits: it is scheduled when the last of two things becomes known, that somebody waits and when
// the die will be free. Invariant: when operations wait (or one is suspended) and free_at is known, one wake-up is
// scheduled for it.
//
// Suspension: when a host read stands first in the queue while the array programs or erases, the array is told to
// stop. From the command's end its work rests; t_suspend_program or t_suspend_erase later the die takes reads. When
// no host read is left, a resume command continues the work. An operation is suspended at most nand.suspend_limit
// times, so that it ends, and never when it would be done before the die could take the read. Once the work has rested
// for nand.starvation_bound it goes on though reads wait, but not before one was served: else a bound below the time
// that suspending takes would have the same read pay for suspension after suspension. The event for the old end of
// the work finds that it has become meaningless. Suspend and resume commands: tCS and three cycles, as MQSim counts
// them.
#include "nand/control/internal.h"

static void start(struct nand_die *die, struct nand_op *op)
{
    static void (*const starts[NAND_KIND_COUNT])(struct nand_op *) = {
        [NAND_READ] = read_start,
        [NAND_PROGRAM] = program_start,
        [NAND_ERASE] = erase_start,
    };
    die->free_at = TICK_NEVER;
    die->held_since = sim_now(die->nand->sim);
    die->op = op;
    starts[op->kind](op);
}

static struct nand_op *take_from(struct nand_die *die, unsigned class)
{
    die->queue.waiting--;
    return container_of(list_pop(&die->queue.classes[class]), struct nand_op, backend.link);
}

static struct nand_op *take_next(struct nand_die *die)
{
    struct nand *nand = die->nand;
    return take_from(die, nand->scheduler->pick(&die->queue, sim_now(nand->sim), nand->config.starvation_bound));
}

static bool read_first(const struct nand_die *die)
{
    const struct nand_op *head = die_queue_head(&die->queue, 0);
    return head != NULL && head->kind == NAND_READ;
}

static bool host_read_first(const struct nand_die *die)
{
    return read_first(die) && die_queue_head(&die->queue, 0)->source == NAND_HOST;
}

static void consider_suspension(void *context);

static void array_done(void *context)
{
    struct nand_die *die = context;
    struct nand_op *op = die->array_op;
    if (op == NULL || die->suspended || die->array_end != sim_now(die->nand->sim))
        return; // the work was suspended after this was scheduled
    die->array_op = NULL;
    write_array_done(die, op);
}

static void resume_granted(struct nand_die *die)
{
    struct nand *nand = die->nand;
    tick_t now = sim_now(nand->sim), array = now + nand->suspend_command.bus;
    breakdown_enter(&die->array_op->path, STAGE_NAND_COMMAND, now);
    breakdown_enter(&die->array_op->path, STAGE_ARRAY, array);
    die->suspended = false;
    die->array_start = array;
    die->array_end = array + die->array_left;
    sim_at(nand->sim, die->array_end, array_done, die);
    if (die->queue.waiting > 0)
        consider_suspension(die);
}

static void resume(struct nand_die *die)
{
    die->op = die->array_op;
    die->free_at = TICK_NEVER;
    die->held_since = sim_now(die->nand->sim);
    breakdown_enter(&die->array_op->path, STAGE_CHANNEL_WAIT, die->held_since);
    channel_request(&die->request, die, BUS_COMMAND, die->nand->suspend_command.bus, resume_granted);
}

// A read that the suspension is for: the first may be a retry step that has gone to the queue's head meanwhile.
static bool serves_read(const struct nand_die *die)
{
    tick_t bound = die->nand->config.starvation_bound, rested = sim_now(die->nand->sim) - die->suspended_since;
    if (!die->suspension_served)
        return read_first(die);
    return host_read_first(die) && (bound == 0 || rested <= bound);
}

// Between the reads of a suspension: a further one, or the end of it.
static void continue_suspended(struct nand_die *die)
{
    if (!serves_read(die)) {
        resume(die);
        return;
    }
    die->suspension_served = true;
    start(die, take_from(die, 0));
}

static void wake(void *context)
{
    struct nand_die *die = context;
    die->wake_pending = false;
    if (unlikely(die->suspended))
        continue_suspended(die);
    else if (die->queue.waiting > 0)
        start(die, take_next(die));
}

static void schedule_wake(struct nand_die *die)
{
    if (die->wake_pending || die->free_at == TICK_NEVER)
        return;
    die->wake_pending = true;
    sim_at(die->nand->sim, die->free_at, wake, die);
}

static tick_t suspend_latency(const struct nand_die *die)
{
    const struct nand_config *config = &die->nand->config;
    return die->array_op->kind == NAND_ERASE ? config->t_suspend_erase : config->t_suspend_program;
}

static bool suspension_wanted(const struct nand_die *die)
{
    bool possible = die->array_op != NULL && !die->suspended && die->suspends < die->nand->config.suspend_limit;
    if (!possible || !host_read_first(die))
        return false;
    tick_t stopped = sim_now(die->nand->sim) + die->nand->suspend_command.bus;
    return stopped + suspend_latency(die) < die->array_end;
}

// While the command waited for the bus the work may have ended: then it is without effect.
static void suspend_granted(struct nand_die *die)
{
    struct nand *nand = die->nand;
    tick_t now = sim_now(nand->sim), stopped = now + nand->suspend_command.bus;
    die->suspend_requested = false;
    if (!suspension_wanted(die) || now < die->array_start)
        return;
    breakdown_enter(&die->array_op->path, STAGE_DIE_WAIT, stopped);
    die->array_left = die->array_end - stopped;
    die->suspended = true;
    die->suspension_served = false;
    die->suspended_since = stopped;
    die->suspends++;
    nand->stats.suspends++;
    die_release(die, stopped + suspend_latency(die));
}

static void suspend(struct nand_die *die)
{
    if (die->suspend_requested)
        return;
    die->suspend_requested = true;
    channel_request(&die->suspend_request, die, BUS_COMMAND, die->nand->suspend_command.bus, suspend_granted);
}

static void consider_suspension(void *context)
{
    struct nand_die *die = context;
    if (!suspension_wanted(die))
        return;
    if (sim_now(die->nand->sim) >= die->array_start)
        suspend(die);
    else if (die->suspension_at != die->array_start) {
        die->suspension_at = die->array_start;
        sim_at(die->nand->sim, die->array_start, consider_suspension, die);
    }
}

void die_submit(struct nand_die *die, struct nand_op *op, bool first)
{
    struct die_queue *queue = &die->queue;
    if (likely(queue->waiting == 0 && die->free_at <= sim_now(die->nand->sim) && !die->suspended)) {
        start(die, op);
        return;
    }
    struct list *class = &queue->classes[die->nand->scheduler->class_of(op)];
    if (first)
        list_push_front(class, &op->backend.link);
    else
        list_push(class, &op->backend.link);
    queue->waiting++;
    schedule_wake(die);
    if (die->array_op != NULL)
        consider_suspension(die);
}

void die_release(struct nand_die *die, tick_t when)
{
    meter_add(&die->nand->die_meter, die->held_since, when - die->held_since);
    die->free_at = when;
    if (die->queue.waiting > 0 || die->suspended)
        schedule_wake(die);
}

void die_array_begin(struct nand_die *die, struct nand_op *op, tick_t begin, tick_t end)
{
    die->array_op = op;
    die->array_start = begin;
    die->array_end = end;
    die->suspends = 0;
    sim_at(die->nand->sim, end, array_done, die);
    if (die->queue.waiting > 0)
        consider_suspension(die);
}
