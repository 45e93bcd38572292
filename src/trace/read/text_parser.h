// A line of text at work: what is left of it, and what was first found wrong. After a fault all that is read is 0, so
// that who parses asks once, at the end. Internal to the trace room.
#ifndef SQTAIL_TRACE_READ_TEXT_PARSER_H
#define SQTAIL_TRACE_READ_TEXT_PARSER_H

#include <stdbool.h>
#include <stdint.h>

struct text_parser {
    const char *at, *end;
    const char *problem; // NULL while all is well
    uint8_t *pdu;        // room for a payload: TEXT_PDU_MAX bytes
};

enum { TEXT_PDU_MAX = 4096, TEXT_CPU_LIMIT = 65536 };

// The first problem stays.
void text_fail(struct text_parser *p, const char *problem);

void text_skip_blanks(struct text_parser *p);
bool text_is_digit(const struct text_parser *p);
bool text_is_letter(const struct text_parser *p);
bool text_has_prefix(const struct text_parser *p, const char *prefix);

// Each of these passes over blanks before what it is about.
bool text_peek(struct text_parser *p, char c);
bool text_accept(struct text_parser *p, char c);
void text_expect(struct text_parser *p, char c, const char *problem);
uint64_t text_number(struct text_parser *p, uint64_t largest, const char *problem);

// MAJOR,MINOR as one number.
uint32_t text_device(struct text_parser *p);

// SECONDS.FRACTION in nanoseconds, of `least` to nine digits.
uint64_t text_time(struct text_parser *p, unsigned least);

// "[name]", to the last bracket of the line: a name may hold blanks and brackets. What stands behind is left. Returns
// its length.
uint32_t text_bracketed(struct text_parser *p, const char **name);

#endif
