// The event queue: a 4-ary min-heap of 16-byte keys over a pool of event slots.
//
// A key packs time, sequence number and slot index into 128 bits, so that comparing two keys is comparing two numbers
// and never touches the slots. Invariant: no two pending keys are equal, because no two have the same sequence number;
// hence the heap's order is total and any correct heap gives the same run.
//
// The root is replaced lazily: running an event leaves a hole at the root, and the first event that it schedules, as
// most do, drops into the hole and sinks from there, which saves the pop's own pass over the heap. A hole that nobody
// filled is closed when the next event is wanted. 4-ary: one node's children share a cache line (LaMarca and Ladner,
// "The influence of caches on the performance of heaps", 1996).
#include "sim/sim.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/sim_internal.h"
#include "util/alloc.h"
#include "util/check.h"

enum { SLOT_BITS = 28, SEQUENCE_BITS = 35, ORDER_BITS = SLOT_BITS + SEQUENCE_BITS, ARITY = 4 };

// time : 64, sequence : 35 and a bit that tells when it is used up, slot : 28, compared as one number. Then, after some
// 40 minutes, the pending events are numbered anew.
typedef unsigned __int128 event_key;

struct slot {
    sim_event_fn *fn;
    void *context;
};

struct sim {
    struct sim_clock_view clock; // first, for sim_now
    event_key *heap;
    struct slot *slots;
    uint32_t *free_slots; // stack of free slot indices
    uint32_t count;       // keys in the heap, a hole at the root included
    uint32_t free_count;
    uint32_t capacity;
    bool hole; // the root is the event being run: replace it or remove it
    bool running;
    volatile sig_atomic_t stop; // asked for
    bool stopped;               // the last run ended because of that
    tick_t bound; // of the running sim_run_before
    uint64_t order; // of the next event to be scheduled: its sequence number, in its place in the key
    uint64_t events;
    uint64_t seed;
    char *command;
    sim_event_fn *earlier;
    void *earlier_context;
};

static void grow(struct sim *sim)
{
    uint32_t capacity = sim->capacity == 0 ? 1024 : 2 * sim->capacity;
    CHECK(capacity <= UINT32_C(1) << SLOT_BITS, "more than %u pending events", 1u << SLOT_BITS);
    sim->heap = xrealloc(sim->heap, capacity * sizeof *sim->heap);
    sim->slots = xrealloc(sim->slots, capacity * sizeof *sim->slots);
    sim->free_slots = xrealloc(sim->free_slots, capacity * sizeof *sim->free_slots);
    for (uint32_t slot = capacity; slot-- > sim->capacity;)
        sim->free_slots[sim->free_count++] = slot;
    sim->capacity = capacity;
}

struct sim *sim_create(uint64_t seed)
{
    struct sim *sim = xcalloc(1, sizeof *sim);
    sim->seed = seed;
    sim->command = xstrdup("");
    grow(sim);
    return sim;
}

void sim_destroy(struct sim *sim)
{
    if (sim == NULL)
        return;
    free(sim->heap);
    free(sim->slots);
    free(sim->free_slots);
    free(sim->command);
    free(sim);
}

static inline tick_t key_time(event_key key)
{
    return (tick_t)(key >> 64);
}

static inline void sift_up(event_key *heap, uint32_t at, event_key key)
{
    while (at > 0) {
        uint32_t parent = (at - 1) / ARITY;
        if (key > heap[parent])
            break;
        heap[at] = heap[parent];
        at = parent;
    }
    heap[at] = key;
}

static inline uint32_t earlier(const event_key *heap, uint32_t a, uint32_t b)
{
    return heap[b] < heap[a] ? b : a;
}

// Of the children from `first` on, all of which but the heap's last family's are four.
static inline uint32_t earliest_child(const event_key *heap, uint32_t first, uint32_t count)
{
    if (likely(first + ARITY <= count))
        return earlier(heap, earlier(heap, first, first + 1), earlier(heap, first + 2, first + 3));
    uint32_t best = first;
    for (uint32_t child = first + 1; child < count; child++)
        best = earlier(heap, best, child);
    return best;
}

