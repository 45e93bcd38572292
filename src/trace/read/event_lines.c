// Texts of one event a line.
//
// Lines are parsed twice: first to check them all and to know whether they are in order of time, as they are unless
// somebody put files together; then one by one as they are asked for. Lines that are no events are passed over: summaries and the
// tool's remarks in silence, any other with a warning, as is a last line that is cut off; one that begins as an event
// and does not go on as one is malformed. What terminals and editors put into text is gone before
// (trace/input/plain_text.h). Where no line is an event from its beginning on, as after `grep -n`, `cat -n` or in a system's
// log, what stands before the event is passed over.
//
// Several recordings in one text must not be sorted into each other. A CPU's events of one device are in order of time
// and of sequence (the kernel numbers them with interrupts off). Where its numbers go on and its time steps back the
// clock has started again: blkparse at work on a pipe takes its origin anew. Where its numbers step back the lines are
// out of order, or another session begins: then numbers occur twice. Either is noticed at a CPU's second event only, so
// that the place itself is where time last stepped back, at most RECENT events before; what follows is shifted to follow
// what was there before.
#include "trace/read/event_lines.h"

#include <stdlib.h>
#include <string.h>

#include "trace/input/input.h"
#include "trace/number_set.h"
#include "trace/pair_map.h"
#include "trace/input/stream.h"
#include "util/alloc.h"

enum { CLOCK_STEP_NS = 10000000, PREFIX_BYTES = 1 << 20, RECENT = 1 << 16 };

// An event read lately.
struct line {
    uint64_t time_ns;
    uint64_t number;
    uint64_t earliest_ns, latest_ns; // of its part of the text, up to it
};

// The events of one device on one CPU, as far as they were read.
struct clock {
    uint64_t time_ns;
    uint32_t sequence;
};

// What lies between two places where the clock may have started again.
struct part {
    uint64_t first;         // event, from 0; and its line
    uint64_t line;
    bool certain;           // it is one: numbers go on; else it depends on whether they occur twice
    uint64_t earliest_ns, latest_ns;
    uint64_t shift_ns;      // once all is read: puts it behind the one before
};

struct event_lines {
    const struct event_layout *layout;
    const struct trace_file *file;
    struct trace_faults *faults;
    struct trace_faults muted;  // of reading what was checked
    struct trace_stream *stream;
    uint64_t line_number, count; // of the line taken last; of the events so far
    struct line *recent;         // by number of the event, RECENT of them
    struct part *parts;
    size_t part_count, part;     // and which is being read
    struct clock *clocks;
    size_t clock_count;
    struct pair_map clock_index; // (CPU, device) -> clocks
    bool in_summary;
    bool prefixed; // no line is an event from its beginning on
    uint64_t passed, first_passed, last_passed; // lines that are nothing of blkparse's: how many, and their numbers
    uint64_t lost, first_lost; // events that lines say were dropped, and the first line that does
    uint8_t pdu[TEXT_PDU_MAX]; // of the last event given
};

static const char *end_of_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline == NULL ? end : newline;
}

static struct text_parser parser_of_line(const char *at, const char *line_end, uint8_t *pdu)
{
    while (line_end > at && line_end[-1] == '\r')
        line_end--;
    while (at < line_end && *at == '\r') // a prompt was there
        at++;
    return (struct text_parser){.at = at, .end = line_end, .pdu = pdu};
}

static const char *skip_byte_order_mark(const char *at, const char *end)
{
    static const char mark[] = "\xef\xbb\xbf";
    bool there = (size_t)(end - at) >= sizeof mark - 1 && memcmp(at, mark, sizeof mark - 1) == 0;
    return there ? at + sizeof mark - 1 : at;
}

static bool is_event(const struct event_layout *layout, struct text_parser p)
{
    struct trace_event event = {0};
    if (layout->kind(layout, p) != LINE_EVENT)
        return false;
    layout->parse(layout, &p, &event);
    return p.problem == NULL;
}

// Passes over what stands before the event. False where the line holds none.
static bool skip_prefix(const struct event_layout *layout, struct text_parser *p)
{
    for (struct text_parser q = *p; q.at < q.end; q.at++)
        if ((q.at == p->at || layout->may_follow_prefix(q.at[-1], q.at[0])) && is_event(layout, q)) {
            *p = q;
            return true;
        }
    return false;
}

static bool is_prefixed_event(const struct event_layout *layout, struct text_parser p)
{
    return skip_prefix(layout, &p);
}

