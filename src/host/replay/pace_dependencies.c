// A request waits for completions as it did in the recording, and then for the recorded think time.
//
// A recording does not say what waited for what. It says when each thread asked, and what had been answered by then.
// Completions of a thread are counted, whichever requests they are of; a request waits until so many of its thread's
// have come, thinks as long as it did in the recording, and never overtakes the thread's request before it. How many,
// and since when it thinks, can be read in three ways (struct reading):
//
//     all    for all completions that had come; it thinks since the last of them. That is a thread with one request
//            under way, or one that collects a batch before it asks for the next
//     one    for the first completion that no request before it has waited for; it thinks since then. That is a fixed
//            number of requests under way, each of which is followed by its own next one: N clients behind one thread
//     turn   as one, but it thinks since the thread's request before it where that was later: a thread that answers
//            completions one after the other, each of which takes it processor time
//
// The recording itself tells which: what a thread really does takes it much the same time each time, while a wait for
// the wrong thing has in it what the drive did meanwhile. Of each thread the three think times are followed, and the
// reading whose think times differ least from one request to the next is taken (the sum of these differences, of which
// each request forgets a 64th); where they are equally even, the first, which waits for most. Think times that are
// random by nature look the same in each reading: then several clients behind one thread are taken for one that waits
// for all, and ask less than they did. On a drive that has the recorded latencies all three give recorded times, to the
// nanosecond.
//
// Why numbers and not names of requests (hfplayer: Haghdoost et al., FAST '17; by files and their states ARTC: Weiss et
// al., SOSP '13; by slowing down one node after the other //TRACE: Mesnier et al., FAST '07): a thread with several
// requests under way mostly takes whichever is answered first. To wait for the very one that came first on another
// drive leaves places empty on one that answers in another order. With one request under way, and where all are waited
// for, numbers and names are the same.
//
// A thread's first requests, before which none of its own had completed, wait for all completions of all threads that
// had come: a process begun by another one, or after it, begins after it here, too. Requests before all completions
// come at recorded times. Threads that otherwise wait for each other's requests, as an fsync does for the writeback of
// another thread, keep the recorded time of that wait as think time; with the whole recording as one thread
// (REPLAY_THREADS_ONE) it stretches, but then independent threads hold each other up. So do they where the recording
// tells no processes.
//
// Requests are read ahead of the one that is first in the recording, as many as the window holds: a thread that would
// issue one beyond it waits until it is in view, which is counted (`unseen`). The first in the recording waits for
// nothing behind it, so that there is always one that can go on. A request whose completion is not recorded counts for
// nobody, neither when the recording is read nor here; nor does one while as many as the window holds are under way in
// the recording.
#include "host/replay/pace.h"

#include <stdlib.h>
#include <string.h>

#include "host/replay/time_heap.h"
#include "trace/pair_map.h"
#include "util/alloc.h"
#include "util/list.h"
#include "util/pool.h"

#define NO_THREAD UINT32_MAX

// What a request waited for in the recording, and how long it thought then.
struct reading {
    uint64_t wants; // completions
    uint64_t think_ns;
};

enum { READING_ALL, READING_TURN, READING_ONE, READINGS };

// Whose completions are counted: a thread's, or those of all.
struct count {
    uint64_t recorded, recorded_ns; // before the request read last, and when the last of them was
    uint64_t done;                  // here,
    tick_t done_at;                 // and when the last of them was
    struct time_heap waiting;       // requests in view, by how many they want
};

// Recorded completions that no request has waited for yet, the oldest first.
struct unclaimed {
    uint64_t *times_ns; // a ring
    uint64_t head, count, capacity;
};

struct thread {
    struct count count;
    struct unclaimed unclaimed;
    uint64_t read_ns;              // its request read last,
    uint64_t think_ns[READINGS];   // and how long it thought, if it did
    uint64_t unevenness[READINGS]; // ns
    bool thinks;
    struct list order; // its requests in view
    tick_t due;        // of the one issued last
    uint32_t index;
};

// A request in view.
struct viewed {
    struct list_link link; // of its thread
    struct trace_request request; // with ranges of its own
    struct thread *thread;
    uint64_t number; // in the recording
    tick_t think;
    tick_t since;    // when it began to think; TICK_NEVER: not known yet
    bool turn;       // or when the thread's request before was due
    bool followed;   // its completion counts
    uint64_t *waits; // where it is counted by what it waits for
};

