// When a process' plug ends, read from its own events.
//
// Linux 6.1 block/blk-mq.c (blk_add_rq_to_plug, blk_mq_flush_plug_list) tells 'P' when the first request goes into a plug,
// 'U' or 'UT' when a plug is emptied into queues, and nothing when it is emptied straight to the driver. There are two
// reasons for that: the plug is full, and then it is emptied between the 'G' of the request that finds it so and the 'P'
// of the same; or it has ended, and then the process issues what it holds without having been given another request.
//
//     Q G P | Q M | Q G D P | Q G D D     in turn: held; joins; held, the plug was full; held, and there it ends
//
// A flush or FUA goes past the plug, which keeps what it holds: its 'G' and 'D' are not to be told.
#include "trace/build/plugs.h"

#include <stdlib.h>

#include "spec/blktrace.h"
#include "util/alloc.h"
#include "util/macros.h"

void plugs_init(struct plugs *plugs)
{
    *plugs = (struct plugs){0};
    pair_map_init(&plugs->of);
}

void plugs_destroy(struct plugs *plugs)
{
    pair_map_destroy(&plugs->of);
    free(plugs->processes);
}

static struct plug_process *process_of(struct plugs *plugs, uint32_t pid, uint32_t device)
{
    uint64_t *index = pair_map_get(&plugs->of, pid, device, plugs->count);
    if (*index < plugs->count)
        return &plugs->processes[*index];
    plugs->processes = xgrow(plugs->processes, plugs->count, sizeof *plugs->processes);
    plugs->processes[plugs->count] = (struct plug_process){.last = PLUGS_NONE};
    return &plugs->processes[plugs->count++];
}

struct note {
    struct plug_process *process;
    uint64_t request;
    plugs_tell_fn *tell;
    void *context;
};

static void tell(const struct note *note, unsigned fate)
{
    if (note->process->last != PLUGS_NONE)
        note->tell(note->context, note->process->last, fate);
}

// The last one has its place, whatever it is: the process goes on without having said more.
static void settle(const struct note *note)
{
    struct plug_process *process = note->process;
    if (process->made && process->holds && process->issued)
        tell(note, PLUG_ENDS);
    process->holds &= !(process->made && process->issued);
    process->made = process->issued = false;
}

static void on_queue(const struct note *note)
{
    struct plug_process *process = note->process;
    settle(note);
    tell(note, PLUG_CLOSED);
    process->last = note->request;
    process->joined = false;
    tell(note, PLUG_OPEN);
}

static void on_made(const struct note *note)
{
    settle(note);
    note->process->made = note->process->joined = true;
    if (note->process->holds)
        tell(note, PLUG_HELD);
}

static void on_merge(const struct note *note)
{
    note->process->joined = true;
    if (note->process->holds)
        tell(note, PLUG_HELD);
}

static void on_plug(const struct note *note)
{
    struct plug_process *process = note->process;
    process->holds = true;
    process->made = process->issued = false;
    tell(note, PLUG_HELD);
}

static void on_issue(const struct note *note)
{
    struct plug_process *process = note->process;
    if (process->made) {
        process->issued = true;
        return;
    }
    if (process->holds)
        tell(note, PLUG_ENDS);
    process->holds = false;
}

static void end_plug(const struct note *note, unsigned fate)
{
    settle(note);
    if (note->process->holds)
        tell(note, fate);
    note->process->holds = false;
}

static void on_unplug(const struct note *note)
{
    if (note->process->made)
        note->process->issued = true; // the plug was full, if a 'P' follows
    else
        end_plug(note, PLUG_ENDS);
}

static void on_sleep(const struct note *note)
{
    end_plug(note, note->process->joined ? PLUG_SLEEPS : PLUG_SLEPT);
}

void plugs_note(struct plugs *plugs, uint32_t pid, uint32_t device, unsigned action, uint64_t request,
                plugs_tell_fn *tell_fn, void *context)
{
    static void (*const handlers[BLKTRACE_ACTION_COUNT])(const struct note *) = {
        [BLKTRACE_QUEUE] = on_queue,     [BLKTRACE_GETRQ] = on_made,         [BLKTRACE_BACKMERGE] = on_merge,
        [BLKTRACE_FRONTMERGE] = on_merge, [BLKTRACE_PLUG] = on_plug,         [BLKTRACE_ISSUE] = on_issue,
        [BLKTRACE_UNPLUG_IO] = on_unplug, [BLKTRACE_UNPLUG_TIMER] = on_sleep,
    };
    if (pid == 0 || action >= ARRAY_SIZE(handlers) || handlers[action] == NULL)
        return;
    handlers[action](&(struct note){process_of(plugs, pid, device), request, tell_fn, context});
}