// Places `key` at the root and lets it sink in the heap's first `count` places.
static inline void sift_down(event_key *heap, uint32_t count, event_key key)
{
    uint32_t at = 0;
    for (;;) {
        uint32_t first = ARITY * at + 1;
        if (first >= count)
            break;
        uint32_t child = earliest_child(heap, first, count);
        if (heap[child] > key)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = key;
}

static inline void close_hole(struct sim *sim)
{
    if (!sim->hole)
        return;
    sim->hole = false;
    sim->count--;
    if (sim->count > 0)
        sift_down(sim->heap, sim->count, sim->heap[sim->count]);
}

static inline void insert(struct sim *sim, event_key key)
{
    if (sim->hole) {
        sim->hole = false;
        sift_down(sim->heap, sim->count, key);
    } else {
        sift_up(sim->heap, sim->count++, key);
    }
}

static int compare_keys(const void *a, const void *b)
{
    event_key x = *(const event_key *)a, y = *(const event_key *)b;
    return (x > y) - (x < y);
}

// Gives the pending events the first sequence numbers, in the order they have. Sorted keys are a heap; a hole stays
// where it is, at the root.
static void number_anew(struct sim *sim)
{
    event_key *first = sim->heap + sim->hole;
    uint32_t count = sim->count - sim->hole;
    const event_key others = ~((((event_key)1 << SEQUENCE_BITS) - 1) << SLOT_BITS);
    qsort(first, count, sizeof *first, compare_keys);
    for (uint32_t i = 0; i < count; i++)
        first[i] = (first[i] & others) | (event_key)i << SLOT_BITS;
    sim->order = (uint64_t)count << SLOT_BITS;
}

void sim_skip_sequence(struct sim *sim, uint64_t left)
{
    sim->order = MAX(sim->order, ((UINT64_C(1) << SEQUENCE_BITS) - left) << SLOT_BITS);
}

// What is needed now and then only, out of line, so that scheduling saves no registers for it.
static __attribute__((noinline)) void make_room(struct sim *sim)
{
    if (sim->free_count == 0)
        grow(sim);
    if (sim->order >> ORDER_BITS != 0)
        number_anew(sim);
}

static __attribute__((noinline)) void insert_from_outside(struct sim *sim, event_key key)
{
    bool earlier = sim->earlier != NULL && key_time(key) < sim_next(sim);
    insert(sim, key);
    if (earlier)
        sim->earlier(sim->earlier_context);
}

void sim_at(struct sim *sim, tick_t when, sim_event_fn *fn, void *context)
{
    SIM_CHECK(sim, "engine", when >= sim->clock.now, "an event for %llu ps lies in the past",
              (unsigned long long)when);
    if (unlikely(sim->free_count == 0 || sim->order >> ORDER_BITS != 0))
        make_room(sim);
    uint32_t slot = sim->free_slots[--sim->free_count];
    sim->slots[slot] = (struct slot){.fn = fn, .context = context};
    event_key key = (event_key)when << 64 | sim->order | slot;
    sim->order += UINT64_C(1) << SLOT_BITS;
    if (likely(sim->running))
        insert(sim, key);
    else
        insert_from_outside(sim, key);
}

// Of all pending events, those that will never run included; TICK_NEVER: there is none.
static inline tick_t earliest(const struct sim *sim)
{
    if (!sim->hole)
        return sim->count > 0 ? key_time(sim->heap[0]) : TICK_NEVER;
    if (sim->count == 1)
        return TICK_NEVER;
    return key_time(sim->heap[earliest_child(sim->heap, 1, sim->count)]);
}

tick_t sim_next(const struct sim *sim)
{
    tick_t next = earliest(sim);
    return next < TICK_END ? next : TICK_NEVER;
}

bool sim_out_of_time(const struct sim *sim)
{
    return sim->count > sim->hole && earliest(sim) >= TICK_END;
}

void sim_run_before(struct sim *sim, tick_t bound)
{
    sim->running = true;
    sim->bound = MIN(bound, TICK_END);
    while (!sim->stop) {
        close_hole(sim);
        if (sim->count == 0 || key_time(sim->heap[0]) >= sim->bound)
            break;
        uint32_t slot = (uint64_t)sim->heap[0] & ((UINT32_C(1) << SLOT_BITS) - 1);
        struct slot event = sim->slots[slot];
        sim->clock.now = key_time(sim->heap[0]);
        sim->free_slots[sim->free_count++] = slot;
        sim->hole = true;
        sim->events++;
        event.fn(event.context);
    }
    close_hole(sim);
    sim->running = false;
    sim->stopped = sim->stop != 0;
    if (sim->stopped)
        sim->stop = 0; // else one that a signal sets right now would be lost
}

void sim_lower_bound(struct sim *sim, tick_t bound)
{
    sim->bound = MIN(sim->bound, bound);
}

void sim_stop(struct sim *sim)
{
    sim->stop = 1;
}

bool sim_stopped(const struct sim *sim)
{
    return sim->stopped;
}

uint64_t sim_events(const struct sim *sim)
{
    return sim->events;
}

uint64_t sim_seed(const struct sim *sim)
{
    return sim->seed;
}

void sim_advance(struct sim *sim, tick_t when)
{
    SIM_CHECK(sim, "engine", when >= sim->clock.now && when <= sim_next(sim), "cannot move the clock to %llu ps",
              (unsigned long long)when);
    sim->clock.now = when;
}

void sim_on_earlier(struct sim *sim, sim_event_fn *fn, void *context)
{
    sim->earlier = fn;
    sim->earlier_context = context;
}

void sim_set_command(struct sim *sim, const char *command)
{
    free(sim->command);
    sim->command = xstrdup(command);
}

void sim_check_failed(const struct sim *sim, const char *component, const char *file, int line, const char *condition,
                      const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "sqtail: broken invariant in %s at %llu ps (seed %llu), %s:%d: %s: ", component,
            (unsigned long long)sim->clock.now, (unsigned long long)sim->seed, file, line, condition);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nto reproduce: %s\n", sim->command);
    exit(EXIT_BROKEN_INVARIANT);
}
