// Dies: what is held of them, and who goes next.
//
// An operation starts when the parts of the die that its kind needs are free: at once when nobody waits, else when its
// turn comes. What does not start waits in the die's queue. A wake-up event is spent only when somebody waits: it is
// scheduled when the last of two things becomes known, that somebody waits and when parts will be free. Invariant:
// when operations wait (or a program or erase rests) and it is known when parts become free, one wake-up is scheduled
// for then.
#include "nand/control/die.h"

void die_hold(struct nand_die *die, parts_t parts)
{
    tick_t now = sim_now(die->sim);
    parts_take(&die->holds, parts, now);
    if (parts & PART_INTERFACE)
        die->held_since = now;
}

void die_start(struct nand_die *die, struct nand_op *op)
{
    die_hold(die, op_parts(op));
    if (unlikely(die->holding != NULL))
        explain_die(die->holding, op, sim_now(die->sim));
    die->rules->ops->start(op);
}

struct nand_op *die_take(struct nand_die *die, unsigned class)
{
    die->queue.waiting--;
    struct nand_op *op = container_of(list_pop(&die->queue.classes[class]), struct nand_op, backend.link);
    if (unlikely(op->path.waits != NULL))
        explain_die_wait_ends(die->holding, op, sim_now(die->sim));
    return op;
}

static bool is_free(struct nand_die *die, parts_t parts)
{
    return parts_free(&die->holds, parts, sim_now(die->sim));
}

// Those whose turn it is start, as long as commands can be given and their parts are free.
static void serve(struct nand_die *die)
{
    const struct die_rules *rules = die->rules;
    while (die->queue.waiting > 0 && is_free(die, PART_INTERFACE)) {
        unsigned class = rules->scheduler->pick(&die->queue, sim_now(die->sim), rules->starvation_bound);
        if (!is_free(die, op_parts(die_queue_head(&die->queue, class))))
            return;
        die_start(die, die_take(die, class));
    }
}

static void wake(void *context)
{
    struct nand_die *die = context;
    die->wake_pending = false;
    if (unlikely(work_rests(&die->work)))
        die->rules->ops->turn(die);
    else
        serve(die);
}

static void schedule_wake(struct nand_die *die)
{
    if (die->wake_pending || die->holds.leaving == 0)
        return;
    die->wake_pending = true;
    sim_at(die->sim, die->holds.leaves_at, wake, die);
}

// So few that the operation can see but few others go first.
static bool few_wait(const struct nand_die *die, const struct nand_op *op)
{
    enum { FEW = HOLDING_RECENT / 2 };
    return die->queue.waiting <= FEW && op->kind == NAND_READ;
}

void die_submit(struct nand_die *die, struct nand_op *op, bool first)
{
    if (likely(!die->wake_pending && is_free(die, op_parts(op)))) {
        die_start(die, op);
        return;
    }
    struct list *class = &die->queue.classes[die->rules->scheduler->class_of(op)];
    if (first)
        list_push_front(class, &op->backend.link);
    else
        list_push(class, &op->backend.link);
    die->queue.waiting++;
    if (unlikely(op->path.waits != NULL))
        explain_wait_begins(die->holding, op, WAIT_DIE_WAIT_HOST_READ, sim_now(die->sim), few_wait(die, op));
    schedule_wake(die);
    if (die->work.state != WORK_NONE)
        die->rules->ops->queued(die);
}

void die_give(const struct nand_op *op, parts_t parts, tick_t when)
{
    struct nand_die *die = op->backend.die;
    if (parts & PART_INTERFACE)
        meter_add_own(&die->rules->meter, die->busy, die->held_since, when - die->held_since, die, NULL, op);
    if (unlikely(die->holding != NULL) && (parts & PART_INTERFACE))
        explain_given(die->holding, sim_now(die->sim), when);
    bool alone = parts_give(&die->holds, parts, sim_now(die->sim), when);
    SIM_CHECK(die->sim, "nand", alone, "die %u gives back two lots of parts at different times", die->index);
    if (die->queue.waiting > 0 || work_rests(&die->work))
        schedule_wake(die);
}
