// Words and numbers of a line.
#include "trace/read/text_parser.h"

#include <stddef.h>
#include <string.h>

#include "spec/blktrace.h"

enum { TIME_DIGITS = 9 };

void text_fail(struct text_parser *p, const char *problem)
{
    if (p->problem == NULL)
        p->problem = problem;
}

void text_skip_blanks(struct text_parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
        p->at++;
}

bool text_is_digit(const struct text_parser *p)
{
    return p->at < p->end && *p->at >= '0' && *p->at <= '9';
}

bool text_is_letter(const struct text_parser *p)
{
    return p->at < p->end && ((*p->at >= 'A' && *p->at <= 'Z') || (*p->at >= 'a' && *p->at <= 'z'));
}

bool text_has_prefix(const struct text_parser *p, const char *prefix)
{
    size_t length = strlen(prefix);
    return (size_t)(p->end - p->at) >= length && memcmp(p->at, prefix, length) == 0;
}

bool text_peek(struct text_parser *p, char c)
{
    text_skip_blanks(p);
    return p->at < p->end && *p->at == c;
}

bool text_accept(struct text_parser *p, char c)
{
    if (!text_peek(p, c))
        return false;
    p->at++;
    return true;
}

void text_expect(struct text_parser *p, char c, const char *problem)
{
    if (!text_accept(p, c))
        text_fail(p, problem);
}

uint64_t text_number(struct text_parser *p, uint64_t largest, const char *problem)
{
    uint64_t x = 0;
    text_skip_blanks(p);
    if (!text_is_digit(p))
        text_fail(p, problem);
    for (; text_is_digit(p); p->at++) {
        uint64_t digit = (uint64_t)(*p->at - '0');
        if (x > (largest - digit) / 10) {
            text_fail(p, problem);
            return 0;
        }
        x = x * 10 + digit;
    }
    return x;
}

uint32_t text_device(struct text_parser *p)
{
    uint64_t major = text_number(p, (1u << (32 - BLKTRACE_MINOR_BITS)) - 1, "bad device");
    text_expect(p, ',', "bad device");
    return (uint32_t)(major << BLKTRACE_MINOR_BITS |
                      text_number(p, (1u << BLKTRACE_MINOR_BITS) - 1, "bad device"));
}

uint64_t text_time(struct text_parser *p, unsigned least)
{
    uint64_t seconds = text_number(p, UINT64_MAX / 1000000000 - 1, "bad time");
    text_expect(p, '.', "bad time");
    const char *start = p->at;
    uint64_t ns = text_number(p, 999999999, "bad time");
    size_t digits = (size_t)(p->at - start);
    if (digits < least || digits > TIME_DIGITS)
        text_fail(p, least == TIME_DIGITS ? "bad time: expected nine digits after the point" : "bad time");
    for (; digits < TIME_DIGITS; digits++)
        ns *= 10;
    return seconds * 1000000000 + ns;
}

uint32_t text_bracketed(struct text_parser *p, const char **name)
{
    text_expect(p, '[', "expected [process]");
    const char *start = p->at, *close = p->end;
    while (close > start && close[-1] != ']')
        close--;
    if (close == start) {
        text_fail(p, "expected ] after the process");
        return 0;
    }
    *name = start;
    p->at = close;
    return (uint32_t)(close - 1 - start);
}
