// The block layer against Linux: what was queued ('Q') in each recording goes in, and what comes out must be what the kernel
// issued ('D'), request by request: kind, place, size, flags and order; and what a process issued itself, when, told in
// requests that it had queued before. And all that happens on the way is what the kernel recorded, but for completions:
// events 'Q G P M U I D X', one by one.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/block/block.h"
#include "trace/trace.h"
#include "trace/trace_event.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { LINE_BYTES = 48, LINES_MAX = 2000, BIOS_MAX = 2000, PIDS_MAX = 1 << 16 };

struct lines {
    char text[LINES_MAX][LINE_BYTES];
    uint32_t pid[LINES_MAX];           // that issued it
    uint32_t queued_before[LINES_MAX]; // by the same
    uint32_t count;
    uint32_t queued[PIDS_MAX];         // so far
};

struct run {
    struct sim *sim;
    struct block *block;
    struct trace *trace;
    struct trace_request next;
    struct block_bio bios[BIOS_MAX];
    uint32_t submitted, done;
    struct lines issued;
    struct { struct run *run; struct block_request *request; } flying[LINES_MAX];
};

// --- what Linux issued ---------------------------------------------------------------------------------------------

static void add_line(struct lines *lines, uint32_t pid, char kind, uint64_t sector, uint64_t sectors, bool fua, bool sync,
                     bool ahead)
{
    assert_true(lines->count < LINES_MAX && pid < PIDS_MAX);
    lines->pid[lines->count] = pid;
    lines->queued_before[lines->count] = lines->queued[pid];
    snprintf(lines->text[lines->count++], LINE_BYTES, "%c%s%s%s %llu + %llu", kind, fua ? "F" : "", ahead ? "A" : "",
             sync ? "S" : "", (unsigned long long)sector, (unsigned long long)sectors);
}

static char recorded_kind(const struct trace_event *event)
{
    if (trace_event_is(event, BLKTRACE_IS_DISCARD))
        return 'D';
    if (trace_event_is(event, BLKTRACE_IS_WRITE))
        return 'W';
    return trace_event_is(event, BLKTRACE_IS_FLUSH) ? 'F' : 'R';
}

static void read_issued(const char *path, struct lines *lines)
{
    struct diag *diag = diag_create();
    struct trace_events *events = trace_events_open(diag, path, 0, NULL);
    struct trace_event event;
    assert_non_null(events);
    while (trace_next_event(events, &event) > 0) {
        if (trace_event_is(&event, BLKTRACE_IS_PC | BLKTRACE_IS_NOTIFY))
            continue;
        if (trace_event_action(&event) == BLKTRACE_QUEUE)
            lines->queued[event.pid]++;
        if (trace_event_action(&event) == BLKTRACE_ISSUE)
            add_line(lines, event.pid, recorded_kind(&event), event.sector, event.bytes / 512,
                     trace_event_is(&event, BLKTRACE_IS_FUA), trace_event_is(&event, BLKTRACE_IS_SYNC),
                     trace_event_is(&event, BLKTRACE_IS_AHEAD));
    }
    trace_events_close(events);
    diag_destroy(diag);
}

// --- all that happens ----------------------------------------------------------------------------------------------

struct course {
    char (*text)[LINE_BYTES];
    uint32_t count;
};

enum { COURSE_MAX = 8000 };

static void add_step(struct course *course, const char *action, uint64_t sector, uint64_t value)
{
    assert_true(course->count < COURSE_MAX);
    snprintf(course->text[course->count++], LINE_BYTES, "%s %llu %llu", action, (unsigned long long)sector,
             (unsigned long long)value);
}

static const char *const letters[BLKTRACE_ACTION_COUNT] = {
#define LETTER(number, id, name) [BLKTRACE_##id] = name,
    BLKTRACE_ACTION_LIST(LETTER)
#undef LETTER
};

static bool has_value(unsigned action) // instead of a size
{
    return action == BLKTRACE_UNPLUG_IO || action == BLKTRACE_UNPLUG_TIMER || action == BLKTRACE_SPLIT;
}

