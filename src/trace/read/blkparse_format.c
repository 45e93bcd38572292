// Lines that blkparse printed by -f or -F.
//
// Source: blkparse(1), "OUTPUT DESCRIPTION AND FORMATTING", and what blkparse 1.2.0 prints. A format is text in which
// each %X stands for a value, with a width or without (%5T); blanks in it are any number of blanks. -f is of all
// actions, -F of the one that it begins with; actions without a format of their own are as blkparse prints them by
// default.
//
// What such a layout does not print is not known: without %D there is one device, without %c one CPU, without %s no
// event is missed, and a remap is between nobody knows which devices. Passthrough requests show as N of no bytes.
#include "trace/read/blkparse_format.h"

#include <stdlib.h>
#include <string.h>

#include "trace/read/event_text.h"
#include "trace/read/rwbs.h"
#include "util/alloc.h"

enum { FORMATS_MAX = 16 };

#define PLACE ((struct place){.file = "--from"})

struct format {
    const struct event_text *action; // whose lines these are; NULL: they say it
    const char *at, *end;            // the text
};

struct blkparse_format {
    struct format formats[FORMATS_MAX];
    size_t count;
};

// ---- values ------------------------------------------------------------------------------------------------------

struct value {
    char letter;
    const char *what;
    void (*take)(struct text_parser *, struct trace_event *, char stop); // `stop`: what follows in the format, or '\0'
};

// The word ends where the next of the format begins: at that character, else at a blank.
static void skip_word(struct text_parser *p, char stop)
{
    bool at_blank = stop == '\0' || stop == ' ';
    text_skip_blanks(p);
    while (p->at < p->end && *p->at != stop && !(at_blank && (*p->at == ' ' || *p->at == '\t')))
        p->at++;
}

static void take_action(struct text_parser *p, struct trace_event *event, char stop)
{
    uint64_t categories = event->action; // from an rwbs before it
    (void)stop;
    event_text_action(p, event);
    event->action |= categories;
}

static void take_cpu(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->cpu = (uint32_t)text_number(p, TEXT_CPU_LIMIT - 1, "bad CPU number");
}

static const char *last_bracket(const struct text_parser *p)
{
    const char *at = p->end;
    while (at > p->at && at[-1] != ']')
        at--;
    return at > p->at ? at - 1 : p->end;
}

// A name may hold brackets and blanks: where it stands in brackets, it ends at the last, and at the end of a line there.
static void skip_name(struct text_parser *p, char stop)
{
    if (stop == ']')
        p->at = last_bracket(p);
    else if (stop == '\0')
        p->at = p->end;
    else
        skip_word(p, stop);
}

static void take_command(struct text_parser *p, struct trace_event *event, char stop)
{
    text_skip_blanks(p);
    const char *start = p->at;
    skip_name(p, stop);
    const char *end = p->at;
    while (end > start && end[-1] == ' ') // its width
        end--;
    event->process = start;
    event->process_length = (uint32_t)(end - start);
}

static void take_rwbs(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    text_skip_blanks(p);
    event->action |= rwbs_parse(p);
}

static void take_device(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->device = event->from_device = text_device(p);
}

static void take_error(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    bool minus = text_accept(p, '-');
    uint64_t x = text_number(p, UINT16_MAX, "bad error number");
    event->error = (uint16_t)(minus ? 0 - x : x);
}

static void take_major(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->device |= (uint32_t)text_number(p, 4095, "bad device") << BLKTRACE_MINOR_BITS;
    event->from_device = event->device;
}

static void take_minor(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->device |= (uint32_t)text_number(p, (1u << BLKTRACE_MINOR_BITS) - 1, "bad device");
    event->from_device = event->device;
}

static void take_sectors(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->bytes = BLKTRACE_SECTOR_BYTES *
                   text_number(p, UINT64_MAX / BLKTRACE_SECTOR_BYTES, "bad number of sectors");
}

