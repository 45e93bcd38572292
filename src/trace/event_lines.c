// Texts of one event a line.
//
// Lines are parsed twice: first to check them all and to know their order, which is that of time unless somebody put
// files together; then one by one as they are asked for. Lines that are no events are passed over: summaries and the
// tool's remarks in silence, any other with a warning, as is a last line that is cut off; one that begins as an event
// and does not go on as one is malformed. What terminals and editors put into text is gone before
// (trace/plain_text.h). Where no line is an event from its beginning on, as after `grep -n`, `cat -n` or in a system's
// log, what stands before the event is passed over.
//
// Several recordings in one text must not be sorted into each other. A CPU's events of one device are in order of time
// and of sequence (the kernel numbers them with interrupts off). Where its numbers go on and its time steps back the
// clock has started again: blkparse at work on a pipe takes its origin anew. Where its numbers step back the lines are
// out of order, or another session begins: then numbers occur twice. Either is noticed at a CPU's second event only, so
// that the place itself is where time last stepped back; what follows is shifted to follow what was there before.
#include "trace/event_lines.h"

#include <stdlib.h>
#include <string.h>

#include "trace/input.h"
#include "trace/pair_map.h"
#include "util/alloc.h"

enum { CLOCK_STEP_NS = 10000000 };

struct line {
    uint64_t time_ns;
    uint64_t offset;
    uint64_t number;
};

// The events of one device on one CPU, as far as they were read.
struct stream {
    uint64_t time_ns;
    uint32_t sequence;
};

// A place where the clock may have started again.
struct restart {
    size_t line;    // index of the first that follows it
    bool certain;   // numbers go on; else it depends on whether they occur twice
};