static void read_course(const char *path, struct course *course)
{
    struct diag *diag = diag_create();
    struct trace_events *events = trace_events_open(diag, path, 0, NULL);
    struct trace_event event;
    while (trace_next_event(events, &event) > 0) {
        unsigned action = trace_event_action(&event);
        if (!trace_event_is(&event, BLKTRACE_IS_PC | BLKTRACE_IS_NOTIFY) && action != BLKTRACE_COMPLETE)
            add_step(course, letters[action], event.sector, has_value(action) ? event.value : event.bytes / 512);
    }
    trace_events_close(events);
    diag_destroy(diag);
}

static void take_step(void *context, const struct block_event *event)
{
    bool unplugs = event->action == BLKTRACE_UNPLUG_IO || event->action == BLKTRACE_UNPLUG_TIMER;
    uint64_t value = unplugs ? event->value : event->action == BLKTRACE_SPLIT ? event->value / 512 : event->bytes / 512;
    if (event->action != BLKTRACE_COMPLETE)
        add_step(context, letters[event->action], event->offset / 512, value);
}

static struct course course_create(void)
{
    return (struct course){.text = xcalloc(COURSE_MAX, LINE_BYTES)};
}

// --- what the layer issues -----------------------------------------------------------------------------------------

static void complete(void *context)
{
    struct run *run = *(struct run **)context;
    struct block_request *request = ((struct block_request **)context)[1];
    uint32_t queue = request->cpu; // a queue each
    block_complete(run->block, request, false);
    block_resume(run->block, queue);
}

static void issue(void *self, uint32_t queue, struct block_request *request)
{
    static const char kinds[IO_KIND_COUNT] = {
        [IO_READ] = 'R', [IO_WRITE] = 'W', [IO_FLUSH] = 'F', [IO_TRIM] = 'D', [IO_WRITE_ZEROES] = 'W'};
    struct run *run = self;
    uint32_t number = run->issued.count;
    (void)queue;
    add_line(&run->issued, request->task, kinds[request->kind], request->offset / 512, request->bytes / 512,
             request->fua, (request->how & IO_SYNC) != 0, (request->how & IO_AHEAD) != 0);
    run->flying[number].run = run;
    run->flying[number].request = request;
    sim_after(run->sim, 50 * TICKS_PER_US, complete, &run->flying[number]);
}

static void commit(void *self)
{
    (void)self;
}

static void bio_done(void *self, struct block_bio *bio, const struct block_request *last)
{
    struct run *run = self;
    (void)last;
    assert_false(bio->failed);
    run->done++;
}

static void submit(void *context)
{
    struct run *run = context;
    const struct trace_request *next = &run->next;
    assert_true(run->submitted < BIOS_MAX);
    struct block_bio *bio = &run->bios[run->submitted++];
    *bio = (struct block_bio){
        .kind = next->kind,
        .how = (next->sync ? IO_SYNC : 0) | (next->ahead ? IO_AHEAD : 0) | (next->plugged ? IO_PLUGGED : 0) |
               (next->unplug_end ? IO_UNPLUG_END : 0) | (next->unplug_sleep ? IO_UNPLUG_SLEEP : 0) |
               (next->slept_first ? IO_SLEPT_FIRST : 0),
        .fua = next->fua, .preflush = next->preflush || next->kind == IO_FLUSH, .cpu = next->cpu, .task = next->pid,
        .offset = next->offset, .bytes = next->bytes,
    };
    run->issued.queued[next->pid]++;
    block_submit(run->block, bio);
    if (trace_next(run->trace, &run->next))
        sim_at(run->sim, run->next.time_ns * TICKS_PER_NS, submit, run);
}

