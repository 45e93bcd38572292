// Format blkparse: the text that blkparse prints by default, one event a line.
//
//     major,minor cpu sequence seconds.nanoseconds pid action rwbs  tail
//
// where the tail depends on the action (table below). Layout from blkparse(1) and from what blkparse 1.2.0 prints.
// The columns are padded but not fixed; a process may have blanks and brackets in its name, so that it runs from the
// first '[' to the last ']'. With -t a time in parentheses follows the sectors; it is passed over. The summaries that
// follow the events, that of each program (-s) first, and blkparse's remarks on its input files are passed over. So is,
// with a warning, any other line that does not begin as an event does, and a last one that is cut off; one that begins
// as an event and does not go on as one is malformed. Layouts of -f and -o are not read. What terminals and editors
// put into text is gone before (trace/plain_text.h). Where no line is an event from its beginning on, as after
// `grep -n`, `cat -n` or in a system's log, what stands before the event is passed over.
//
// Lines are parsed twice: first to check them all and to know their order, which is that of time unless somebody put
// files together; then one by one as they are asked for.
//
// Several recordings in one text must not be sorted into each other. A CPU's events of one device are in order of time
// and of sequence (the kernel numbers them with interrupts off). Where its numbers go on and its time steps back the
// clock has started again: blkparse at work on a pipe takes its origin anew. Where its numbers step back the lines are
// out of order, or another session begins: then numbers occur twice. Either is noticed at a CPU's second event only, so
// that the place itself is where time last stepped back; what follows is shifted to follow what was there before.
#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "trace/input.h"
#include "trace/pair_map.h"
#include "util/alloc.h"

enum { PDU_MAX = 4096, CPU_LIMIT = 65536, CLOCK_STEP_NS = 10000000 };

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

struct blkparse_reader {
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
    uint8_t pdu[PDU_MAX]; // of the last event given
};

struct parser {
    const char *at, *end;
    const char *problem; // NULL while all is well
    uint8_t *pdu;
};

// ---- tokens ------------------------------------------------------------------------------------------------------

static void skip_blanks(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
        p->at++;
}

static void fail(struct parser *p, const char *problem)
{
    if (p->problem == NULL)
        p->problem = problem;
}

static bool is_digit(const struct parser *p)
{
    return p->at < p->end && *p->at >= '0' && *p->at <= '9';
}

static bool peek(struct parser *p, char c)
{
    skip_blanks(p);
    return p->at < p->end && *p->at == c;
}

static bool accept(struct parser *p, char c)
{
    if (!peek(p, c))
        return false;
    p->at++;
    return true;
}

static void expect(struct parser *p, char c, const char *problem)
{
    if (!accept(p, c))
        fail(p, problem);
}

static uint64_t number(struct parser *p, uint64_t largest, const char *problem)
{
    uint64_t x = 0;
    skip_blanks(p);
    if (!is_digit(p))
        fail(p, problem);
    for (; is_digit(p); p->at++) {
        uint64_t digit = (uint64_t)(*p->at - '0');
        if (x > (largest - digit) / 10) {
            fail(p, problem);
            return 0;
        }
        x = x * 10 + digit;
    }
    return x;
}

static uint32_t device(struct parser *p)
{
    uint64_t major = number(p, (1u << (32 - BLKTRACE_MINOR_BITS)) - 1, "bad device");
    expect(p, ',', "bad device");
    return (uint32_t)(major << BLKTRACE_MINOR_BITS | number(p, (1u << BLKTRACE_MINOR_BITS) - 1, "bad device"));
}

static uint64_t time_of_day(struct parser *p)
{
    uint64_t seconds = number(p, UINT64_MAX / 1000000000 - 1, "bad time"), ns = 0;
    expect(p, '.', "bad time");
    const char *start = p->at;
    ns = number(p, 999999999, "bad time");
    if (p->at - start != 9)
        fail(p, "bad time: expected nine digits after the point");
    return seconds * 1000000000 + ns;
}

// ---- action and rwbs ---------------------------------------------------------------------------------------------

struct action_row {
    const char *name;
    uint64_t action; // with the categories that the kernel gives it
    void (*tail)(struct parser *, struct trace_event *);
};

