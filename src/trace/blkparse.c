// Format blkparse: the text that blkparse prints by default, one event a line.
//
//     major,minor cpu sequence seconds.nanoseconds pid action rwbs  tail
//
// where the tail depends on the action (trace/event_text.h). Layout from blkparse(1) and from what blkparse 1.2.0
// prints. The columns are padded but not fixed. The summaries that follow the events, that of each program (-s) first,
// and blkparse's remarks on its input files are passed over. Layouts of -f and -F: trace/blkparse_format.h.
#include <string.h>

#include "trace/event_lines.h"
#include "trace/event_text.h"
#include "util/macros.h"

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

static enum line_kind kind(const struct event_layout *layout, struct text_parser p)
{
    static const char *const starts[] = {"CPU", " Reads Queued:", "Total (", "Throughput (", "Events (", "Skips: "};
    (void)layout;
    if (begins_event(p))
        return LINE_EVENT;
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
        if (text_has_prefix(&p, starts[i]))
            return LINE_SUMMARY;
    return text_has_prefix(&p, "Input file ") ? LINE_REMARK : LINE_OTHER;
}

// A digit that begins a word, whatever ends the one before: the place of `grep -n`, the number of `cat -n`, a log's
// time and host.
static bool may_follow_prefix(char before, char c)
{
    return c >= '0' && c <= '9' && strchr(" \t:-]|>", before) != NULL;
}

static const struct event_layout layout = {
    .what = "a recording of blkparse's text",
    .kind = kind,
    .parse = parse,
    .may_follow_prefix = may_follow_prefix,
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

extern const struct trace_format_ops trace_format_blkparse;
const struct trace_format_ops trace_format_blkparse = {
    .name = "blkparse",
    .help = "text as blkparse prints it by default",
    .lines = true,
    .probe = probe,
    .open = open_reader,
    .next = event_lines_next,
    .close = event_lines_close,
};
