// RWBS, both ways. First 'F' for a preflush, then the direction, then what else is said of the request.
//
// Sources: blkparse_fmt.c (fill_rwbs), Linux kernel/trace/blktrace.c (blk_fill_rwbs). Those of the kernel's events
// print a flush as FF, blkparse as FN.
#include "trace/read/rwbs.h"

#include <stdio.h>

#include "util/macros.h"

// ---- parsing -----------------------------------------------------------------------------------------------------

struct letter {
    char letter;
    int bit; // of the categories; -1: it changes nothing here
};

// The category of the letter at hand, which is taken.
static uint64_t parse_letter(struct text_parser *p, const struct letter *letters, size_t count)
{
    for (size_t i = 0; i < count && p->at < p->end; i++)
        if (letters[i].letter == *p->at) {
            p->at++;
            return letters[i].bit < 0 ? 0 : UINT64_C(1) << (letters[i].bit + BLKTRACE_CATEGORY_SHIFT);
        }
    text_fail(p, "unknown rwbs");
    return 0;
}

static uint64_t parse_zone_letter(struct text_parser *p)
{
    static const struct letter zones[] = {{'A', 16}, {'R', 17}, {'F', 19}, {'O', 20}, {'C', 21}};
    return parse_letter(p, zones, ARRAY_SIZE(zones));
}

static uint64_t parse_direction(struct text_parser *p)
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
    case 'F':
        return BLKTRACE_IS_FLUSH;
    case 'N':
        return 0;
    case 'Z':
        return parse_zone_letter(p);
    }
    text_fail(p, "unknown rwbs");
    return 0;
}

// 'B' is the barrier of Linux before 2.6.37; 'E', secure erase, and 'U', atomic, change nothing here.
uint64_t rwbs_parse(struct text_parser *p)
{
    static const struct letter letters[] = {{'F', 15}, {'A', 11}, {'S', 3}, {'M', 12}, {'B', 2}, {'E', -1}, {'U', -1}};
    uint64_t categories = text_accept(p, 'F') ? BLKTRACE_IS_FLUSH : 0;
    categories |= parse_direction(p);
    while (p->problem == NULL && text_is_letter(p))
        categories |= parse_letter(p, letters, ARRAY_SIZE(letters));
    return categories;
}

// ---- printing ----------------------------------------------------------------------------------------------------

static const char *direction(const struct trace_event *event)
{
    static const char *const zones[] = {"ZA", "ZR", "ZR", "ZF", "ZO", "ZC"};
    for (int i = 0; i < 6; i++)
        if (trace_event_is(event, BLKTRACE_IS_ZONE_APPEND << i))
            return zones[i];
    if (trace_event_is(event, BLKTRACE_IS_DISCARD))
        return "D";
    if (trace_event_is(event, BLKTRACE_IS_WRITE_ZEROES))
        return "WZ";
    if (trace_event_is(event, BLKTRACE_IS_WRITE))
        return "W";
    return event->bytes != 0 ? "R" : "N";
}

void rwbs_print(const struct trace_event *event, char text[RWBS_SIZE])
{
    snprintf(text, RWBS_SIZE, "%s%s%s%s%s%s", trace_event_is(event, BLKTRACE_IS_FLUSH) ? "F" : "", direction(event),
             trace_event_is(event, BLKTRACE_IS_FUA) ? "F" : "", trace_event_is(event, BLKTRACE_IS_AHEAD) ? "A" : "",
             trace_event_is(event, BLKTRACE_IS_SYNC) ? "S" : "", trace_event_is(event, BLKTRACE_IS_META) ? "M" : "");
}
