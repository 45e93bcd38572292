// Format ftrace: block events in text, as the kernel's tracefs shows them (trace, trace_pipe), as trace-cmd and perf
// script print them, and as the kernel's blk tracer does (echo blk > current_tracer), in either of its layouts.
//
//     task-pid [(tgid)] [cpu] [flags] seconds.fraction: block_rq_issue: major,minor rwbs bytes (command) ...
//     task pid[/tid] [cpu] seconds.fraction: block:block_rq_issue: ...                       perf script
//     task-pid [cpu] flags seconds.fraction: major,minor action rwbs tail                    blk
//     major,minor cpu seconds.nanoseconds pid action rwbs tail                               blk, with blk_classic
//
// An event's end is as its print format has it (Linux include/trace/events/block.h, 2.6.31 to 6.18), which differs
// from blkparse's in these:
//
//     a flush is FF, and its completion stands at sector 2^64 - 1
//     N with sectors is a write-zeroes, of which blktrace 7 makes a W (older kernels' zone appends look the same)
//     N without is a passthrough request, or a zone command
//     requests have their bytes before the sector (0 in old kernels), and since 6.11 a priority after it, which perf
//     prints as numbers
//
// Whatever stands before the time is taken apart from its end: names may hold blanks, hyphens and brackets. Call chains,
// headers, and block events that say nothing new (block_io_start, block_rq_error) are passed over in silence. What the
// recorder says it has lost is told. Left out: latency-format, whose times are relative, and perf trace, which prints
// fields by name.
#include <string.h>

#include "trace/read/event_lines.h"
#include "trace/read/event_text.h"
#include "trace/read/rwbs.h"
#include "util/macros.h"

enum { LEAST_ADDRESS = 5 };

// ---- bodies of events --------------------------------------------------------------------------------------------

static const uint64_t directions = BLKTRACE_IS_READ | BLKTRACE_IS_WRITE | BLKTRACE_IS_FLUSH | BLKTRACE_IS_ZONE;

// What N stands for.
static void settle_kind(struct trace_event *event, uint64_t bytes)
{
    if (event->sector == UINT64_MAX)
        event->sector = 0;
    if (trace_event_is(event, directions))
        return;
    if (event->bytes != 0)
        event->action |= BLKTRACE_IS_WRITE | BLKTRACE_IS_WRITE_ZEROES;
    else {
        event->action |= BLKTRACE_IS_PC;
        event->bytes = bytes;
    }
}

static void skip_priority(struct text_parser *p)
{
    while (p->at < p->end && *p->at != '[')
        p->at++;
}

// [bytes] (command) sector + n [priority]
static void parse_request(struct text_parser *p, struct trace_event *event)
{
    uint64_t bytes = text_peek(p, '(') ? 0 : text_number(p, UINT32_MAX, "bad number of bytes");
    event_text_payload(p, event);
    event_text_range(p, event);
    skip_priority(p);
    settle_kind(event, bytes);
}

static void body_request(struct text_parser *p, struct trace_event *event)
{
    parse_request(p, event);
    event_text_process(p, event);
}

static void body_done(struct text_parser *p, struct trace_event *event)
{
    parse_request(p, event);
    event_text_error(p, event);
}

static void body_bio(struct text_parser *p, struct trace_event *event)
{
    event_text_range(p, event);
    settle_kind(event, 0);
    event_text_process(p, event);
}

static void body_bio_done(struct text_parser *p, struct trace_event *event)
{
    event_text_range(p, event);
    settle_kind(event, 0);
    event_text_error(p, event);
}

// As blkparse has it; with a number of bios behind it, of requests.
static void body_remap(struct text_parser *p, struct trace_event *event)
{
    event_text_find("A", 1)->tail(p, event);
    settle_kind(event, 0);
    text_skip_blanks(p);
    if (text_is_digit(p))
        text_number(p, UINT32_MAX, "bad number of bios");
}

