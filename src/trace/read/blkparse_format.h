// Layouts of blkparse's -f and -F, told as blkparse was: "%T.%t %a %d %S %n", or "D,%T.%t ..." for one action.
#ifndef SQTAIL_TRACE_READ_BLKPARSE_FORMAT_H
#define SQTAIL_TRACE_READ_BLKPARSE_FORMAT_H

#include "trace/read/text_parser.h"
#include "trace/trace_event.h"

struct blkparse_format;

// What is said of formats, one after the other, each ended by \n as in blkparse's own. NULL with the reasons in `diag`.
// `text` must outlive them.
struct blkparse_format *blkparse_format_create(struct diag *diag, const char *text);
void blkparse_format_destroy(struct blkparse_format *format);

// Reads a line of one of the formats, to its end. False where the line is of none: what is wrong is then in `p`, of the
// format that it fits furthest.
bool blkparse_format_parse(const struct blkparse_format *format, struct text_parser *p, struct trace_event *event);

#endif
