// Phases: an operation goes from row to row of its kind's table (op.h), and no further code knows all of one.
//
// Phases whose length is known when they begin follow each other without an event; one is spent where the operation
// has to ask for the bus at a later time, at the end of the array's work, and at its own end. A phase without length
// passes at once, but for the array: so an operation never ends inside its submission.
//
// All of this is compiled twice: once as it is, and once (phase_watched.c) telling an observer of each phase, so that
// nobody pays for one who is not there.
#include "nand/control/phase.h"

#include "nand/control/die.h"
#include "util/macros.h"

#ifndef PHASE_WATCHED
#define PHASE_WATCHED 0
#define PHASE_START phase_start
#endif

static inline void tell(const struct nand_op *op, enum nand_doing doing, tick_t from)
{
    const struct nand_observer *observer = PHASE_WATCHED ? op->backend.die->rules->observer : NULL;
    if (observer != NULL)
        observer->doing(observer->self, op, doing, from);
}

static inline enum nand_doing lead_doing(const struct phase *phase)
{
    return phase->place == AT_BUS ? DOING_COMMAND : DOING_SETTLES;
}

static inline enum nand_doing doing_of(const struct phase *phase)
{
    switch (phase->stage) {
    case STAGE_ARRAY: return DOING_ARRAY;
    case STAGE_TRANSFER: return DOING_DATA;
    case STAGE_ECC: return DOING_DECODES;
    default: return lead_doing(phase);
    }
}

static inline void enter(struct nand_op *op, enum stage stage, tick_t when)
{
    if (likely(op->backend.step == 0)) // the rest of the read ladder is one stage
        breakdown_enter(&op->path, stage, when);
}

// Returns when the phase has led in.
static inline tick_t enter_phase(struct nand_op *op, const struct phase *phase, tick_t begin)
{
    if (phase->lead != NULL) {
        enter(op, STAGE_NAND_COMMAND, begin);
        tell(op, lead_doing(phase), begin);
        begin += phase->lead(op);
    }
    enter(op, phase->stage, begin);
    tell(op, doing_of(phase), begin);
    return begin;
}

// The phase ends at `end`, now or later. Returns the next.
static inline const struct phase *leave_phase(struct nand_op *op, const struct phase *phase, tick_t end)
{
    if (phase->over != NULL && phase->over(op))
        return phase->goes_to;
    if (phase->gives != 0)
        die_give(op, parts_on(phase->gives, op->backend.planes), end);
    return phase + 1;
}

static void pass(struct nand_op *op, tick_t end);

// The bus is the operation's from `now` on.
static inline void bus_taken(struct nand_op *op, tick_t now, tick_t duration)
{
    op->backend.bus.duration = duration; // by which decoding counts back to the arrival of each unit
    enter_phase(op, op->backend.phase, now);
    pass(op, now + duration);
}

static void bus_granted(struct bus_request *request)
{
    struct nand_op *op = container_of(request, struct nand_op, backend.bus);
    tick_t now = sim_now(op->backend.die->sim);
    if (unlikely(op->path.waits != NULL))
        explain_wait_ends(op->backend.die->channel->holding, op, WAIT_CHANNEL_WAIT_HOST_READ, now);
    bus_taken(op, now, request->duration);
}

static void ask_for_bus(void *context)
{
    struct nand_op *op = context;
    const struct phase *phase = op->backend.phase;
    struct nand_die *die = op->backend.die;
    tick_t now = sim_now(die->sim), duration = phase->takes(op);
    if (phase->lead != NULL)
        duration += phase->lead(op);
    tell(op, DOING_WAITS, now);
    enum bus_class class = phase->bus[op->source.urgency];
    if (likely(channel_take(die->channel, op, op->backend.holder, class, duration))) {
        bus_taken(op, now, duration);
        channel_taken(die->channel);
    } else {
        enter(op, STAGE_CHANNEL_WAIT, now);
        if (unlikely(op->path.waits != NULL))
            explain_wait_begins(die->channel->holding, op, WAIT_CHANNEL_WAIT_HOST_READ, now, class <= BUS_HOST_DATA);
        op->backend.bus = (struct bus_request){
            .op = op, .holder = op->backend.holder, .since = now, .duration = duration, .granted = bus_granted};
        channel_wait(die->channel, &op->backend.bus, class);
    }
}

static void array_ready(void *context);

static void work_done(struct nand_op *op)
{
    array_ready(op);
}

static void operation_ends(void *context)
{
    struct nand_op *op = context;
    op->backend.ended(op);
}

static void at_bus(struct nand_op *op, const struct phase *phase, tick_t begin)
{
    (void)phase;
    struct sim *sim = op->backend.die->sim;
    if (likely(begin == sim_now(sim)))
        ask_for_bus(op);
    else
        sim_at(sim, begin, ask_for_bus, op);
}

static void at_array(struct nand_op *op, const struct phase *phase, tick_t begin)
{
    begin = enter_phase(op, phase, begin);
    sim_at(op->backend.die->sim, begin + phase->takes(op), array_ready, op);
}

static void at_work(struct nand_op *op, const struct phase *phase, tick_t begin)
{
    begin = enter_phase(op, phase, begin);
    suspend_work_begin(op->backend.die, op, begin, begin + phase->takes(op), work_done);
}

static void at_end(struct nand_op *op, const struct phase *phase, tick_t begin)
{
    (void)phase;
    struct sim *sim = op->backend.die->sim;
    tell(op, DOING_ENDS, begin);
    if (begin == sim_now(sim))
        operation_ends(op);
    else
        sim_at(sim, begin, operation_ends, op);
}

// How a phase that is waited for begins. None of known length is.
static void (*const begins[AT_PLACES])(struct nand_op *op, const struct phase *phase, tick_t begin) = {
    [AT_BUS] = at_bus,
    [AT_ARRAY] = at_array,
    [AT_WORK] = at_work,
    [AT_END] = at_end,
};

// The present phase ends at `end`, now or later: on to the next for which an event or the bus has to be waited.
static void pass(struct nand_op *op, tick_t end)
{
    const struct phase *phase = leave_phase(op, op->backend.phase, end);
    while (phase->place == AT_KNOWN_LENGTH) {
        end = op->backend.begun = enter_phase(op, phase, end);
        end += phase->takes(op);
        phase = leave_phase(op, phase, end);
    }
    op->backend.phase = phase;
    begins[phase->place](op, phase, end);
}

static void array_ready(void *context)
{
    struct nand_op *op = context;
    pass(op, sim_now(op->backend.die->sim));
}

void PHASE_START(struct nand_op *op)
{
    const struct op_kind *kind = op->backend.kind_of;
    if (kind->begin != NULL)
        kind->begin(op);
    op->backend.phase = kind->phases;
    ask_for_bus(op);
}