struct event_lines {
    const struct event_layout *layout;
    const struct trace_file *file;
    struct trace_faults *faults;
    struct line *lines; // those that are events
    size_t count, next;
    uint64_t genesis;
    struct stream *streams;
    size_t stream_count;
    struct pair_map stream_index; // (CPU, device) -> streams
    struct restart *restarts;
    size_t restart_count;
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

// ---- the first pass ----------------------------------------------------------------------------------------------

// The next line will be one that comes after a restart.
static void add_restart(struct event_lines *reader, uint64_t time_ns, bool certain)
{
    size_t line = reader->count;
    size_t least = reader->restart_count == 0 ? 0 : reader->restarts[reader->restart_count - 1].line + 1;
    for (; line > least && reader->lines[line - 1].time_ns <= time_ns; line--)
        time_ns = reader->lines[line - 1].time_ns;
    reader->restarts = xgrow(reader->restarts, reader->restart_count, sizeof *reader->restarts);
    reader->restarts[reader->restart_count++] = (struct restart){line, certain};
    pair_map_destroy(&reader->stream_index);
    pair_map_init(&reader->stream_index);
    reader->stream_count = 0;
}

// Finds or adds the stream of an event, which is a new one's first.
static struct stream *find_stream(struct event_lines *reader, const struct trace_event *event)
{
    uint64_t index = *pair_map_get(&reader->stream_index, event->cpu, event->recorder, reader->stream_count);
    if (index == reader->stream_count) {
        reader->streams = xgrow(reader->streams, reader->stream_count, sizeof *reader->streams);
        reader->streams[reader->stream_count++] = (struct stream){event->time_ns, event->sequence};
    }
    return &reader->streams[index];
}

static void watch_clock(struct event_lines *reader, const struct trace_event *event)
{
    if (event->recorder == TRACE_RECORDER_UNKNOWN || trace_event_is_message(event))
        return;
    struct stream *stream = find_stream(reader, event);
    bool goes_on = event->sequence > stream->sequence;
    bool clock = goes_on && event->time_ns + CLOCK_STEP_NS < stream->time_ns;
    if (clock || event->sequence < stream->sequence) {
        add_restart(reader, event->time_ns, clock);
        stream = find_stream(reader, event);
    }
    *stream = (struct stream){event->time_ns, event->sequence};
}

static void add_event(struct event_lines *reader, const struct trace_event *event, struct line line)
{
    watch_clock(reader, event);
    reader->lines = xgrow(reader->lines, reader->count, sizeof *reader->lines);
    reader->lines[reader->count++] = line;
    reader->in_summary = false;
}

static struct text_parser parser_at(struct event_lines *reader, uint64_t offset)
{
    const char *end = (const char *)reader->file->bytes + reader->file->size;
    const char *at = (const char *)reader->file->bytes + offset;
    return parser_of_line(at, end_of_line(at, end), reader->pdu);
}

// Whether any recorder has given one number to two events.
static bool numbers_occur_twice(struct event_lines *reader)
{
    struct pair_map seen;
    bool twice = false;
    pair_map_init(&seen);
    for (size_t i = 0; i < reader->count && !twice; i++) {
        struct trace_event event = {0};
        struct text_parser p = parser_at(reader, reader->lines[i].offset);
        reader->layout->parse(reader->layout, &p, &event);
        if (event.recorder != TRACE_RECORDER_UNKNOWN && !trace_event_is_message(&event))
            twice = *pair_map_get(&seen, (uint64_t)event.cpu << 32 | event.sequence, event.recorder, i) != i;
    }
    pair_map_destroy(&seen);
    return twice;
}

static void drop_uncertain(struct event_lines *reader)
{
    size_t kept = 0;
    for (size_t i = 0; i < reader->restart_count; i++)
        if (reader->restarts[i].certain)
            reader->restarts[kept++] = reader->restarts[i];
    reader->restart_count = kept;
}

// Shifts the lines from `first` to before `end` so that none is earlier than `floor`; returns the latest.
static uint64_t shift_lines(struct event_lines *reader, size_t first, size_t end, uint64_t floor)
{
    uint64_t earliest = UINT64_MAX, latest = floor;
    for (size_t i = first; i < end; i++)
        earliest = MIN(earliest, reader->lines[i].time_ns);
    for (size_t i = first; i < end; i++) {
        reader->lines[i].time_ns += earliest < floor ? floor - earliest : 0;
        latest = MAX(latest, reader->lines[i].time_ns);
    }
    return latest;
}

static void warn_of_restarts(const struct event_lines *reader)
{
    const struct restart *first = &reader->restarts[0];
    struct place place = {.file = reader->file->path, .line = reader->lines[first->line].number};
    const char *what = first->certain ? "the clock starts again here" : "another recording begins here";
    if (reader->restart_count == 1)
        diag_warning(reader->faults->diag, place, "%s: what follows is taken to follow at once", what);
    else
        diag_warning(reader->faults->diag, place, "%s, and so at %zu other places: what follows is taken to follow at "
                     "once", what, reader->restart_count - 1);
}

static void part_at_restarts(struct event_lines *reader)
{
    bool uncertain = false;
    for (size_t i = 0; i < reader->restart_count; i++)
        uncertain = uncertain || !reader->restarts[i].certain;
    if (uncertain && !numbers_occur_twice(reader))
        drop_uncertain(reader);
    if (reader->restart_count == 0)
        return;
    warn_of_restarts(reader);
    uint64_t floor = shift_lines(reader, 0, reader->restarts[0].line, 0);
    for (size_t i = 0; i < reader->restart_count; i++) {
        size_t end = i + 1 < reader->restart_count ? reader->restarts[i + 1].line : reader->count;
        floor = shift_lines(reader, reader->restarts[i].line, end, floor);
    }
}

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void sort_if_needed(struct event_lines *reader)
{
    for (size_t i = 1; i < reader->count; i++)
        if (reader->lines[i].time_ns < reader->lines[i - 1].time_ns) {
            qsort(reader->lines, reader->count, sizeof *reader->lines, compare_lines);
            return;
        }
}

// The earliest event that is not a message.
static void find_genesis(struct event_lines *reader)
{
    reader->genesis = UINT64_MAX;
    for (size_t i = 0; i < reader->count && reader->genesis == UINT64_MAX; i++) {
        struct trace_event event = {0};
        struct text_parser p = parser_at(reader, reader->lines[i].offset);
        reader->layout->parse(reader->layout, &p, &event);
        if (!trace_event_is_message(&event))
            reader->genesis = reader->lines[i].time_ns;
    }
}

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

static int read_event(struct event_lines *reader, struct text_parser p, struct line line, bool cut_off)
{
    struct trace_event event = {0};
    reader->layout->parse(reader->layout, &p, &event);
    if (p.problem == NULL) {
        line.time_ns = event.time_ns;
        add_event(reader, &event, line);
        return 0;
    }
    struct place place = {.file = reader->file->path, .line = line.number};
    reader->faults->unread++;
    if (!cut_off)
        return trace_fault(reader->faults, place, "%s", p.problem);
    reader->faults->passed++;
    diag_warning(reader->faults->diag, place, "the last line is cut off and passed over");
    return 0;
}

// Told once, at the first.
static void pass_prefix(struct event_lines *reader, struct text_parser *p, uint64_t number)
{
    const char *start = p->at;
    if (!skip_prefix(reader->layout, p) || reader->count != 0)
        return;
    diag_warning(reader->faults->diag, (struct place){.file = reader->file->path, .line = number},
                 "what stands before the event is passed over, here and in every line: '%.*s'",
                 (int)MIN(p->at - start, 64), start);
}

static int read_lines(struct event_lines *reader)
{
    const char *start = (const char *)reader->file->bytes, *end = start + reader->file->size;
    uint64_t number = 1;
    for (const char *at = skip_byte_order_mark(start, end); at < end; number++) {
        const char *line_end = end_of_line(at, end);
        struct text_parser p = parser_of_line(at, line_end, reader->pdu);
        if (reader->prefixed)
            pass_prefix(reader, &p, number);
        struct line line = {.offset = (uint64_t)(p.at - start), .number = number};
        at = line_end == end ? end : line_end + 1;
        enum line_kind kind = reader->layout->kind(reader->layout, p);
        if (kind != LINE_EVENT)
            pass_over(reader, p, kind, number);
        else if (read_event(reader, p, line, line_end == end) < 0)
            return -1;
    }
    return 0;
}

static int index_lines(struct event_lines *reader)
{
    const struct event_layout *layout = reader->layout;
    reader->prefixed = layout->may_follow_prefix != NULL &&
                       !any_line(layout, reader->file->bytes, reader->file->size, is_event);
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
    sort_if_needed(reader);
    find_genesis(reader);
    return 0;
}

// ---- the second pass ---------------------------------------------------------------------------------------------

int event_lines_next(void *context, struct trace_event *event)
{
    struct event_lines *reader = context;
    if (reader->next == reader->count)
        return 0;
    const struct line *line = &reader->lines[reader->next++];
    struct text_parser p = parser_at(reader, line->offset);
    reader->layout->parse(reader->layout, &p, event);
    event->time_ns = line->time_ns < reader->genesis ? 0 : line->time_ns - reader->genesis;
    event->file = reader->file->path;
    event->place = line->number;
    return 1;
}

void event_lines_close(void *context)
{
    struct event_lines *reader = context;
    free(reader->lines);
    free(reader->streams);
    free(reader->restarts);
    pair_map_destroy(&reader->stream_index);
    if (reader->layout->destroy != NULL)
        reader->layout->destroy(reader->layout);
    free(reader);
}

// The one file that is not empty.
static int choose_file(struct event_lines *reader, const struct trace_input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        if (input->files[i].size == 0)
            continue;
        if (reader->file != NULL)
            return diag_error(reader->faults->diag, (struct place){.file = input->files[i].path},
                              "%s is one file, but '%s' belongs to it too", reader->layout->what,
                              reader->file->path);
        reader->file = &input->files[i];
    }
    return 0;
}

void *event_lines_open(const struct event_layout *layout, const struct trace_input *input,
                       struct trace_faults *faults)
{
    struct event_lines *reader = xcalloc(1, sizeof *reader);
    reader->layout = layout;
    reader->faults = faults;
    if (choose_file(reader, input) == 0 && index_lines(reader) == 0)
        return reader;
    event_lines_close(reader);
    return NULL;
}