struct dependencies {
    struct pace base;
    struct pace_options options;
    uint32_t in_flight;
    struct pool views;
    uint64_t in_view, read; // requests
    bool ended;             // all are read
    struct pair_map index;  // key -> thread
    struct thread **threads;
    uint64_t thread_count;
    struct count any;
    struct time_heap recorded; // completions that the recording has after the request read last
    struct time_heap ready;    // threads, by when their next request is due
};

static struct dependencies *dependencies_of(const struct pace *pace)
{
    return container_of(pace, struct dependencies, base);
}

// --- threads -------------------------------------------------------------------------------------------------------

static uint64_t key_of(const struct dependencies *d, const struct trace_request *request)
{
    const uint64_t keys[] = {
        [REPLAY_THREADS_PROCESS] = request->pid, [REPLAY_THREADS_CPU] = request->cpu, [REPLAY_THREADS_ONE] = 0};
    return keys[d->options.threads];
}

static struct thread *add_thread(struct dependencies *d)
{
    struct thread *thread = xcalloc(1, sizeof *thread);
    thread->index = (uint32_t)d->thread_count;
    d->threads = xgrow(d->threads, d->thread_count, sizeof *d->threads);
    d->threads[d->thread_count++] = thread;
    d->base.stats.threads = d->thread_count;
    return thread;
}

static struct thread *thread_of(struct dependencies *d, const struct trace_request *request)
{
    uint64_t index = *pair_map_get(&d->index, key_of(d, request), 0, d->thread_count);
    return index == d->thread_count ? add_thread(d) : d->threads[index];
}

static struct viewed *first_of(const struct thread *thread)
{
    return container_of(thread->order.head, struct viewed, link);
}

// When the thread's next request is due, which is known.
static tick_t due_of(const struct thread *thread)
{
    const struct viewed *first = first_of(thread);
    tick_t since = first->turn ? MAX(first->since, thread->due) : first->since;
    return MIN(MAX(since + first->think, thread->due), TICK_END);
}

static void make_ready(struct dependencies *d, struct thread *thread)
{
    time_heap_push(&d->ready, (struct time_heap_entry){due_of(thread), first_of(thread)->number, thread});
}

static void begin_to_think(struct dependencies *d, struct viewed *viewed, tick_t since)
{
    viewed->since = since;
    if (first_of(viewed->thread) == viewed)
        make_ready(d, viewed->thread);
}

// --- the recording -------------------------------------------------------------------------------------------------

static void grow(struct unclaimed *ring)
{
    uint64_t capacity = MAX(2 * ring->capacity, UINT64_C(8)), *times_ns = xmalloc(capacity * sizeof *times_ns);
    for (uint64_t i = 0; i < ring->count; i++)
        times_ns[i] = ring->times_ns[(ring->head + i) & (ring->capacity - 1)];
    free(ring->times_ns);
    *ring = (struct unclaimed){.times_ns = times_ns, .count = ring->count, .capacity = capacity};
}

static void note_recorded(struct count *count, uint64_t time_ns)
{
    count->recorded++;
    count->recorded_ns = time_ns;
}

static void pass_completion(struct dependencies *d, struct thread *thread, uint64_t time_ns)
{
    struct unclaimed *ring = &thread->unclaimed;
    note_recorded(&thread->count, time_ns);
    note_recorded(&d->any, time_ns);
    if (ring->count == ring->capacity)
        grow(ring);
    ring->times_ns[(ring->head + ring->count++) & (ring->capacity - 1)] = time_ns;
}

// Completions that the recording has up to then; one at the same time was before.
static void pass_completions(struct dependencies *d, uint64_t time_ns)
{
    while (d->recorded.count > 0 && d->recorded.entries[0].at <= time_ns) {
        struct time_heap_entry completion = time_heap_pop(&d->recorded);
        pass_completion(d, completion.what, completion.at);
    }
}

static void expect_completion(struct dependencies *d, struct viewed *viewed)
{
    const struct trace_request *request = &viewed->request;
    viewed->followed = request->latency_ns != TRACE_LATENCY_UNKNOWN && d->recorded.count < d->options.window;
    if (viewed->followed)
        time_heap_push(&d->recorded, (struct time_heap_entry){request->time_ns + request->latency_ns, viewed->number,
                                                              viewed->thread});
}