static void tail_issue(struct parser *p, struct trace_event *event);
static void tail_complete(struct parser *p, struct trace_event *event);
static void tail_merge(struct parser *p, struct trace_event *event);
static void tail_plug(struct parser *p, struct trace_event *event);
static void tail_split(struct parser *p, struct trace_event *event);
static void tail_remap(struct parser *p, struct trace_event *event);
static void tail_message(struct parser *p, struct trace_event *event);

enum { QUEUED = 1 << 20, REQUEUED = 1 << 21, ISSUED = 1 << 22, COMPLETED = 1 << 23, NOTE = 1 << 26 };

static const struct action_row action_rows[] = {
    {"Q", BLKTRACE_QUEUE | QUEUED, tail_issue},
    {"G", BLKTRACE_GETRQ | QUEUED, tail_merge},
    {"D", BLKTRACE_ISSUE | ISSUED, tail_issue},
    {"C", BLKTRACE_COMPLETE | COMPLETED, tail_complete},
    {"P", BLKTRACE_PLUG | QUEUED, tail_plug},
    {"I", BLKTRACE_INSERT | QUEUED, tail_issue},
    {"U", BLKTRACE_UNPLUG_IO | QUEUED, tail_plug},
    {"UT", BLKTRACE_UNPLUG_TIMER | QUEUED, tail_plug},
    {"M", BLKTRACE_BACKMERGE | QUEUED, tail_merge},
    {"F", BLKTRACE_FRONTMERGE | QUEUED, tail_merge},
    {"S", BLKTRACE_SLEEPRQ | QUEUED, tail_merge},
    {"R", BLKTRACE_REQUEUE | REQUEUED, tail_complete},
    {"X", BLKTRACE_SPLIT, tail_split},
    {"B", BLKTRACE_BOUNCE, tail_issue},
    {"A", BLKTRACE_REMAP | QUEUED, tail_remap},
    {"m", BLKTRACE_NOTE_MESSAGE | NOTE, tail_message},
};

static const struct action_row *parse_action(struct parser *p)
{
    skip_blanks(p);
    const char *start = p->at;
    while (p->at < p->end && *p->at != ' ' && *p->at != '\t')
        p->at++;
    size_t length = (size_t)(p->at - start);
    for (size_t i = 0; i < ARRAY_SIZE(action_rows); i++)
        if (strlen(action_rows[i].name) == length && memcmp(action_rows[i].name, start, length) == 0)
            return &action_rows[i];
    fail(p, "unknown action");
    return NULL;
}

struct letter {
    char letter;
    int bit; // of the categories; -1: it changes nothing here
};

// The category of the letter at hand, which is taken.
static uint64_t parse_letter(struct parser *p, const struct letter *letters, size_t count)
{
    for (size_t i = 0; i < count && p->at < p->end; i++)
        if (letters[i].letter == *p->at) {
            p->at++;
            return letters[i].bit < 0 ? 0 : UINT64_C(1) << (letters[i].bit + BLKTRACE_CATEGORY_SHIFT);
        }
    fail(p, "unknown rwbs");
    return 0;
}

static uint64_t parse_zone_letter(struct parser *p)
{
    static const struct letter zones[] = {{'A', 16}, {'R', 17}, {'F', 19}, {'O', 20}, {'C', 21}};
    return parse_letter(p, zones, ARRAY_SIZE(zones));
}

static uint64_t parse_direction(struct parser *p)
{
    char c = p->at < p->end ? *p->at++ : '\0';
    switch (c) {
    case 'D':
        return BLKTRACE_IS_DISCARD | BLKTRACE_IS_WRITE;
    case 'W':
        if (p->at >= p->end || *p->at != 'Z')
            return BLKTRACE_IS_WRITE;
        p->at++;
        return BLKTRACE_IS_WRITE | BLKTRACE_IS_WRITE_ZEROES;
    case 'R':
        return BLKTRACE_IS_READ;
    case 'N':
        return 0;
    case 'Z':
        return parse_zone_letter(p);
    }
    fail(p, "unknown rwbs");
    return 0;
}

// Direction with a preflush before it, and what is said of it after it. 'B' is the barrier of Linux before 2.6.37; 'E',
// secure erase, and 'U', atomic, change nothing here.
static uint64_t parse_rwbs(struct parser *p)
{
    static const struct letter letters[] = {{'F', 15}, {'A', 11}, {'S', 3}, {'M', 12}, {'B', 2}, {'E', -1}, {'U', -1}};
    uint64_t categories = accept(p, 'F') ? BLKTRACE_IS_FLUSH : 0;
    categories |= parse_direction(p);
    while (p->problem == NULL && p->at < p->end && *p->at != ' ' && *p->at != '\t')
        categories |= parse_letter(p, letters, ARRAY_SIZE(letters));
    return categories;
}

