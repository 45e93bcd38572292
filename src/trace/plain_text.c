// Text without what a terminal or an editor has put into it.
//
// Redirected by Windows PowerShell, text is UTF-16 with a byte order mark; characters beyond ASCII become '?'. Coloured
// by grep, or recorded by script(1), it holds control sequences of ECMA-48: CSI, ended by a byte from '@' to '~'
// (5.4), the strings that set a title, ended by BEL or by ST (xterm's OSC), and shorter escapes (ECMA-35, 13.2).
//
// Binary records have a byte of zero among their first, which text has not.
#include "trace/plain_text.h"

#include <stdbool.h>
#include <string.h>

#include "util/macros.h"

enum { ESCAPE = 0x1b, BEL = 0x07, FIRST_BYTES = 48 };

static bool begins_with(const uint8_t *bytes, size_t size, const char *mark)
{
    return size >= 2 && memcmp(bytes, mark, 2) == 0;
}

static size_t from_utf16(uint8_t *bytes, size_t size, bool big_endian)
{
    size_t to = 0;
    for (size_t at = 2; at + 1 < size; at += 2) {
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

static size_t without_escapes(uint8_t *bytes, size_t size)
{
    size_t to = 0;
    for (size_t at = 0; at < size;) {
        const uint8_t *escape = memchr(bytes + at, ESCAPE, size - at);
        size_t stop = escape == NULL ? size : (size_t)(escape - bytes);
        memmove(bytes + to, bytes + at, stop - at);
        to += stop - at;
        at = escape == NULL ? size : end_of_sequence(bytes, size, stop + 1);
    }
    return to;
}

size_t plain_text(uint8_t *bytes, size_t size)
{
    bool little = begins_with(bytes, size, "\xff\xfe"), big = begins_with(bytes, size, "\xfe\xff");
    if (little || big)
        size = from_utf16(bytes, size, big);
    bool binary = size == 0 || memchr(bytes, '\0', MIN(size, (size_t)FIRST_BYTES)) != NULL;
    return binary || memchr(bytes, ESCAPE, size) == NULL ? size : without_escapes(bytes, size);
}