// The oldest completion that is unclaimed; the last one, where none is.
static struct reading claim(struct thread *thread, uint64_t time_ns)
{
    const struct count *count = &thread->count;
    struct unclaimed *ring = &thread->unclaimed;
    if (ring->count == 0)
        return (struct reading){count->recorded, time_ns - count->recorded_ns};
    uint64_t since_ns = ring->times_ns[ring->head++ & (ring->capacity - 1)];
    return (struct reading){count->recorded - --ring->count, time_ns - since_ns};
}

static void note_think_times(struct thread *thread, const struct reading readings[READINGS])
{
    for (int i = 0; i < READINGS; i++) {
        uint64_t think_ns = readings[i].think_ns, before = thread->think_ns[i];
        thread->unevenness[i] -= thread->unevenness[i] / 64;
        if (thread->thinks)
            thread->unevenness[i] += think_ns > before ? think_ns - before : before - think_ns;
        thread->think_ns[i] = think_ns;
    }
    thread->thinks = true;
}

static int most_even(const struct thread *thread)
{
    int best = 0;
    for (int i = 1; i < READINGS; i++)
        if (thread->unevenness[i] < thread->unevenness[best])
            best = i;
    return best;
}

static struct reading read_own(struct dependencies *d, struct viewed *viewed)
{
    struct thread *thread = viewed->thread;
    uint64_t time_ns = viewed->request.time_ns, *const waits[READINGS] = {
        &d->base.stats.waits_all, &d->base.stats.waits_turn, &d->base.stats.waits_one};
    struct reading one = claim(thread, time_ns);
    const struct reading readings[READINGS] = {
        [READING_ALL] = {thread->count.recorded, time_ns - thread->count.recorded_ns},
        [READING_TURN] = {one.wants, MIN(one.think_ns, time_ns - thread->read_ns)},
        [READING_ONE] = one,
    };
    int best = most_even(thread);
    note_think_times(thread, readings);
    viewed->turn = best == READING_TURN;
    viewed->waits = waits[best];
    return readings[best];
}

// What it waits for may have happened before it came into view: when, is known of the last completion alone.
static void await(struct dependencies *d, struct viewed *viewed, struct count *count, uint64_t wants, tick_t now)
{
    if (count->done < wants) {
        time_heap_push(&count->waiting, (struct time_heap_entry){wants, viewed->number, viewed});
        return;
    }
    bool unseen = count->done > wants || count->done_at + viewed->think < now;
    d->base.stats.unseen += unseen;
    begin_to_think(d, viewed, unseen ? MAX(now, viewed->think) - viewed->think : count->done_at);
}

static void find_wait(struct dependencies *d, struct viewed *viewed, tick_t now)
{
    struct thread *thread = viewed->thread;
    const struct replay_source *source = d->base.source;
    uint64_t time_ns = viewed->request.time_ns;
    if (thread->count.recorded > 0) {
        struct reading reading = read_own(d, viewed);
        viewed->think = replay_source_span(source, reading.think_ns);
        await(d, viewed, &thread->count, reading.wants, now);
    } else if (d->any.recorded > 0) {
        viewed->waits = &d->base.stats.waits_any;
        viewed->think = replay_source_span(source, time_ns - d->any.recorded_ns);
        await(d, viewed, &d->any, d->any.recorded, now);
    } else {
        viewed->waits = &d->base.stats.waits_none;
        viewed->think = replay_source_span(source, time_ns);
        begin_to_think(d, viewed, source->begin);
    }
}

// What the reader has is its own until the next one is asked for.
static void keep_ranges(struct trace_request *request)
{
    if (request->range_count == 0)
        return;
    struct io_range *ranges = xmalloc(request->range_count * sizeof *ranges);
    memcpy(ranges, request->ranges, request->range_count * sizeof *ranges);
    request->ranges = ranges;
}

static void drop(struct dependencies *d, struct viewed *viewed)
{
    if (viewed->request.range_count > 0)
        free((void *)viewed->request.ranges);
    pool_give(&d->views, viewed);
}