// ---- tails -------------------------------------------------------------------------------------------------------

// "[name]": to the last bracket of the line. What stands behind it is left to be parsed.
static void parse_process(struct parser *p, struct trace_event *event)
{
    expect(p, '[', "expected [process]");
    const char *start = p->at, *close = p->end;
    while (close > start && close[-1] != ']')
        close--;
    if (close == start) {
        fail(p, "expected ] after the process");
        return;
    }
    event->process = start;
    event->process_length = (uint32_t)(close - 1 - start);
    p->at = close;
}

static void parse_error(struct parser *p, struct trace_event *event)
{
    expect(p, '[', "expected [error]");
    bool minus = accept(p, '-');
    uint64_t x = number(p, UINT16_MAX, "bad error number");
    event->error = (uint16_t)(minus ? 0 - x : x);
    expect(p, ']', "expected ] after the error number");
}

static void parse_size(struct parser *p, struct trace_event *event)
{
    event->bytes = BLKTRACE_SECTOR_BYTES * number(p, UINT64_MAX / BLKTRACE_SECTOR_BYTES, "bad number of sectors");
}

static void skip_parentheses(struct parser *p)
{
    if (!accept(p, '('))
        return;
    while (p->at < p->end && *p->at != ')')
        p->at++;
    expect(p, ')', "expected )");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// "(12 00 ..)", where ".." stands for zeroes to the end.
static void parse_payload(struct parser *p, struct trace_event *event)
{
    if (!accept(p, '('))
        return;
    event->pdu = p->pdu;
    while (!peek(p, ')') && !peek(p, '.') && p->end - p->at >= 2 && event->pdu_length < PDU_MAX) {
        int high = hex_digit(p->at[0]), low = hex_digit(p->at[1]);
        if (high < 0 || low < 0)
            break;
        p->pdu[event->pdu_length++] = (uint8_t)(high << 4 | low);
        p->at += 2;
    }
    while (accept(p, '.'))
        continue;
    expect(p, ')', "bad command of a passthrough request");
}

// sector + n [process]; sector + n (time) [process]; [process]; (time) [process]; passthrough: bytes (cdb) [..]
static void tail_issue(struct parser *p, struct trace_event *event)
{
    skip_blanks(p);
    if (is_digit(p)) {
        event->sector = number(p, UINT64_MAX, "bad sector");
        if (accept(p, '+')) {
            parse_size(p, event);
            skip_parentheses(p);
        } else {
            event->action |= BLKTRACE_IS_PC;
            event->bytes = event->sector;
            event->sector = 0;
            parse_payload(p, event);
        }
    } else
        skip_parentheses(p);
    parse_process(p, event);
}

// sector + n [error]; sector [error]; either with (time); passthrough: (command) [error]
static void tail_complete(struct parser *p, struct trace_event *event)
{
    skip_blanks(p);
    if (!is_digit(p)) {
        event->action |= BLKTRACE_IS_PC;
        parse_payload(p, event);
    } else {
        event->sector = number(p, UINT64_MAX, "bad sector");
        if (accept(p, '+'))
            parse_size(p, event);
        skip_parentheses(p);
    }
    parse_error(p, event);
}

// sector + n [process]; [process]
static void tail_merge(struct parser *p, struct trace_event *event)
{
    skip_blanks(p);
    if (is_digit(p)) {
        event->sector = number(p, UINT64_MAX, "bad sector");
        expect(p, '+', "expected + after the sector");
        parse_size(p, event);
        skip_parentheses(p);
    }
    parse_process(p, event);
}

// [process]; [process] requests
static void tail_plug(struct parser *p, struct trace_event *event)
{
    parse_process(p, event);
    skip_blanks(p);
    if (is_digit(p))
        event->value = number(p, UINT64_MAX, "bad number of requests");
}

// sector / sector [process]
static void tail_split(struct parser *p, struct trace_event *event)
{
    event->sector = number(p, UINT64_MAX, "bad sector");
    expect(p, '/', "expected / after the sector");
    event->value = number(p, UINT64_MAX, "bad sector");
    if (event->value > event->sector && event->value - event->sector <= UINT64_MAX / BLKTRACE_SECTOR_BYTES)
        event->bytes = (event->value - event->sector) * BLKTRACE_SECTOR_BYTES;
    parse_process(p, event);
}

// sector + n <- (major,minor) sector
static void tail_remap(struct parser *p, struct trace_event *event)
{
    event->recorder = TRACE_RECORDER_UNKNOWN;
    event->sector = number(p, UINT64_MAX, "bad sector");
    expect(p, '+', "expected + after the sector");
    parse_size(p, event);
    expect(p, '<', "expected <- after the sectors");
    expect(p, '-', "expected <- after the sectors");
    expect(p, '(', "expected (device)");
    event->from_device = device(p);
    expect(p, ')', "expected (device)");
    event->from_sector = number(p, UINT64_MAX, "bad sector");
}

static void tail_message(struct parser *p, struct trace_event *event)
{
    if (p->at < p->end)
        p->at++; // the one blank that separates
    event->pdu = (const uint8_t *)p->at;
    event->pdu_length = (uint32_t)MIN(p->end - p->at, UINT16_MAX);
    p->at = p->end;
}

// ---- lines -------------------------------------------------------------------------------------------------------

static void parse_line(struct parser *p, struct trace_event *event)
{
    event->device = device(p);
    event->recorder = event->device;
    event->cpu = (uint32_t)number(p, CPU_LIMIT - 1, "bad CPU number");
    event->sequence = (uint32_t)number(p, UINT32_MAX, "bad sequence number");
    event->time_ns = time_of_day(p);
    event->pid = (uint32_t)number(p, UINT32_MAX, "bad process number");
    const struct action_row *row = p->problem == NULL ? parse_action(p) : NULL;
    if (row == NULL)
        return;
    event->action = row->action;
    event->action |= parse_rwbs(p);
    if (p->problem == NULL)
        row->tail(p, event);
    if (!trace_event_is(event, BLKTRACE_IS_PC | BLKTRACE_IS_NOTIFY))
        event->action |= BLKTRACE_IS_FS;
    skip_blanks(p);
    if (p->at < p->end)
        fail(p, "unexpected text at the end");
}

static const char *end_of_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline == NULL ? end : newline;
}