static const struct body {
    const char *name;
    const char *action; // blkparse's; NULL: it says nothing that another event does not
    void (*parse)(struct text_parser *, struct trace_event *); // what follows the rwbs; NULL: as blkparse's action
    bool bare;          // without device and rwbs
} bodies[] = {
    {.name = "block_rq_issue", .action = "D", .parse = body_request},
    {.name = "block_rq_complete", .action = "C", .parse = body_done},
    {.name = "block_rq_insert", .action = "I", .parse = body_request},
    {.name = "block_rq_merge", .action = "M", .parse = body_request},
    {.name = "block_rq_requeue", .action = "R", .parse = body_done},
    {.name = "block_rq_remap", .action = "A", .parse = body_remap},
    {.name = "block_bio_queue", .action = "Q", .parse = body_bio},
    {.name = "block_bio_backmerge", .action = "M", .parse = body_bio},
    {.name = "block_bio_frontmerge", .action = "F", .parse = body_bio},
    {.name = "block_bio_bounce", .action = "B", .parse = body_bio},
    {.name = "block_bio_complete", .action = "C", .parse = body_bio_done},
    {.name = "block_bio_remap", .action = "A", .parse = body_remap},
    {.name = "block_remap", .action = "A", .parse = body_remap},
    {.name = "block_getrq", .action = "G", .parse = body_bio},
    {.name = "block_sleeprq", .action = "S", .parse = body_bio},
    {.name = "block_split", .action = "X"},
    {.name = "block_plug", .action = "P", .bare = true},
    {.name = "block_unplug", .action = "U", .bare = true},
    {.name = "block_unplug_io", .action = "U", .bare = true},
    {.name = "block_unplug_timer", .action = "UT", .bare = true},
    {.name = "block_rq_error"},
    {.name = "block_io_start"},
    {.name = "block_io_done"},
    {.name = "block_dirty_buffer"},
    {.name = "block_touch_buffer"},
};

// The event whose name and colon are at hand, which are taken; NULL where it is none of those.
static const struct body *take_name(struct text_parser *p)
{
    text_skip_blanks(p);
    if (text_has_prefix(p, "block:"))
        p->at += strlen("block:");
    const char *start = p->at, *colon = start;
    while (colon < p->end && *colon != ':')
        colon++;
    size_t length = (size_t)(colon - start);
    for (size_t i = 0; colon < p->end && i < ARRAY_SIZE(bodies); i++)
        if (strlen(bodies[i].name) == length && memcmp(bodies[i].name, start, length) == 0) {
            p->at = colon + 1;
            return &bodies[i];
        }
    return NULL;
}

static void parse_body(struct text_parser *p, struct trace_event *event, const struct body *body)
{
    const struct event_text *action = event_text_find(body->action, strlen(body->action));
    event_text_begin(p, event, action);
    if (!body->bare) {
        event->device = text_device(p);
        text_skip_blanks(p);
        event->action |= rwbs_parse(p);
    }
    if (p->problem == NULL)
        (body->parse != NULL ? body->parse : action->tail)(p, event);
    event_text_end(p, event);
}

// ---- heads of lines ----------------------------------------------------------------------------------------------

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// Where the time begins that a colon ends; NULL where none does.
static const char *time_before(const char *start, const char *colon)
{
    const char *at = colon;
    bool point = false;
    while (at > start && ((at[-1] >= '0' && at[-1] <= '9') || (at[-1] == '.' && !point))) {
        at--;
        point = point || *at == '.';
    }
    return point && at < colon && *at != '.' && (at == start || is_blank(at[-1])) ? at : NULL;
}

// The first time that ends in a colon and a blank.
static const char *find_time(const struct text_parser *p)
{
    const char *colon = p->at;
    while ((colon = memchr(colon, ':', (size_t)(p->end - colon))) != NULL) {
        const char *time = colon + 1 < p->end && is_blank(colon[1]) ? time_before(p->at, colon) : NULL;
        if (time != NULL)
            return time;
        colon++;
    }
    return NULL;
}