static void take_bytes(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->bytes = text_number(p, UINT64_MAX, "bad number of bytes");
}

static void take_pid(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->pid = (uint32_t)text_number(p, UINT32_MAX, "bad process number");
}

static void take_sequence(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->sequence = (uint32_t)text_number(p, UINT32_MAX, "bad sequence number");
}

static void take_sector(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->sector = text_number(p, UINT64_MAX, "bad sector");
}

static void take_seconds(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->time_ns += 1000000000 * text_number(p, UINT64_MAX / 1000000000 - 1, "bad time");
}

static void take_nanoseconds(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->time_ns += text_number(p, 999999999, "bad time");
}

// Of a split the sector where the second part begins, of an unplugging the number of requests; of others what stood
// in memory.
static void take_payload(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)stop;
    event->value = text_number(p, UINT64_MAX, "bad number of the payload");
}

static void pass(struct text_parser *p, struct trace_event *event, char stop)
{
    (void)event;
    skip_word(p, stop);
}

static const struct value values[] = {
    {'a', "action", take_action},
    {'c', "CPU", take_cpu},
    {'C', "command", take_command},
    {'d', "rwbs", take_rwbs},
    {'D', "device", take_device},
    {'e', "error", take_error},
    {'m', "minor number", take_minor},
    {'M', "major number", take_major},
    {'n', "sectors", take_sectors},
    {'N', "bytes", take_bytes},
    {'p', "process number", take_pid},
    {'P', "payload", pass},
    {'s', "sequence number", take_sequence},
    {'S', "sector", take_sector},
    {'t', "nanoseconds", take_nanoseconds},
    {'T', "seconds", take_seconds},
    {'u', "elapsed time", pass},
    {'U', "number of the payload", take_payload},
    {'z', "time of day", pass},
};

static const struct value *find_value(char letter)
{
    for (size_t i = 0; i < ARRAY_SIZE(values); i++)
        if (values[i].letter == letter)
            return &values[i];
    return NULL;
}

// The letter of the value at hand, after its width; `at` is moved behind it.
static char take_letter(const char **at, const char *end)
{
    ++*at;
    while (*at < end && ((**at >= '0' && **at <= '9') || **at == '-'))
        ++*at;
    return *at < end ? *(*at)++ : '\0';
}

// ---- what is said of them ----------------------------------------------------------------------------------------

static bool has_value(const struct format *format, const char *letters)
{
    for (const char *at = format->at; at < format->end;) {
        char letter = *at != '%' ? (at++, '\0') : take_letter(&at, format->end);
        if (letter != '\0' && strchr(letters, letter) != NULL)
            return true;
    }
    return false;
}

static int check_values(struct diag *diag, const struct format *format)
{
    for (const char *at = format->at; at < format->end;) {
        if (*at != '%') {
            at++;
            continue;
        }
        const char *start = at;
        char letter = take_letter(&at, format->end);
        if (find_value(letter) == NULL)
            return diag_error(diag, PLACE, "'%.*s' is no value of blkparse's formats (blkparse(1): %%a to %%z)",
                              (int)(at - start), start);
    }
    return 0;
}

static int check_format(struct diag *diag, const struct format *format)
{
    static const struct { const char *letters, *what; } needed[] = {
        {"T", "%T, the seconds"}, {"t", "%t, the nanoseconds"}, {"d", "%d, the rwbs"}, {"S", "%S, the sector"},
        {"nN", "%n or %N, the size"},
    };
    int result = check_values(diag, format);
    for (size_t i = 0; i < ARRAY_SIZE(needed) && result == 0; i++)
        if (!has_value(format, needed[i].letters))
            result = diag_error(diag, PLACE, "the format has no %s", needed[i].what);
    if (result == 0 && format->action == NULL && !has_value(format, "a"))
        result = diag_error(diag, PLACE, "the format has no %%a, the action, nor does it begin with one, such as D,");
    return result;
}