static struct parser parser_of_line(const char *at, const char *line_end, uint8_t *pdu)
{
    while (line_end > at && line_end[-1] == '\r')
        line_end--;
    while (at < line_end && *at == '\r') // a prompt was there
        at++;
    return (struct parser){.at = at, .end = line_end, .pdu = pdu};
}

// Whether a line begins as an event does: number, comma, number, blank.
static bool begins_event(struct parser p)
{
    skip_blanks(&p);
    const char *start = p.at;
    while (is_digit(&p))
        p.at++;
    if (p.at == start || p.at >= p.end || *p.at++ != ',')
        return false;
    start = p.at;
    while (is_digit(&p))
        p.at++;
    return p.at > start && p.at < p.end && (*p.at == ' ' || *p.at == '\t');
}

static bool has_prefix(const struct parser *p, const char *prefix)
{
    size_t length = strlen(prefix);
    return (size_t)(p->end - p->at) >= length && memcmp(p->at, prefix, length) == 0;
}

static bool begins_summary(const struct parser *p)
{
    static const char *const starts[] = {"CPU", " Reads Queued:", "Total (", "Throughput (", "Events (", "Skips: "};
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
        if (has_prefix(p, starts[i]))
            return true;
    return false;
}

static const char *skip_byte_order_mark(const char *at, const char *end)
{
    static const char mark[] = "\xef\xbb\xbf";
    bool there = (size_t)(end - at) >= sizeof mark - 1 && memcmp(at, mark, sizeof mark - 1) == 0;
    return there ? at + sizeof mark - 1 : at;
}

static bool is_event(struct parser p)
{
    struct trace_event event = {0};
    if (!begins_event(p))
        return false;
    parse_line(&p, &event);
    return p.problem == NULL;
}

// A digit that begins a word, whatever ends the one before: the place of `grep -n`, the number of `cat -n`, a log's
// time and host.
static bool may_follow_prefix(char before, char c)
{
    return c >= '0' && c <= '9' && strchr(" \t:-]|>", before) != NULL;
}

// Passes over what stands before the event, up to its device. False where the line holds none.
static bool skip_prefix(struct parser *p)
{
    for (struct parser q = *p; q.at < q.end; q.at++)
        if ((q.at == p->at || may_follow_prefix(q.at[-1], q.at[0])) && is_event(q)) {
            *p = q;
            return true;
        }
    return false;
}