static bool any_line(const struct event_layout *layout, const uint8_t *bytes, size_t size,
                     bool (*holds)(const struct event_layout *, struct text_parser))
{
    uint8_t pdu[TEXT_PDU_MAX];
    const char *end = (const char *)bytes + size;
    for (const char *at = skip_byte_order_mark((const char *)bytes, end); at < end;) {
        const char *line_end = end_of_line(at, end);
        if (holds(layout, parser_of_line(at, line_end, pdu)))
            return true;
        at = line_end == end ? end : line_end + 1;
    }
    return false;
}

// What stands before the event may be as long as it likes.
bool event_lines_probe(const struct event_layout *layout, const uint8_t *bytes, size_t size)
{
    return any_line(layout, bytes, size, is_event) ||
           (layout->may_follow_prefix != NULL && any_line(layout, bytes, size, is_prefixed_event));
}

// ---- clocks that start again -------------------------------------------------------------------------------------

static struct line *recent_at(const struct event_lines *reader, uint64_t event)
{
    return &reader->recent[event % RECENT];
}

// The event belongs to the part read last.
static void extend_part(struct event_lines *reader, uint64_t event)
{
    struct part *part = &reader->parts[reader->part_count - 1];
    struct line *line = recent_at(reader, event);
    part->earliest_ns = MIN(part->earliest_ns, line->time_ns);
    part->latest_ns = MAX(part->latest_ns, line->time_ns);
    line->earliest_ns = part->earliest_ns;
    line->latest_ns = part->latest_ns;
}

static void begin_part(struct event_lines *reader, uint64_t first, uint64_t line, bool certain)
{
    reader->parts = xgrow(reader->parts, reader->part_count, sizeof *reader->parts);
    reader->parts[reader->part_count++] =
        (struct part){.first = first, .line = line, .certain = certain, .earliest_ns = UINT64_MAX};
}

// The part read last ends before the event.
static void end_part(struct event_lines *reader, uint64_t event)
{
    struct part *part = &reader->parts[reader->part_count - 1];
    if (event == part->first) {
        part->earliest_ns = UINT64_MAX;
        part->latest_ns = 0;
        return;
    }
    part->earliest_ns = recent_at(reader, event - 1)->earliest_ns;
    part->latest_ns = recent_at(reader, event - 1)->latest_ns;
}

// The event read last, and perhaps some before it, come after a restart.
static void add_restart(struct event_lines *reader, bool certain)
{
    uint64_t last = reader->count - 1, first = last, time_ns = recent_at(reader, last)->time_ns;
    uint64_t least = reader->part_count == 1 ? 0 : reader->parts[reader->part_count - 1].first + 1;
    least = MAX(least, last < RECENT - 1 ? 0 : last - (RECENT - 2)); // the one before it is recent, too
    for (; first > least && recent_at(reader, first - 1)->time_ns <= time_ns; first--)
        time_ns = recent_at(reader, first - 1)->time_ns;
    end_part(reader, first);
    begin_part(reader, first, recent_at(reader, first)->number, certain);
    for (uint64_t event = first; event <= last; event++)
        extend_part(reader, event);
    pair_map_destroy(&reader->clock_index);
    pair_map_init(&reader->clock_index);
    reader->clock_count = 0;
}

// Finds or adds the clock of an event, which is a new one's first.
static struct clock *find_clock(struct event_lines *reader, const struct trace_event *event)
{
    uint64_t index = *pair_map_get(&reader->clock_index, event->cpu, event->recorder, reader->clock_count);
    if (index == reader->clock_count) {
        reader->clocks = xgrow(reader->clocks, reader->clock_count, sizeof *reader->clocks);
        reader->clocks[reader->clock_count++] = (struct clock){event->time_ns, event->sequence};
    }
    return &reader->clocks[index];
}

static void watch_clock(struct event_lines *reader, const struct trace_event *event)
{
    if (event->recorder == TRACE_RECORDER_UNKNOWN || trace_event_is_message(event))
        return;
    struct clock *clock = find_clock(reader, event);
    bool goes_on = event->sequence > clock->sequence;
    bool restarts = goes_on && event->time_ns + CLOCK_STEP_NS < clock->time_ns;
    if (restarts || event->sequence < clock->sequence) {
        add_restart(reader, restarts);
        clock = find_clock(reader, event);
    }
    *clock = (struct clock){event->time_ns, event->sequence};
}

static void note_event(struct event_lines *reader, const struct trace_event *event)
{
    uint64_t index = reader->count++;
    *recent_at(reader, index) = (struct line){.time_ns = event->time_ns, .number = reader->line_number};
    reader->faults->out_of_order |= index != 0 && event->time_ns < recent_at(reader, index - 1)->time_ns;
    extend_part(reader, index);
    watch_clock(reader, event);
}

// ---- lines that are no events ------------------------------------------------------------------------------------

