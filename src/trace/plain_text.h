// Text without what a terminal or an editor has put into it.
#ifndef SQTAIL_TRACE_PLAIN_TEXT_H
#define SQTAIL_TRACE_PLAIN_TEXT_H

#include <stddef.h>
#include <stdint.h>

// Makes plain text of text in UTF-16 and of text with escape sequences, in place. Returns its size; what is neither,
// binary records among it, stays as it is.
size_t plain_text(uint8_t *bytes, size_t size);

#endif
