// Format blkparse: the text that blkparse prints by default, one event a line.
//
//     major,minor cpu sequence seconds.nanoseconds pid action rwbs  tail
//
// where the tail depends on the action (trace/read/event_text.h). Layout from blkparse(1) and from what blkparse 1.2.0
// prints. The columns are padded but not fixed. The summaries that follow the events, that of each program (-s) first,
// and blkparse's remarks on its input files are passed over. Layouts of -f and -F: trace/read/blkparse_format.h.
#include <stdlib.h>
#include <string.h>

#include "trace/read/blkparse_format.h"
#include "trace/read/event_lines.h"
#include "trace/read/event_text.h"
#include "util/alloc.h"

static void parse(const struct event_layout *layout, struct text_parser *p, struct trace_event *event)
{
    (void)layout;
    event->device = text_device(p);
    event->recorder = event->device;
    event->cpu = (uint32_t)text_number(p, TEXT_CPU_LIMIT - 1, "bad CPU number");
    event->sequence = (uint32_t)text_number(p, UINT32_MAX, "bad sequence number");
    event->time_ns = text_time(p, 9);
    event->pid = (uint32_t)text_number(p, UINT32_MAX, "bad process number");
    event_text_rest(p, event);
}

static bool take_digits(struct text_parser *p)
{
    const char *start = p->at;
    while (text_is_digit(p))
        p->at++;
    return p->at > start;
}

// Whether a line begins as an event does: number, comma, number, blank.
static bool begins_event(struct text_parser p)
{
    text_skip_blanks(&p);
    if (!take_digits(&p) || p.at >= p.end || *p.at++ != ',')
        return false;
    return take_digits(&p) && p.at < p.end && (*p.at == ' ' || *p.at == '\t');
}

// A line that is no event.
static enum line_kind other_kind(const struct text_parser *p)
{
    static const char *const starts[] = {"CPU", " Reads Queued:", "Total (", "Throughput (", "Events (", "Skips: "};
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
        if (text_has_prefix(p, starts[i]))
            return LINE_SUMMARY;
    return text_has_prefix(p, "Input file ") ? LINE_REMARK : LINE_OTHER;
}

static enum line_kind kind(const struct event_layout *layout, struct text_parser p)
{
    (void)layout;
    return begins_event(p) ? LINE_EVENT : other_kind(&p);
}

// A digit that begins a word, whatever ends the one before: the place of `grep -n`, the number of `cat -n`, a log's
// time and host.
static bool may_follow_prefix(char before, char c)
{
    return c >= '0' && c <= '9' && strchr(" \t:-]|>", before) != NULL;
}

static const struct event_layout by_default = {
    .what = "a recording of blkparse's text",
    .kind = kind,
    .parse = parse,
    .may_follow_prefix = may_follow_prefix,
};

static bool probe(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    (void)ops;
    return event_lines_probe(&by_default, bytes, size);
}

// ---- layouts that are told ----------------------------------------------------------------------------------------

struct told_layout {
    struct event_layout layout; // first, so that it can be cast
    struct blkparse_format *formats;
};

// What is neither blank nor of the summary.
static enum line_kind told_kind(const struct event_layout *layout, struct text_parser p)
{
    enum line_kind kind = other_kind(&p);
    (void)layout;
    text_skip_blanks(&p);
    return kind == LINE_OTHER && p.at < p.end ? LINE_EVENT : kind;
}

// Actions that -F does not name are printed by default.
static void parse_told(const struct event_layout *layout, struct text_parser *p, struct trace_event *event)
{
    struct text_parser start = *p;
    if (blkparse_format_parse(((const struct told_layout *)layout)->formats, p, event) || !begins_event(start))
        return;
    struct text_parser told = *p;
    *p = start;
    parse(layout, p, event);
    if (p->problem != NULL)
        *p = told;
}

static void destroy_told(const struct event_layout *layout)
{
    struct told_layout *told = (struct told_layout *)layout;
    blkparse_format_destroy(told->formats);
    free(told);
}

static const struct event_layout *create_told(struct diag *diag, const char *text)
{
    struct blkparse_format *formats = blkparse_format_create(diag, text);
    if (formats == NULL)
        return NULL;
    struct told_layout *told = xcalloc(1, sizeof *told);
    told->formats = formats;
    told->layout = (struct event_layout){.what = by_default.what, .kind = told_kind, .parse = parse_told,
                                         .destroy = destroy_told};
    return &told->layout;
}

// `more`: what blkparse was told.
static void *open_reader(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                         struct trace_faults *faults)
{
    (void)ops;
    const struct event_layout *used = more == NULL ? &by_default : create_told(faults->diag, more);
    return used == NULL ? NULL : event_lines_open(used, input, faults);
}

extern const struct trace_format_ops trace_format_blkparse;
const struct trace_format_ops trace_format_blkparse = {
    .name = "blkparse",
    .help = "text as blkparse prints it, by default or as told: \"blkparse: %T.%t %a %d %S %n\"",
    .lines = true,
    .takes_more = true,
    .probe = probe,
    .open = open_reader,
    .next = event_lines_next,
    .rewind = event_lines_rewind,
    .close = event_lines_close,
};
