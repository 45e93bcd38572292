// Text without what a terminal or an editor has put into it.
#ifndef SQTAIL_TRACE_INPUT_PLAIN_TEXT_H
#define SQTAIL_TRACE_INPUT_PLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Makes plain text of text in UTF-16 and of text with escape sequences, in place. Returns its size; what is neither,
// binary records among it, stays as it is.
size_t plain_text(uint8_t *bytes, size_t size);

enum plain_text_form { PLAIN_TEXT_UNKNOWN, PLAIN_TEXT_BYTES, PLAIN_TEXT_NARROW, PLAIN_TEXT_UTF16_LE, PLAIN_TEXT_UTF16_BE };

// The same piece by piece.
struct plain_text {
    enum plain_text_form form;
    size_t narrowed; // of what was left over, so many bytes at its front are no longer UTF-16
};

// The next piece: what was left over of the one before, and what follows it; `last`: nothing follows. At first it must
// be PLAIN_TEXT_FIRST bytes at least, unless it is the last. Returns how many bytes at the front are plain now; what is
// left over, an escape sequence that has not ended, goes behind them, *left bytes.
enum { PLAIN_TEXT_FIRST = 48 };
size_t plain_text_part(struct plain_text *text, uint8_t *bytes, size_t size, bool last, size_t *left);

#endif
