// Text by its columns: what a user, or a row of the known formats, says of one, and a line read by it.
#ifndef SQTAIL_TRACE_READ_COLUMNS_H
#define SQTAIL_TRACE_READ_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/text.h"
#include "trace/trace_event.h"

// What a column may hold; its words in a description, in this order.
#define COLUMN_LIST(X)                                                          \
    X(TIME, "time", "when the request began (time=1:us)")                        \
    X(END, "end", "when it was complete; it began earlier by its latency")       \
    X(LATENCY, "latency", "from beginning to completion (latency=7:ms)")         \
    X(WAIT, "wait", "how long to wait, on lines that are a wait and no request") \
    X(OFFSET, "offset", "where on the device (offset=3:sectors)")                \
    X(BYTES, "bytes", "how much (bytes=4:KiB)")                                  \
    X(OP, "op", "what is done (op=5:R,W)")                                       \
    X(DEVICE, "device", "which device, by number or name")                       \
    X(CPU, "cpu", "that issued it")                                              \
    X(PID, "pid", "of the process")                                              \
    X(PROCESS, "process", "its name")                                            \
    X(FUA, "fua", "1: on the medium before completion")                          \
    X(MORE, "more", "1: the next line is of the same request")

enum column {
#define COLUMN_ENUM(id, name, help) COLUMN_##id,
    COLUMN_LIST(COLUMN_ENUM)
#undef COLUMN_ENUM
    COLUMN_COUNT
};

// What an operation may be, in the order of its words in a description: op=5:READ,WRITE,FLUSH,TRIM,ZEROES,NOTHING,WAIT.
enum column_class {
    CLASS_READ,
    CLASS_WRITE,
    CLASS_FLUSH,
    CLASS_TRIM,
    CLASS_WRITE_ZEROES,
    CLASS_NOTHING,
    CLASS_WAIT,
    CLASS_COUNT,
};

enum { COLUMN_FIELDS_MAX = 64 };

// A number is worth `times` / `over` of a nanosecond or byte.
struct column_unit {
    const char *name;
    uint64_t times, over;
};

struct columns {
    int number[COLUMN_COUNT]; // from 1; from the end, -1 the last; 0: there is none
    struct column_unit unit[COLUMN_COUNT];
    struct text words[CLASS_COUNT]; // "R|Read"; `at` is NULL where the class has none
    uint64_t read_bits;  // op in hexadecimal: any of these set is a read, else a write; 0: op is words
    char separator;      // ' ' for blanks and tabs, '\0' for commas where the line has any, else blanks
    uint32_t least_fields, most_fields; // of a line; 0: any
    uint32_t skip;       // lines at the beginning that are passed over
    struct text header;  // what the first line must be, blank for blank; `at` is NULL: anything
    bool from_start;     // times are since the recording's beginning: the first request's stays
    bool pass_other;     // operations without a word are counted and not replayed; else malformed
    bool fraction;       // detection: times have a point
    bool epoch;          // detection: times are of this century
};

// Reads a description ("time=1:us offset=3:sectors ...") on top of what `columns` says. `text` must outlive it.
// Returns 0, or -1 with the reasons in `diag`.
int columns_parse(struct columns *columns, struct diag *diag, const char *text);

// Whether what a request needs is described. Returns 0, or -1 with the reasons in `diag`.
int columns_check(const struct columns *columns, struct diag *diag);

// A line read.
struct column_line {
    struct trace_event event; // its time as it stands in the line
    enum column_class class;
    uint64_t wait_ns;
    struct text device; // as it stands in the line
    bool has_time;
    bool unaligned;     // rounded outward to whole sectors
    char problem[160];  // "" while all is well
};

void columns_read_line(const struct columns *columns, struct text line, struct column_line *result);

// Whether the line could be one of these columns as a whole, times included: for detection.
bool columns_fits(const struct columns *columns, struct text line);

// The fields of a line: how many, the first COLUMN_FIELDS_MAX of them in `fields`.
size_t columns_split(struct text line, char separator, struct text *fields);

bool text_equals(struct text text, const char *word);

#endif