static void view(struct dependencies *d, const struct trace_request *request, tick_t now)
{
    struct viewed *viewed = pool_take(&d->views);
    pass_completions(d, request->time_ns);
    *viewed = (struct viewed){
        .request = *request, .thread = thread_of(d, request), .number = d->read++, .since = TICK_NEVER};
    keep_ranges(&viewed->request);
    list_push(&viewed->thread->order, &viewed->link);
    find_wait(d, viewed, now);
    expect_completion(d, viewed);
    viewed->thread->read_ns = request->time_ns;
    d->in_view++;
}

static void look_ahead(struct dependencies *d, tick_t now)
{
    struct trace_request request;
    while (!d->ended && d->in_view < d->options.window)
        if (request_source_next(d->base.source->requests, &request))
            view(d, &request, now);
        else
            d->ended = true;
}

// --- the run -------------------------------------------------------------------------------------------------------

static void set_due(struct dependencies *d)
{
    bool full = d->options.iodepth != 0 && d->in_flight >= d->options.iodepth;
    d->base.due = TICK_NEVER;
    if (full || d->ready.count == 0)
        return;
    d->base.due = d->ready.entries[0].at;
    d->base.first = &first_of(d->ready.entries[0].what)->request;
}

static void dependencies_start(struct pace *pace, const struct workload_start *start)
{
    struct dependencies *d = dependencies_of(pace);
    look_ahead(d, start->now);
    set_due(d);
}

static void dependencies_issued(struct pace *pace, tick_t now, struct workload_request *request)
{
    struct dependencies *d = dependencies_of(pace);
    struct time_heap_entry ready = time_heap_pop(&d->ready);
    struct thread *thread = ready.what;
    struct viewed *viewed = first_of(thread);
    request->job = viewed->followed ? thread->index : NO_THREAD;
    pace_note_late(pace, ready.at, now);
    ++*viewed->waits;
    pace->stats.unfollowed += !viewed->followed;
    thread->due = ready.at;
    list_pop(&thread->order);
    drop(d, viewed);
    d->in_view--;
    d->in_flight++;
    if (!list_empty(&thread->order) && first_of(thread)->since != TICK_NEVER)
        make_ready(d, thread);
    look_ahead(d, now);
    set_due(d);
}

static void count_done(struct dependencies *d, struct count *count, tick_t now)
{
    count->done++;
    count->done_at = now;
    while (count->waiting.count > 0 && count->waiting.entries[0].at <= count->done)
        begin_to_think(d, time_heap_pop(&count->waiting).what, now);
}

static void dependencies_completed(struct pace *pace, tick_t now, const struct workload_request *request)
{
    struct dependencies *d = dependencies_of(pace);
    d->in_flight--;
    if (request->job != NO_THREAD) {
        count_done(d, &d->threads[request->job]->count, now);
        count_done(d, &d->any, now);
    }
    set_due(d);
}

// --- creation ------------------------------------------------------------------------------------------------------

static void destroy_thread(struct dependencies *d, struct thread *thread)
{
    struct list_link *link;
    while ((link = list_pop(&thread->order)) != NULL)
        drop(d, container_of(link, struct viewed, link));
    time_heap_destroy(&thread->count.waiting);
    free(thread->unclaimed.times_ns);
    free(thread);
}

static void dependencies_destroy(struct pace *pace)
{
    struct dependencies *d = dependencies_of(pace);
    for (uint64_t i = 0; i < d->thread_count; i++)
        destroy_thread(d, d->threads[i]);
    free(d->threads);
    time_heap_destroy(&d->any.waiting);
    time_heap_destroy(&d->recorded);
    time_heap_destroy(&d->ready);
    pair_map_destroy(&d->index);
    pool_destroy(&d->views);
    free(d);
}

static struct pace *dependencies_create(const struct pace_options *options)
{
    struct dependencies *d = xcalloc(1, sizeof *d);
    d->options = *options;
    d->options.window = options->window == 0 ? TRACE_WINDOW : options->window;
    pool_init(&d->views, sizeof(struct viewed));
    pair_map_init(&d->index);
    return &d->base;
}

const struct pace_ops pace_dependencies = {
    .name = "dependencies",
    .help = "each after the completions and the think time that it waited for in the recording",
    .needs_latencies = true,
    .create = dependencies_create,
    .start = dependencies_start,
    .issued = dependencies_issued,
    .completed = dependencies_completed,
    .destroy = dependencies_destroy,
};