// The limits of traces/queue-limits.txt, the drive's 127 segments, four CPUs.
static const struct block_setup recorded_queue = {
    .limits = {.max_bytes = {[IO_READ] = 512 << 10, [IO_WRITE] = 512 << 10, [IO_WRITE_ZEROES] = 512 << 10,
                             [IO_TRIM] = 4194303ull * 512},
               .max_segments = 127, .max_discard_segments = 256},
    .cpus = 4, .map = {{4, 0, 0}}, .tags = 1023, .merges = true, .volatile_cache = true,
};

static struct run *run_recording(const char *path, const struct block_setup *setup, struct course *course)
{
    struct run *run = xcalloc(1, sizeof *run);
    struct diag *diag = diag_create();
    run->trace = trace_open(diag, path, &(struct trace_options){.action = 'Q'});
    assert_non_null(run->trace);
    run->sim = sim_create(1);
    run->block = block_create(run->sim, setup, (struct block_port){run, issue, commit, bio_done});
    if (course != NULL)
        block_on_event(run->block, take_step, course);
    assert_true(trace_next(run->trace, &run->next));
    sim_at(run->sim, run->next.time_ns * TICKS_PER_NS, submit, run);
    sim_run_before(run->sim, TICK_NEVER);
    assert_int_equal(run->submitted, trace_get_info(run->trace)->requests);
    assert_int_equal(run->done, run->submitted);
    block_check(run->block);
    trace_close(run->trace);
    diag_destroy(diag);
    return run;
}

static void end(struct run *run)
{
    block_destroy(run->block);
    sim_destroy(run->sim);
    free(run);
}

static const char *path_of(const char *name, char path[256])
{
    const char *top = getenv("srcdir");
    snprintf(path, 256, "%s/traces/%s", top == NULL ? "." : top, name);
    return path;
}

// A worker may have come to it late.
static void check_line(const char *name, const struct lines *issued, const struct lines *recorded, uint32_t i)
{
    if (strcmp(issued->text[i], recorded->text[i]) != 0)
        fail_msg("%s: request %u is '%s', Linux issued '%s'", name, i, issued->text[i], recorded->text[i]);
    if (issued->pid[i] == recorded->pid[i] && issued->queued_before[i] != recorded->queued_before[i])
        fail_msg("%s: request %u, '%s', is issued with %u queued, in Linux with %u", name, i, issued->text[i],
                 issued->queued_before[i], recorded->queued_before[i]);
}

static void check_recording(const char *name)
{
    char path[256];
    struct lines *recorded = xcalloc(1, sizeof *recorded);
    read_issued(path_of(name, path), recorded);
    struct run *run = run_recording(path, &recorded_queue, NULL);
    for (uint32_t i = 0; i < MIN(run->issued.count, recorded->count); i++)
        check_line(name, &run->issued, recorded, i);
    assert_int_equal(run->issued.count, recorded->count);
    free(recorded);
    end(run);
}

static void check_course(const char *name)
{
    char path[256];
    struct course recorded = course_create(), course = course_create();
    read_course(path_of(name, path), &recorded);
    end(run_recording(path, &recorded_queue, &course));
    for (uint32_t i = 0; i < MIN(course.count, recorded.count); i++)
        if (strcmp(course.text[i], recorded.text[i]) != 0)
            fail_msg("%s: event %u is '%s', Linux recorded '%s'", name, i, course.text[i], recorded.text[i]);
    assert_int_equal(course.count, recorded.count);
    free(course.text);
    free(recorded.text);
}

static const char *const names[] = {"dd", "dd-direct", "dd-sync", "fio-randread-4k-qd32-libaio",
                                    "fio-randrw70-16k-qd16-uring", "fio-randtrim-64k-qd4", "fio-randwrite-4k-odsync",
                                    "fio-seqread-1m-qd2", "mke2fs", "passthru-flush"};

static void test_every_event_on_the_way_is_as_linux_recorded_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        check_course(names[i]);
}

static void test_what_linux_queued_becomes_what_linux_issued(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        check_recording(names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_event_on_the_way_is_as_linux_recorded_it),
        cmocka_unit_test(test_what_linux_queued_becomes_what_linux_issued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
