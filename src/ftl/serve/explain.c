// Causes of the waits of writes and flushes.
//
// As long as data are in the buffer they wait for what holds host programs back (pace.c), or for programs before them. A
// flush, or a write that is done once it is in the flash, ends with a program: until that is sent, the causes are the
// buffer's; from then on those of the program's own wait for its die, its waits for the channel, and the program.
#include "ftl/serve/explain.h"

#include "util/macros.h"

// The causes of a stage that the pace knows of; `first` stands for HOST_GOES.
static tick_t *holds_of(struct breakdown *path, enum wait first)
{
    return wait_open(path, first, HOST_HOLD_COUNT);
}

static tick_t now_of(const struct serve *serve)
{
    return sim_now(serve->base->sim);
}

void explain_room_begins(const struct serve *serve, struct ftl_request *request)
{
    if (unlikely(request->path->waits != NULL))
        pace_wait_begins(serve->pace, holds_of(request->path, WAIT_BUFFER_WAIT_PROGRAMS));
}

void explain_room_ends(const struct serve *serve, struct ftl_request *request)
{
    if (unlikely(request->path->waits != NULL) && request->path->stage == STAGE_BUFFER_WAIT)
        pace_wait_ends(serve->pace, holds_of(request->path, WAIT_BUFFER_WAIT_PROGRAMS));
}

void explain_flush_begins(const struct serve *serve, struct ftl_request *request)
{
    if (unlikely(request->path->waits != NULL))
        pace_wait_begins(serve->pace, holds_of(request->path, WAIT_FLUSH_WAIT_PROGRAMS));
}

// What a program's path holds is put down as the request's wait.
static void add_program(struct breakdown *path, const struct breakdown *program)
{
    tick_t waited = program->spent[STAGE_DIE_WAIT] + program->spent[STAGE_CHANNEL_WAIT];
    for (int i = 0; i < NAND_HOLDER_COUNT; i++)
        wait_add(path, WAIT_FLUSH_WAIT_HOST_READ + i, wait_of(program, WAIT_DIE_WAIT_HOST_READ + i));
    wait_add(path, WAIT_FLUSH_WAIT_CHANNEL, program->spent[STAGE_CHANNEL_WAIT]);
    wait_add(path, WAIT_FLUSH_WAIT_PROGRAM, program->changed - program->start - waited);
}

void explain_flush_ends(const struct serve *serve, struct ftl_request *request, const struct program *last)
{
    struct breakdown *path = request->path;
    tick_t left[WAIT_NAND_COUNT];
    if (likely(path->waits == NULL))
        return;
    tick_t *causes = holds_of(path, WAIT_FLUSH_WAIT_PROGRAMS);
    if (last == NULL) {
        pace_wait_ends(serve->pace, causes);
        return;
    }
    bool sent_before = last->op.path.start <= path->changed;
    for (int i = 0; i < HOST_HOLD_COUNT; i++)
        causes[i] = sent_before ? 0 : causes[i] + last->held[i];
    struct breakdown program = sent_before ? breakdown_since(&last->op.path, path->changed, left) : last->op.path;
    program.changed = now_of(serve);
    add_program(path, &program);
}

_Static_assert(HOST_HOLD_COUNT <= ARRAY_SIZE(((struct program *)NULL)->held), "a program keeps the time of each hold");

void explain_sent(const struct serve *serve, struct program *program)
{
    for (int i = 0; i < HOST_HOLD_COUNT; i++)
        program->held[i] = 0;
    pace_wait_ends(serve->pace, program->held);
}
