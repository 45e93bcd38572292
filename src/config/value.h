// The types of values: one row each, with what reads, writes and describes it.
#ifndef SQTAIL_CONFIG_VALUE_H
#define SQTAIL_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/field.h"

union config_any {
    bool flag;
    uint32_t narrow;
    uint64_t wide;
    double real;
    struct config_times times;
    char string[CONFIG_STRING_BYTES];
};

// Why a text is not a value of its field.
struct config_problem {
    size_t at; // offset in the text
    char message[512];
};

struct config_unit {
    const char *name; // NULL ends an array of units
    uint64_t scale;   // of the smallest step: ps, bytes, Hz, transfers a second
};

struct config_value_type {
    const char *name;                // one word: "time"
    const char *wants;               // "a time with its unit, such as 50us"
    size_t size;                     // of the value, bytes
    const struct config_unit *units;   // the smallest first; NULL for numbers without
    const struct config_unit *aliases; // read and never written; may be NULL
    const char *finest;              // the smallest step in words: "1ps"
    bool is_plain_number;            // a number in JSON too
    bool (*parse)(const struct config_field *field, const char *text, void *value, struct config_problem *problem);
    int (*format)(const struct config_field *field, const void *value, char *text, size_t size);
};

const struct config_value_type *config_value_type(enum config_type type);

// Reads `text` as a value of `field`, its bounds included. On failure `value` is unchanged and `problem` is filled.
bool config_parse(const struct config_field *field, const char *text, void *value, struct config_problem *problem);

// The value as a user would write it: reading it back gives the same value. Returns the length, as snprintf.
int config_format(const struct config_field *field, const void *value, char *text, size_t size);

// "+20%", "-10%", "x2" of the value there is: written out as an absolute one.
enum { CONFIG_VALUE_BYTES = 512 }; // more than any value takes in canonical form
enum config_relation { CONFIG_ABSOLUTE, CONFIG_RELATIVE, CONFIG_RELATION_BAD };
enum config_relation config_relative(const struct config_field *field, const void *now, const char *text,
                                     char absolute[CONFIG_VALUE_BYTES], struct config_problem *problem);

// The field of one element of a CONFIG_TIMES field.
struct config_field config_element_field(const struct config_field *field);

// Whether a CONFIG_TIMES field takes an empty list: only if that is its default.
bool config_may_be_empty(const struct config_field *field);

// `text` for a message: shortened, without control characters. Returns `buffer`.
enum { CONFIG_SHOWN_BYTES = 64 };
const char *config_show(char buffer[CONFIG_SHOWN_BYTES], const char *text);

// "1us to 10ms", "at least 1us", "at most 10ms"; empty without bounds. Returns `buffer`.
enum { CONFIG_RANGE_BYTES = 96 };
const char *config_range(char buffer[CONFIG_RANGE_BYTES], const struct config_field *field);

#endif