static bool is_prefixed_event(struct parser p)
{
    return skip_prefix(&p);
}

static bool any_line(const uint8_t *bytes, size_t size, bool (*holds)(struct parser))
{
    uint8_t pdu[PDU_MAX];
    const char *end = (const char *)bytes + size;
    for (const char *at = skip_byte_order_mark((const char *)bytes, end); at < end;) {
        const char *line_end = end_of_line(at, end);
        if (holds(parser_of_line(at, line_end, pdu)))
            return true;
        at = line_end == end ? end : line_end + 1;
    }
    return false;
}

// Whether any line is an event; what stands before it may be as long as it likes.
static bool probe(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    (void)ops;
    return any_line(bytes, size, is_event) || any_line(bytes, size, is_prefixed_event);
}

// ---- the first pass ----------------------------------------------------------------------------------------------

// The next line will be one that comes after a restart.
static void add_restart(struct blkparse_reader *reader, uint64_t time_ns, bool certain)
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
static struct stream *find_stream(struct blkparse_reader *reader, const struct trace_event *event)
{
    uint64_t index = *pair_map_get(&reader->stream_index, event->cpu, event->recorder, reader->stream_count);
    if (index == reader->stream_count) {
        reader->streams = xgrow(reader->streams, reader->stream_count, sizeof *reader->streams);
        reader->streams[reader->stream_count++] = (struct stream){event->time_ns, event->sequence};
    }
    return &reader->streams[index];
}

static void watch_clock(struct blkparse_reader *reader, const struct trace_event *event)
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

static void add_event(struct blkparse_reader *reader, const struct trace_event *event, struct line line)
{
    watch_clock(reader, event);
    reader->lines = xgrow(reader->lines, reader->count, sizeof *reader->lines);
    reader->lines[reader->count++] = line;
    reader->in_summary = false;
}

static struct parser parser_at(struct blkparse_reader *reader, uint64_t offset)
{
    const char *end = (const char *)reader->file->bytes + reader->file->size;
    const char *at = (const char *)reader->file->bytes + offset;
    return parser_of_line(at, end_of_line(at, end), reader->pdu);
}

// Whether any recorder has given one number to two events.
static bool numbers_occur_twice(struct blkparse_reader *reader)
{
    struct pair_map seen;
    bool twice = false;
    pair_map_init(&seen);
    for (size_t i = 0; i < reader->count && !twice; i++) {
        struct trace_event event = {0};
        struct parser p = parser_at(reader, reader->lines[i].offset);
        parse_line(&p, &event);
        if (event.recorder != TRACE_RECORDER_UNKNOWN && !trace_event_is_message(&event))
            twice = *pair_map_get(&seen, (uint64_t)event.cpu << 32 | event.sequence, event.recorder, i) != i;
    }
    pair_map_destroy(&seen);
    return twice;
}

static void drop_uncertain(struct blkparse_reader *reader)
{
    size_t kept = 0;
    for (size_t i = 0; i < reader->restart_count; i++)
        if (reader->restarts[i].certain)
            reader->restarts[kept++] = reader->restarts[i];
    reader->restart_count = kept;
}

// Shifts the lines from `first` to before `end` so that none is earlier than `floor`; returns the latest.
static uint64_t shift_lines(struct blkparse_reader *reader, size_t first, size_t end, uint64_t floor)
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

static void warn_of_restarts(const struct blkparse_reader *reader)
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

static void part_at_restarts(struct blkparse_reader *reader)
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

static void sort_if_needed(struct blkparse_reader *reader)
{
    for (size_t i = 1; i < reader->count; i++)
        if (reader->lines[i].time_ns < reader->lines[i - 1].time_ns) {
            qsort(reader->lines, reader->count, sizeof *reader->lines, compare_lines);
            return;
        }
}

// The earliest event that is not a message.
static void find_genesis(struct blkparse_reader *reader)
{
    reader->genesis = UINT64_MAX;
    for (size_t i = 0; i < reader->count && reader->genesis == UINT64_MAX; i++) {
        struct trace_event event = {0};
        struct parser p = parser_at(reader, reader->lines[i].offset);
        parse_line(&p, &event);
        if (!trace_event_is_message(&event))
            reader->genesis = reader->lines[i].time_ns;
    }
}

