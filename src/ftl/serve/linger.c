// Data that linger in the buffer: after a time they are sent although nobody asks for them and though they fill no
// program unit.
//
// `destage_age` bounds for how long a unit may stay there before it is sent, `destage_idle` for how long the drive may
// be idle before all is. Both do what a flush does, and nobody waits for it.
#include "ftl/serve/serve.h"

static void force(struct serve *serve, uint64_t sequence)
{
    serve->buffer->forced = MAX(serve->buffer->forced, sequence);
    agenda_raise(&serve->base->agenda, AGENDA_DISPATCH);
}

// --- age ---

static void look(void *context)
{
    struct serve *serve = context;
    const struct buffer *buffer = serve->buffer;
    uint32_t index = buffer->first_queued;
    uint64_t aged = 0;
    tick_t now = sim_now(serve->base->sim), age = serve->base->config.destage_age;
    for (; index != NONE && buffer->entries[index].since + age <= now; index = buffer->entries[index].next)
        aged = buffer->entries[index].sequence;
    serve->aging = index != NONE;
    if (serve->aging)
        sim_at(serve->base->sim, buffer->entries[index].since + age, look, serve);
    if (aged > 0)
        force(serve, aged);
}

void linger_arrived(struct serve *serve)
{
    tick_t age = serve->base->config.destage_age;
    if (age == 0 || serve->buffer->write_through || serve->aging || serve->buffer->first_queued == NONE)
        return;
    tick_t due = serve->buffer->entries[serve->buffer->first_queued].since + age;
    serve->aging = true;
    sim_at(serve->base->sim, MAX(due, sim_now(serve->base->sim)), look, serve); // what is blocked may be overdue
}

// --- idle time ---

static void idle(void *context)
{
    struct serve *serve = context;
    if (serve->buffer->queued > 0)
        force(serve, serve->buffer->sequence);
}

void linger_init(struct serve *serve)
{
    if (serve->buffer->write_through)
        return;
    serve->idle = (struct idle_watch){.after = serve->base->config.destage_idle, .begun = idle, .context = serve};
    idle_watch(&serve->base->idle, &serve->idle);
}
