// Format blkparse: the text that blkparse prints by default, one event a line.
//
//     major,minor cpu sequence seconds.nanoseconds pid action rwbs  tail
//
// where the tail depends on the action (table below). Layout from blkparse(1) and from what blkparse 1.2.0 prints.
// The columns are padded but not fixed; a process may have blanks and brackets in its name, so that it runs from the
// first '[' to the last ']'. With -t a time in parentheses follows the sectors; it is passed over. What follows the
// events, the summary, is passed over from its first line on; so are blkparse's remarks on its input files. Any other
// line that is not an event is malformed. Layouts of -f and -o are not read.
//
// Lines are parsed twice: first to check them all and to know their order, which is that of time unless somebody put
// files together; then one by one as they are asked for.
#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "trace/input.h"
#include "util/alloc.h"

enum { PROBE_LINES = 64, PDU_MAX = 4096, CPU_LIMIT = 65536 };

struct line {
    uint64_t time_ns;
    uint64_t offset;
    uint64_t number;
};

struct blkparse_reader {
    const struct trace_file *file;
    struct line *lines; // those that are events
    size_t count, capacity, next;
    uint64_t genesis;
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

static uint64_t parse_zone_letter(struct parser *p)
{
    static const struct {
        char letter;
        int bit;
    } zones[] = {{'A', 16}, {'R', 17}, {'F', 19}, {'O', 20}, {'C', 21}};
    char c = p->at < p->end ? *p->at : '\0';
    for (size_t i = 0; i < ARRAY_SIZE(zones); i++)
        if (zones[i].letter == c) {
            p->at++;
            return UINT64_C(1) << (zones[i].bit + BLKTRACE_CATEGORY_SHIFT);
        }
    fail(p, "unknown rwbs");
    return 0;
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

// Direction with a preflush before it, and what is said of it after it.
static uint64_t parse_rwbs(struct parser *p)
{
    uint64_t categories = accept(p, 'F') ? BLKTRACE_IS_FLUSH : 0;
    categories |= parse_direction(p);
    for (; p->at < p->end && *p->at != ' ' && *p->at != '\t'; p->at++)
        switch (*p->at) {
        case 'F':
            categories |= BLKTRACE_IS_FUA;
            break;
        case 'A':
            categories |= BLKTRACE_IS_AHEAD;
            break;
        case 'S':
            categories |= BLKTRACE_IS_SYNC;
            break;
        case 'M':
            categories |= BLKTRACE_IS_META;
            break;
        default:
            fail(p, "unknown rwbs");
            return 0;
        }
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
    if (line_end > at && line_end[-1] == '\r')
        line_end--;
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
    static const char *const starts[] = {"CPU", "Total (", "Throughput (", "Events (", "Skips: "};
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
        if (has_prefix(p, starts[i]))
            return true;
    return false;
}

static bool probe(const uint8_t *bytes, size_t size)
{
    uint8_t pdu[PDU_MAX];
    const char *at = (const char *)bytes, *end = at + size;
    for (int i = 0; i < PROBE_LINES && at < end; i++) {
        const char *line_end = end_of_line(at, end);
        struct parser p = parser_of_line(at, line_end, pdu);
        struct trace_event event = {0};
        if (begins_event(p)) {
            parse_line(&p, &event);
            if (p.problem == NULL)
                return true;
        }
        at = line_end == end ? end : line_end + 1;
    }
    return false;
}

static void add_line(struct blkparse_reader *reader, struct line line, bool is_message)
{
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity == 0 ? 1024 : 2 * reader->capacity;
        reader->lines = xrealloc(reader->lines, reader->capacity * sizeof *reader->lines);
    }
    reader->lines[reader->count++] = line;
    if (!is_message)
        reader->genesis = MIN(reader->genesis, line.time_ns);
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

static int read_lines(struct blkparse_reader *reader, struct trace_faults *faults)
{
    const char *start = (const char *)reader->file->bytes, *end = start + reader->file->size;
    bool in_summary = false;
    uint64_t number_of_line = 1;
    for (const char *at = start; at < end; number_of_line++) {
        const char *line_end = end_of_line(at, end);
        struct parser p = parser_of_line(at, line_end, reader->pdu);
        const char *line_start = at;
        at = line_end == end ? end : line_end + 1;
        if (!begins_event(p)) {
            in_summary = in_summary || begins_summary(&p);
            if (in_summary || has_prefix(&p, "Input file ") || (skip_blanks(&p), p.at == p.end))
                continue;
            fail(&p, "not an event of blkparse's default layout");
        }
        struct trace_event event = {0};
        if (p.problem == NULL)
            parse_line(&p, &event);
        struct place place = {.file = reader->file->path, .line = number_of_line};
        if (p.problem != NULL) {
            if (trace_fault(faults, place, "%s", p.problem) < 0)
                return -1;
            continue;
        }
        add_line(reader, (struct line){event.time_ns, (uint64_t)(line_start - start), number_of_line},
                 trace_event_is_message(&event));
    }
    sort_if_needed(reader);
    return 0;
}

static int next_event(void *context, struct trace_event *event)
{
    struct blkparse_reader *reader = context;
    if (reader->next == reader->count)
        return 0;
    const struct line *line = &reader->lines[reader->next++];
    const char *end = (const char *)reader->file->bytes + reader->file->size;
    const char *at = (const char *)reader->file->bytes + line->offset;
    struct parser p = parser_of_line(at, end_of_line(at, end), reader->pdu);
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
    free(reader);
}

static void *open_reader(const struct trace_input *input, struct trace_faults *faults)
{
    struct blkparse_reader *reader = xcalloc(1, sizeof *reader);
    reader->genesis = UINT64_MAX;
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
    if (read_lines(reader, faults) == 0)
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