static const char *back_over(const char *start, const char *end, bool (*skipped)(char))
{
    while (end > start && skipped(end[-1]))
        end--;
    return end;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static uint32_t number_at(const char *at, const char *end, uint32_t largest, struct text_parser *told,
                          const char *problem)
{
    struct text_parser p = {.at = at, .end = end};
    uint32_t number = (uint32_t)text_number(&p, largest, problem);
    if (p.problem != NULL)
        text_fail(told, p.problem);
    return number;
}

// The process's number ends what stands before the CPU, but for a thread group in parentheses.
static uint32_t parse_pid(struct text_parser *p, const char *start, const char *end)
{
    end = back_over(start, end, is_blank);
    if (end > start && end[-1] == ')') {
        while (end > start && *end != '(')
            end--;
        end = back_over(start, end, is_blank);
    }
    const char *digits = back_over(start, end, is_digit);
    return digits == end ? 0 : number_at(digits, end, UINT32_MAX, p, "bad process number");
}

// Process and CPU, as far as they stand between `start` and the time.
static void parse_task(struct text_parser *p, struct trace_event *event, const char *start, const char *end)
{
    for (const char *close = end; close > start; close--) {
        const char *digits = back_over(start, close, is_digit);
        if (*close != ']' || digits == close || digits == start || digits[-1] != '[')
            continue;
        event->cpu = number_at(digits, close, TEXT_CPU_LIMIT - 1, p, "bad CPU number");
        event->pid = parse_pid(p, start, digits - 1);
        return;
    }
}

// Leaves what stands behind the time and its colon. False where the line has no time.
static bool take_head(struct text_parser *p, struct trace_event *event)
{
    const char *start = p->at, *time = find_time(p);
    if (time == NULL)
        return false;
    parse_task(p, event, start, time);
    p->at = time;
    event->time_ns = text_time(p, 1);
    text_expect(p, ':', "bad time");
    return true;
}

// ---- lines -------------------------------------------------------------------------------------------------------

// A device at hand, as the blk tracer has it.
static bool is_device(struct text_parser p)
{
    text_device(&p);
    return p.problem == NULL && p.at < p.end && is_blank(*p.at);
}

static void parse_classic(struct text_parser *p, struct trace_event *event)
{
    event->device = text_device(p);
    event->cpu = (uint32_t)text_number(p, TEXT_CPU_LIMIT - 1, "bad CPU number");
    event->time_ns = text_time(p, 1);
    event->pid = (uint32_t)text_number(p, UINT32_MAX, "bad process number");
    event_text_rest(p, event);
}

static void parse(const struct event_layout *layout, struct text_parser *p, struct trace_event *event)
{
    (void)layout;
    event->recorder = TRACE_RECORDER_UNKNOWN;
    if (is_device(*p)) {
        parse_classic(p, event);
        return;
    }
    take_head(p, event);
    const struct body *body = take_name(p);
    if (body != NULL) {
        parse_body(p, event, body);
        return;
    }
    event->device = text_device(p);
    event_text_rest(p, event);
}

// An address, a symbol, and in parentheses where it is from.
static bool is_call(struct text_parser p)
{
    const char *start = p.at;
    while (p.at < p.end && strchr("0123456789abcdef", *p.at) != NULL)
        p.at++;
    return p.at - start >= LEAST_ADDRESS && p.at < p.end && is_blank(*p.at) && p.end[-1] == ')';
}

// A header, a call chain of perf's or the kernel's, and what trace-cmd says of its file.
static bool is_remark(struct text_parser p)
{
    static const char *const starts[] = {"#", "CPU:", "CPU ", "cpus=", "version = ", "=>", "<stack trace>"};
    text_skip_blanks(&p);
    if (is_call(p))
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
        if (text_has_prefix(&p, starts[i]))
            return true;
    return false;
}

static enum line_kind kind(const struct event_layout *layout, struct text_parser p)
{
    struct trace_event event = {0};
    (void)layout;
    if (is_device(p))
        return LINE_EVENT;
    if (!take_head(&p, &event))
        return is_remark(p) ? LINE_REMARK : LINE_OTHER;
    const struct body *body = take_name(&p);
    if (body != NULL)
        return body->action != NULL ? LINE_EVENT : LINE_REMARK;
    return is_device(p) ? LINE_EVENT : LINE_OTHER;
}

// Of "# entries-in-buffer/entries-written: 485/1000" the difference; "CPU:1 [LOST 37 EVENTS]" in the kernel's words,
// "CPU:1 [37 EVENTS DROPPED]" in trace-cmd's.
static uint64_t lost(struct text_parser p)
{
    static const char entries[] = "# entries-in-buffer/entries-written: ";
    if (text_has_prefix(&p, entries)) {
        p.at += strlen(entries);
        uint64_t kept = text_number(&p, UINT64_MAX, "");
        text_expect(&p, '/', "");
        uint64_t written = text_number(&p, UINT64_MAX, "");
        return written > kept ? written - kept : 0;
    }
    const char *bracket = text_has_prefix(&p, "CPU:") ? memchr(p.at, '[', (size_t)(p.end - p.at)) : NULL;
    if (bracket == NULL)
        return 0;
    p.at = bracket + 1;
    if (text_has_prefix(&p, "LOST "))
        p.at += strlen("LOST ");
    uint64_t events = text_number(&p, UINT64_MAX, "");
    return p.problem == NULL ? events : 1; // "[LOST EVENTS]": it does not know how many
}

static const struct event_layout layout = {
    .what = "a recording of ftrace's text",
    .kind = kind,
    .parse = parse,
    .lost = lost,
};

static bool probe(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    (void)ops;
    return event_lines_probe(&layout, bytes, size);
}

static void *open_reader(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                         struct trace_faults *faults)
{
    (void)ops;
    (void)more;
    return event_lines_open(&layout, input, faults);
}

extern const struct trace_format_ops trace_format_ftrace;
const struct trace_format_ops trace_format_ftrace = {
    .name = "ftrace",
    .help = "block events in text: tracefs, trace-cmd report, perf script, the kernel's blk tracer",
    .lines = true,
    .probe = probe,
    .open = open_reader,
    .next = event_lines_next,
    .rewind = event_lines_rewind,
    .close = event_lines_close,
};