// "D,", as -F has it.
static void take_prefix(struct format *format)
{
    const char *comma = memchr(format->at, ',', (size_t)(format->end - format->at));
    if (comma == NULL)
        return;
    format->action = event_text_find(format->at, (size_t)(comma - format->at));
    if (format->action != NULL)
        format->at = comma + 1;
}

static int add_format(struct blkparse_format *formats, struct diag *diag, const char *at, const char *end)
{
    struct format format = {.at = at, .end = end};
    if (formats->count == FORMATS_MAX)
        return diag_error(diag, PLACE, "more than %d formats of blkparse's", FORMATS_MAX);
    take_prefix(&format);
    if (check_format(diag, &format) != 0)
        return -1;
    formats->formats[formats->count++] = format;
    return 0;
}

// Where a format ends: at a newline, as it is or written as \n.
static const char *end_of_format(const char *text)
{
    const char *escape = strstr(text, "\\n"), *newline = strchr(text, '\n'), *end = text + strlen(text);
    if (escape != NULL)
        end = escape;
    return newline != NULL && newline < end ? newline : end;
}

struct blkparse_format *blkparse_format_create(struct diag *diag, const char *text)
{
    struct blkparse_format *formats = xcalloc(1, sizeof *formats);
    text += strspn(text, " \t");
    do {
        const char *end = end_of_format(text);
        if (add_format(formats, diag, text, end) != 0) {
            free(formats);
            return NULL;
        }
        text = *end == '\\' ? end + 2 : *end == '\n' ? end + 1 : end;
    } while (*text != '\0');
    return formats;
}

void blkparse_format_destroy(struct blkparse_format *format)
{
    free(format);
}

// ---- lines -------------------------------------------------------------------------------------------------------

// What stands in the format as it is.
static void take_literal(struct text_parser *p, char c)
{
    if (c == ' ' || c == '\t')
        text_skip_blanks(p);
    else
        text_expect(p, c, "not as the format has it");
}

static void take_value(struct text_parser *p, struct trace_event *event, const struct format *format, const char **at)
{
    const struct value *value = find_value(take_letter(at, format->end));
    char next = *at < format->end ? **at : '\0';
    value->take(p, event, next == '%' ? ' ' : next);
}

static void finish(struct text_parser *p, struct trace_event *event)
{
    bool none = !trace_event_is(event, BLKTRACE_IS_READ | BLKTRACE_IS_WRITE | BLKTRACE_IS_FLUSH | BLKTRACE_IS_DISCARD);
    unsigned action = trace_event_action(event);
    if (none && event->bytes == 0 && (action == BLKTRACE_ISSUE || action == BLKTRACE_COMPLETE))
        event->action |= BLKTRACE_IS_PC;
    event_text_end(p, event);
}

static bool parse_by(const struct format *format, struct text_parser *p, struct trace_event *event)
{
    event->recorder = TRACE_RECORDER_UNKNOWN;
    if (format->action != NULL)
        event->action = format->action->action;
    for (const char *at = format->at; at < format->end && p->problem == NULL;) {
        if (*at == '%')
            take_value(p, event, format, &at);
        else
            take_literal(p, *at++);
    }
    if (p->problem == NULL && has_value(format, "s"))
        event->recorder = event->device;
    finish(p, event);
    return p->problem == NULL;
}

bool blkparse_format_parse(const struct blkparse_format *formats, struct text_parser *p, struct trace_event *event)
{
    struct text_parser furthest = *p;
    for (size_t i = 0; i < formats->count; i++) {
        struct text_parser q = *p;
        struct trace_event read = {0};
        if (parse_by(&formats->formats[i], &q, &read)) {
            *p = q;
            *event = read;
            return true;
        }
        if (i == 0 || q.at > furthest.at)
            furthest = q;
    }
    *p = furthest;
    return false;
}