// A line that does not begin as an event.
static void pass_over(struct blkparse_reader *reader, struct parser p, uint64_t number)
{
    bool summary = begins_summary(&p);
    // The name of a program stands above its share of the summary.
    if (summary && !reader->in_summary && reader->last_passed != 0 && reader->last_passed == number - 1) {
        if (--reader->passed == 0)
            reader->first_passed = 0;
    }
    reader->in_summary = reader->in_summary || summary;
    bool remark = has_prefix(&p, "Input file ");
    skip_blanks(&p);
    if (reader->in_summary || remark || p.at == p.end)
        return;
    reader->passed++;
    reader->last_passed = number;
    if (reader->first_passed == 0)
        reader->first_passed = number;
}

static int read_event(struct blkparse_reader *reader, struct parser p, struct line line, bool cut_off)
{
    struct trace_event event = {0};
    parse_line(&p, &event);
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
static void pass_prefix(struct blkparse_reader *reader, struct parser *p, uint64_t number)
{
    const char *start = p->at;
    if (!skip_prefix(p) || reader->count != 0)
        return;
    diag_warning(reader->faults->diag, (struct place){.file = reader->file->path, .line = number},
                 "what stands before the event is passed over, here and in every line: '%.*s'",
                 (int)MIN(p->at - start, 64), start);
}

static int read_lines(struct blkparse_reader *reader)
{
    const char *start = (const char *)reader->file->bytes, *end = start + reader->file->size;
    uint64_t number = 1;
    for (const char *at = skip_byte_order_mark(start, end); at < end; number++) {
        const char *line_end = end_of_line(at, end);
        struct parser p = parser_of_line(at, line_end, reader->pdu);
        if (reader->prefixed)
            pass_prefix(reader, &p, number);
        struct line line = {.offset = (uint64_t)(p.at - start), .number = number};
        at = line_end == end ? end : line_end + 1;
        if (!begins_event(p))
            pass_over(reader, p, number);
        else if (read_event(reader, p, line, line_end == end) < 0)
            return -1;
    }
    return 0;
}

static int index_lines(struct blkparse_reader *reader)
{
    reader->prefixed = !any_line(reader->file->bytes, reader->file->size, is_event);
    if (read_lines(reader) < 0)
        return -1;
    if (reader->first_passed != 0)
        diag_warning(reader->faults->diag, (struct place){.file = reader->file->path, .line = reader->first_passed},
                     "passed over, and with it every line that is no event: %llu in all",
                     (unsigned long long)reader->passed);
    reader->faults->passed += reader->passed;
    part_at_restarts(reader);
    sort_if_needed(reader);
    find_genesis(reader);
    return 0;
}

// ---- the second pass ---------------------------------------------------------------------------------------------

static int next_event(void *context, struct trace_event *event)
{
    struct blkparse_reader *reader = context;
    if (reader->next == reader->count)
        return 0;
    const struct line *line = &reader->lines[reader->next++];
    struct parser p = parser_at(reader, line->offset);
    parse_line(&p, event);
    event->time_ns = line->time_ns < reader->genesis ? 0 : line->time_ns - reader->genesis;
    event->file = reader->file->path;
    event->place = line->number;
    return 1;
}

static void close_reader(void *context)
{
    struct blkparse_reader *reader = context;
    free(reader->lines);
    free(reader->streams);
    free(reader->restarts);
    pair_map_destroy(&reader->stream_index);
    free(reader);
}

static void *open_reader(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                         struct trace_faults *faults)
{
    (void)ops;
    (void)more;
    struct blkparse_reader *reader = xcalloc(1, sizeof *reader);
    reader->faults = faults;
    for (size_t i = 0; i < input->count; i++) {
        if (input->files[i].size == 0)
            continue;
        if (reader->file != NULL) {
            diag_error(faults->diag, (struct place){.file = input->files[i].path},
                       "a recording of blkparse's text is one file, but '%s' belongs to it too", reader->file->path);
            close_reader(reader);
            return NULL;
        }
        reader->file = &input->files[i];
    }
    if (index_lines(reader) == 0)
        return reader;
    close_reader(reader);
    return NULL;
}

extern const struct trace_format_ops trace_format_blkparse;
const struct trace_format_ops trace_format_blkparse = {
    .name = "blkparse",
    .help = "text as blkparse prints it by default",
    .lines = true,
    .probe = probe,
    .open = open_reader,
    .next = next_event,
    .close = close_reader,
};
