// The formats of text by columns, as rows of the registry.
#ifndef SQTAIL_TRACE_READ_COLUMNS_READ_H
#define SQTAIL_TRACE_READ_COLUMNS_READ_H

#include "trace/read/columns_known.h"
#include "trace/format.h"

#define COLUMN_FORMAT_DECLARE(id, name, help, columns) extern const struct trace_format_ops trace_format_##id;
COLUMN_FORMAT_LIST(COLUMN_FORMAT_DECLARE)
#undef COLUMN_FORMAT_DECLARE
extern const struct trace_format_ops trace_format_columns;

// How much the first lines of a text are like those of a format.
struct columns_likeness {
    unsigned fit, unfit; // lines
    uint64_t line;       // the first that does not fit, and
    char problem[160];   // why: "" where only its time is of another form
};

struct columns_likeness columns_compare(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size);

#endif