static void note_lost(struct event_lines *reader, struct text_parser p, uint64_t number)
{
    uint64_t lost = reader->layout->lost == NULL ? 0 : reader->layout->lost(p);
    if (lost != 0 && reader->first_lost == 0)
        reader->first_lost = number;
    reader->lost += MIN(lost, UINT64_MAX - reader->lost);
}

// A line that does not begin as an event.
static void pass_over(struct event_lines *reader, struct text_parser p, enum line_kind kind, uint64_t number)
{
    bool summary = kind == LINE_SUMMARY;
    note_lost(reader, p, number);
    // The name of a program stands above its share of the summary.
    if (summary && !reader->in_summary && reader->last_passed != 0 && reader->last_passed == number - 1) {
        if (--reader->passed == 0)
            reader->first_passed = 0;
    }
    reader->in_summary = reader->in_summary || summary;
    text_skip_blanks(&p);
    if (reader->in_summary || kind == LINE_REMARK || p.at == p.end)
        return;
    reader->passed++;
    reader->last_passed = number;
    if (reader->first_passed == 0)
        reader->first_passed = number;
}

static int refuse_line(struct event_lines *reader, const char *problem)
{
    struct place place = {.file = reader->file->path, .line = reader->line_number};
    reader->faults->unread++;
    if (!reader->stream->cut_line)
        return trace_fault(reader->faults, place, "%s", problem);
    reader->faults->passed++;
    diag_warning(reader->faults->diag, place, "the last line is cut off and passed over");
    return 0;
}

// Told once, at the first.
static void pass_prefix(struct event_lines *reader, struct text_parser *p)
{
    const char *start = p->at;
    if (!skip_prefix(reader->layout, p) || reader->count != 0)
        return;
    diag_warning(reader->faults->diag, (struct place){.file = reader->file->path, .line = reader->line_number},
                 "what stands before the event is passed over, here and in every line: '%.*s'",
                 (int)MIN(p->at - start, 64), start);
}

// ---- events ------------------------------------------------------------------------------------------------------

// The next line that is an event: 1, 0 at the end, -1 on giving up.
static int next_line(struct event_lines *reader, struct trace_event *event)
{
    struct text text;
    while (trace_stream_line(reader->stream, &text)) {
        struct text_parser p = parser_of_line(text.at, text.at + text.length, reader->pdu);
        reader->line_number++;
        if (reader->prefixed)
            pass_prefix(reader, &p);
        enum line_kind kind = reader->layout->kind(reader->layout, p);
        if (kind != LINE_EVENT) {
            pass_over(reader, p, kind, reader->line_number);
            continue;
        }
        *event = (struct trace_event){.file = reader->file->path, .place = reader->line_number};
        reader->layout->parse(reader->layout, &p, event);
        if (p.problem == NULL)
            return 1;
        if (refuse_line(reader, p.problem) < 0)
            return -1;
    }
    return 0;
}

// From the front.
static void start(struct event_lines *reader)
{
    trace_stream_close(reader->stream);
    reader->stream = trace_stream_open(reader->file, reader->faults);
    size_t size = trace_stream_ahead(reader->stream, 3);
    const char *at = (const char *)reader->stream->at;
    reader->stream->at += skip_byte_order_mark(at, at + size) - at;
    reader->line_number = reader->count = reader->passed = reader->first_passed = reader->last_passed = 0;
    reader->part = 0;
    reader->in_summary = false;
}

// ---- the first pass ----------------------------------------------------------------------------------------------

// Whether any recorder has given one number to two events.
static bool numbers_occur_twice(struct event_lines *reader)
{
    struct number_set seen;
    struct trace_event event;
    bool twice = false;
    number_set_init(&seen);
    start(reader);
    while (!twice && next_line(reader, &event) > 0)
        if (event.recorder != TRACE_RECORDER_UNKNOWN && !trace_event_is_message(&event))
            twice = number_set_add(&seen, event.cpu, event.recorder, event.sequence);
    number_set_destroy(&seen);
    return twice;
}

static bool any_uncertain(const struct event_lines *reader)
{
    for (size_t i = 1; i < reader->part_count; i++)
        if (!reader->parts[i].certain)
            return true;
    return false;
}

// A part that is none belongs to the one before.
static void drop_uncertain(struct event_lines *reader)
{
    size_t kept = 1;
    for (size_t i = 1; i < reader->part_count; i++) {
        struct part *last = &reader->parts[kept - 1];
        if (reader->parts[i].certain) {
            reader->parts[kept++] = reader->parts[i];
            continue;
        }
        last->earliest_ns = MIN(last->earliest_ns, reader->parts[i].earliest_ns);
        last->latest_ns = MAX(last->latest_ns, reader->parts[i].latest_ns);
    }
    reader->part_count = kept;
}

