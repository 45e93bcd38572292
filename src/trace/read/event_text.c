// Tails of events, one function for each form (event_text.h).
#include "trace/read/event_text.h"

#include <string.h>

#include "trace/read/rwbs.h"
#include "util/macros.h"

void event_text_process(struct text_parser *p, struct trace_event *event)
{
    event->process_length = text_bracketed(p, &event->process);
}

void event_text_error(struct text_parser *p, struct trace_event *event)
{
    text_expect(p, '[', "expected [error]");
    bool minus = text_accept(p, '-');
    uint64_t x = text_number(p, UINT16_MAX, "bad error number");
    event->error = (uint16_t)(minus ? 0 - x : x);
    text_expect(p, ']', "expected ] after the error number");
}

static void parse_size(struct text_parser *p, struct trace_event *event)
{
    event->bytes = BLKTRACE_SECTOR_BYTES *
                   text_number(p, UINT64_MAX / BLKTRACE_SECTOR_BYTES, "bad number of sectors");
}

void event_text_range(struct text_parser *p, struct trace_event *event)
{
    event->sector = text_number(p, UINT64_MAX, "bad sector");
    text_expect(p, '+', "expected + after the sector");
    parse_size(p, event);
}

static void skip_parentheses(struct text_parser *p)
{
    if (!text_accept(p, '('))
        return;
    while (p->at < p->end && *p->at != ')')
        p->at++;
    text_expect(p, ')', "expected )");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// "(12 00 ..)", where ".." stands for zeroes to the end.
void event_text_payload(struct text_parser *p, struct trace_event *event)
{
    if (!text_accept(p, '('))
        return;
    event->pdu = p->pdu;
    while (!text_peek(p, ')') && !text_peek(p, '.') && p->end - p->at >= 2 && event->pdu_length < TEXT_PDU_MAX) {
        int high = hex_digit(p->at[0]), low = hex_digit(p->at[1]);
        if (high < 0 || low < 0)
            break;
        p->pdu[event->pdu_length++] = (uint8_t)(high << 4 | low);
        p->at += 2;
    }
    while (text_accept(p, '.'))
        continue;
    text_expect(p, ')', "bad command of a passthrough request");
}

// ---- tails -------------------------------------------------------------------------------------------------------

static void tail_issue(struct text_parser *p, struct trace_event *event)
{
    text_skip_blanks(p);
    if (text_is_digit(p)) {
        event->sector = text_number(p, UINT64_MAX, "bad sector");
        if (text_accept(p, '+')) {
            parse_size(p, event);
            skip_parentheses(p);
        } else {
            event->action |= BLKTRACE_IS_PC;
            event->bytes = event->sector;
            event->sector = 0;
            event_text_payload(p, event);
        }
    } else
        skip_parentheses(p);
    event_text_process(p, event);
}

static void tail_complete(struct text_parser *p, struct trace_event *event)
{
    text_skip_blanks(p);
    if (!text_is_digit(p)) {
        event->action |= BLKTRACE_IS_PC;
        event_text_payload(p, event);
    } else {
        event->sector = text_number(p, UINT64_MAX, "bad sector");
        if (text_accept(p, '+'))
            parse_size(p, event);
        skip_parentheses(p);
    }
    event_text_error(p, event);
}

static void tail_merge(struct text_parser *p, struct trace_event *event)
{
    text_skip_blanks(p);
    if (text_is_digit(p)) {
        event_text_range(p, event);
        skip_parentheses(p);
    }
    event_text_process(p, event);
}

static void tail_plug(struct text_parser *p, struct trace_event *event)
{
    event_text_process(p, event);
    text_skip_blanks(p);
    if (text_is_digit(p))
        event->value = text_number(p, UINT64_MAX, "bad number of requests");
}

static void tail_split(struct text_parser *p, struct trace_event *event)
{
    event->sector = text_number(p, UINT64_MAX, "bad sector");
    text_expect(p, '/', "expected / after the sector");
    event->value = text_number(p, UINT64_MAX, "bad sector");
    if (event->value > event->sector && event->value - event->sector <= UINT64_MAX / BLKTRACE_SECTOR_BYTES)
        event->bytes = (event->value - event->sector) * BLKTRACE_SECTOR_BYTES;
    event_text_process(p, event);
}

static void tail_remap(struct text_parser *p, struct trace_event *event)
{
    event->recorder = TRACE_RECORDER_UNKNOWN;
    event_text_range(p, event);
    text_expect(p, '<', "expected <- after the sectors");
    text_expect(p, '-', "expected <- after the sectors");
    text_expect(p, '(', "expected (device)");
    event->from_device = text_device(p);
    text_expect(p, ')', "expected (device)");
    event->from_sector = text_number(p, UINT64_MAX, "bad sector");
}

static void tail_message(struct text_parser *p, struct trace_event *event)
{
    if (p->at < p->end)
        p->at++; // the one blank that separates
    event->pdu = (const uint8_t *)p->at;
    event->pdu_length = (uint32_t)MIN(p->end - p->at, UINT16_MAX);
    p->at = p->end;
}

// ---- actions -----------------------------------------------------------------------------------------------------

enum { QUEUED = 1 << 20, REQUEUED = 1 << 21, ISSUED = 1 << 22, COMPLETED = 1 << 23, NOTE = 1 << 26 };

static const struct event_text rows[] = {
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

const struct event_text *event_text_find(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0)
            return &rows[i];
    return NULL;
}

void event_text_begin(struct text_parser *p, struct trace_event *event, const struct event_text *row)
{
    if (row == NULL)
        text_fail(p, "unknown action");
    else
        event->action = row->action;
}

const struct event_text *event_text_action(struct text_parser *p, struct trace_event *event)
{
    text_skip_blanks(p);
    const char *start = p->at;
    while (text_is_letter(p))
        p->at++;
    const struct event_text *row = event_text_find(start, (size_t)(p->at - start));
    event_text_begin(p, event, row);
    return row;
}

void event_text_end(struct text_parser *p, struct trace_event *event)
{
    if (!trace_event_is(event, BLKTRACE_IS_PC | BLKTRACE_IS_NOTIFY))
        event->action |= BLKTRACE_IS_FS;
    text_skip_blanks(p);
    if (p->at < p->end)
        text_fail(p, "unexpected text at the end");
}

void event_text_rest(struct text_parser *p, struct trace_event *event)
{
    const struct event_text *row = p->problem == NULL ? event_text_action(p, event) : NULL;
    if (row == NULL)
        return;
    event->action |= rwbs_parse(p);
    if (p->problem == NULL)
        row->tail(p, event);
    event_text_end(p, event);
}
