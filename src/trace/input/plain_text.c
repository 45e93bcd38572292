// Text without what a terminal or an editor has put into it.
//
// Redirected by Windows PowerShell, text is UTF-16 with a byte order mark; characters beyond ASCII become '?'. Coloured
// by grep, or recorded by script(1), it holds control sequences of ECMA-48: CSI, ended by a byte from '@' to '~'
// (5.4), the strings that set a title, ended by BEL or by ST (xterm's OSC), and shorter escapes (ECMA-35, 13.2).
//
// Binary records have a byte of zero among their first, which text has not. A sequence that begins in one piece and
// ends in the next waits for it; one that goes on for SEQUENCE_MAX bytes is none.
#include "trace/input/plain_text.h"

#include <string.h>

#include "util/macros.h"

enum { ESCAPE = 0x1b, BEL = 0x07, SEQUENCE_MAX = 4096 };

static bool begins_with(const uint8_t *bytes, size_t size, const char *mark)
{
    return size >= 2 && memcmp(bytes, mark, 2) == 0;
}

// A pair of bytes that is cut off at the end is left over.
static size_t from_utf16(uint8_t *bytes, size_t size, bool big_endian)
{
    size_t to = 0;
    for (size_t at = 0; at + 1 < size; at += 2) {
        uint8_t high = bytes[at + !big_endian], low = bytes[at + big_endian];
        bytes[to++] = high == 0 && low < 0x80 ? low : '?';
    }
    return to;
}

static size_t end_of_control(const uint8_t *bytes, size_t size, size_t at)
{
    while (at < size && bytes[at] >= ' ' && bytes[at] < '@')
        at++;
    return at < size && bytes[at] >= '@' && bytes[at] <= '~' ? at + 1 : at;
}

static size_t end_of_string(const uint8_t *bytes, size_t size, size_t at)
{
    while (at < size && bytes[at] != BEL && bytes[at] != ESCAPE && bytes[at] != '\n')
        at++;
    if (at < size && bytes[at] == BEL)
        return at + 1;
    return at + 1 < size && bytes[at] == ESCAPE && bytes[at + 1] == '\\' ? at + 2 : at;
}

// Where the sequence has ended whose escape stands before `at`.
static size_t end_of_sequence(const uint8_t *bytes, size_t size, size_t at)
{
    if (at < size && bytes[at] == '[')
        return end_of_control(bytes, size, at + 1);
    if (at < size && bytes[at] == ']')
        return end_of_string(bytes, size, at + 1);
    while (at < size && bytes[at] >= ' ' && bytes[at] < '0')
        at++;
    return at < size && bytes[at] != '\n' ? at + 1 : at;
}

// *used becomes how many bytes were dealt with.
static size_t without_escapes(uint8_t *bytes, size_t size, bool last, size_t *used)
{
    size_t to = 0, at = 0;
    while (at < size) {
        const uint8_t *escape = memchr(bytes + at, ESCAPE, size - at);
        size_t stop = escape == NULL ? size : (size_t)(escape - bytes);
        size_t end = escape == NULL ? size : end_of_sequence(bytes, size, stop + 1);
        memmove(bytes + to, bytes + at, stop - at);
        to += stop - at;
        at = stop;
        if (escape != NULL && end == size && !last && size - stop < SEQUENCE_MAX)
            break;
        at = end;
    }
    *used = at;
    return to;
}

static enum plain_text_form form_of(const uint8_t *bytes, size_t size)
{
    if (begins_with(bytes, size, "\xff\xfe"))
        return PLAIN_TEXT_UTF16_LE;
    if (begins_with(bytes, size, "\xfe\xff"))
        return PLAIN_TEXT_UTF16_BE;
    bool binary = size == 0 || memchr(bytes, '\0', MIN(size, (size_t)PLAIN_TEXT_FIRST)) != NULL;
    return binary ? PLAIN_TEXT_BYTES : PLAIN_TEXT_NARROW;
}

// The bytes behind those that are narrow already become narrow, too. Returns how many are; an odd one behind them is
// left over.
static size_t narrow(struct plain_text *text, uint8_t *bytes, size_t size, size_t skip, size_t *odd)
{
    size_t wide = size - text->narrowed - skip;
    uint8_t *from = bytes + text->narrowed;
    memmove(from, from + skip, wide);
    *odd = wide % 2;
    size_t now = from_utf16(from, wide, text->form == PLAIN_TEXT_UTF16_BE);
    if (*odd != 0)
        from[now] = from[wide - 1];
    return text->narrowed + now;
}

size_t plain_text_part(struct plain_text *text, uint8_t *bytes, size_t size, bool last, size_t *left)
{
    size_t skip = 0, odd = 0, used;
    *left = 0;
    if (text->form == PLAIN_TEXT_UNKNOWN) {
        text->form = form_of(bytes, size);
        skip = text->form >= PLAIN_TEXT_UTF16_LE ? 2 : 0;
    }
    if (text->form == PLAIN_TEXT_BYTES)
        return size;
    if (text->form == PLAIN_TEXT_NARROW && memchr(bytes, ESCAPE, size) == NULL)
        return size;
    size_t narrowed = text->form == PLAIN_TEXT_NARROW ? size : narrow(text, bytes, size, skip, &odd);
    size_t plain = without_escapes(bytes, narrowed, last, &used);
    text->narrowed = narrowed - used;
    *left = last ? 0 : text->narrowed + odd;
    memmove(bytes + plain, bytes + used, *left);
    return plain;
}

size_t plain_text(uint8_t *bytes, size_t size)
{
    struct plain_text text = {0};
    size_t left;
    return plain_text_part(&text, bytes, size, true, &left);
}