// Each part so that none of it is earlier than the latest before it.
static void shift_parts(struct event_lines *reader)
{
    uint64_t floor = reader->parts[0].latest_ns;
    for (size_t i = 1; i < reader->part_count; i++) {
        struct part *part = &reader->parts[i];
        part->shift_ns = part->earliest_ns < floor ? floor - part->earliest_ns : 0;
        floor = MAX(floor, part->latest_ns + part->shift_ns);
    }
}

static void warn_of_restarts(const struct event_lines *reader)
{
    const struct part *first = &reader->parts[1];
    struct place place = {.file = reader->file->path, .line = first->line};
    const char *what = first->certain ? "the clock starts again here" : "another recording begins here";
    if (reader->part_count == 2)
        diag_warning(reader->faults->diag, place, "%s: what follows is taken to follow at once", what);
    else
        diag_warning(reader->faults->diag, place, "%s, and so at %zu other places: what follows is taken to follow at "
                     "once", what, reader->part_count - 2);
}

// Reading again tells nothing, so that what was found stays as it was told.
static void part_at_restarts(struct event_lines *reader)
{
    struct trace_faults *told = reader->faults;
    reader->faults = &reader->muted;
    if (any_uncertain(reader) && !numbers_occur_twice(reader))
        drop_uncertain(reader);
    reader->faults = told;
    if (reader->part_count == 1)
        return;
    warn_of_restarts(reader);
    shift_parts(reader);
}

static int read_lines(struct event_lines *reader)
{
    struct trace_event event;
    int result;
    start(reader);
    begin_part(reader, 0, 1, true);
    while ((result = next_line(reader, &event)) > 0) {
        note_event(reader, &event);
        reader->in_summary = false;
    }
    return result;
}

static bool has_prefixes(const struct event_layout *layout, const struct trace_file *file)
{
    if (layout->may_follow_prefix == NULL)
        return false;
    struct trace_stream *stream = trace_stream_open(file, NULL);
    size_t size = trace_stream_ahead(stream, PREFIX_BYTES);
    bool plain = any_line(layout, stream->at, size, is_event);
    trace_stream_close(stream);
    return !plain;
}

static int check_lines(struct event_lines *reader)
{
    reader->prefixed = has_prefixes(reader->layout, reader->file);
    if (read_lines(reader) < 0)
        return -1;
    if (reader->first_passed != 0)
        diag_warning(reader->faults->diag, (struct place){.file = reader->file->path, .line = reader->first_passed},
                     "passed over, and with it every line that is no event: %llu in all",
                     (unsigned long long)reader->passed);
    if (reader->first_lost != 0)
        diag_warning(reader->faults->diag, (struct place){.file = reader->file->path, .line = reader->first_lost},
                     "the recorder says that it dropped %llu event%s: larger buffers keep them",
                     (unsigned long long)reader->lost, reader->lost == 1 ? "" : "s");
    reader->faults->passed += reader->passed;
    part_at_restarts(reader);
    reader->faults = &reader->muted;
    start(reader);
    return 0;
}

// ---- the second pass ---------------------------------------------------------------------------------------------

int event_lines_next(void *context, struct trace_event *event)
{
    struct event_lines *reader = context;
    int result = next_line(reader, event);
    if (result <= 0)
        return result;
    uint64_t index = reader->count++;
    while (reader->part + 1 < reader->part_count && reader->parts[reader->part + 1].first <= index)
        reader->part++;
    event->time_ns += reader->parts[reader->part].shift_ns;
    return 1;
}

int event_lines_rewind(void *context, struct trace_faults *faults)
{
    struct event_lines *reader = context;
    reader->faults = faults;
    start(reader);
    return 0;
}

void event_lines_close(void *context)
{
    struct event_lines *reader = context;
    trace_stream_close(reader->stream);
    free(reader->recent);
    free(reader->clocks);
    free(reader->parts);
    pair_map_destroy(&reader->clock_index);
    diag_destroy(reader->muted.diag);
    if (reader->layout->destroy != NULL)
        reader->layout->destroy(reader->layout);
    free(reader);
}

void *event_lines_open(const struct event_layout *layout, const struct trace_input *input,
                       struct trace_faults *faults)
{
    struct event_lines *reader = xcalloc(1, sizeof *reader);
    reader->layout = layout;
    reader->faults = faults;
    reader->muted = (struct trace_faults){.diag = diag_create(), .allowed = UINT64_MAX};
    reader->recent = xcalloc(RECENT, sizeof *reader->recent);
    reader->file = trace_input_one_file(input, layout->what, faults->diag);
    if (reader->file != NULL && check_lines(reader) == 0)
        return reader;
    event_lines_close(reader);
    return NULL;
}
