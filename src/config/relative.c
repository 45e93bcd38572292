// Values relative to the one there is: +20%, -10%, x2.
//
// Computed exactly and rounded to the smallest step (1 ps, 1 B); whole numbers must come out whole. A share, such as
// 7%, cannot be changed by a percentage: whether of itself or by so many points nobody could tell.
#include <stdio.h>
#include <string.h>

#include "config/decimal.h"
#include "config/value.h"
#include "util/macros.h"

enum { MILLION = 1000000, DIGITS_MAX = 12 };

struct factor {
    uint64_t times, over;
    bool is_percentage;
};

static bool read_factor(const char *text, struct factor *factor)
{
    uint64_t millionths;
    factor->is_percentage = text[0] == '+' || text[0] == '-';
    if (!factor->is_percentage && text[0] != 'x')
        return false;
    size_t length = decimal_length(text + 1, false);
    const char *end = factor->is_percentage ? "%" : "";
    if (length == 0 || length > DIGITS_MAX || strcmp(text + 1 + length, end) != 0 ||
        decimal_scale(text + 1, length, MILLION, &millionths) != DECIMAL_OK)
        return false;
    factor->over = factor->is_percentage ? UINT64_C(100) * MILLION : MILLION;
    factor->times = text[0] == '+' ? factor->over + millionths : millionths;
    if (text[0] == '-')
        factor->times = factor->over - MIN(millionths, factor->over);
    return true;
}

// False when the result is beyond 64 bits, or not whole though it must be.
static bool scale(uint64_t *value, const struct factor *factor, bool must_be_whole)
{
    unsigned __int128 product = (unsigned __int128)*value * factor->times;
    if (must_be_whole && product % factor->over != 0)
        return false;
    product = (product + factor->over / 2) / factor->over;
    *value = (uint64_t)product;
    return product <= UINT64_MAX;
}

static bool scale_value(const struct config_field *field, union config_any *value, const struct factor *factor)
{
    uint64_t wide = value->narrow;
    switch (field->type) {
    case CONFIG_UINT:
        if (!scale(&wide, factor, true) || wide > UINT32_MAX)
            return false;
        value->narrow = (uint32_t)wide;
        return true;
    case CONFIG_REAL:
    case CONFIG_RATIO:
        value->real = value->real * (double)factor->times / (double)factor->over;
        return true;
    case CONFIG_TIMES:
        for (uint32_t i = 0; i < value->times.count; i++)
            if (!scale(&value->times.at[i], factor, false))
                return false;
        return true;
    case CONFIG_SIZE_OR_SHARE:
        wide = value->wide & ~CONFIG_SHARE;
        if (!scale(&wide, factor, false) || config_is_share(wide))
            return false;
        value->wide = (value->wide & CONFIG_SHARE) | wide;
        return true;
    default:
        return scale(&value->wide, factor, field->type == CONFIG_UINT64);
    }
}

static bool is_share(enum config_type type, const union config_any *value)
{
    return type == CONFIG_RATIO || (type == CONFIG_SIZE_OR_SHARE && config_is_share(value->wide));
}

static bool has_measure(enum config_type type)
{
    return config_value_type(type)->units != NULL || config_value_type(type)->is_plain_number || type == CONFIG_RATIO;
}

enum config_relation config_relative(const struct config_field *field, const void *now, const char *text,
                                     char absolute[CONFIG_VALUE_BYTES], struct config_problem *problem)
{
    struct factor factor;
    union config_any value;
    if (!has_measure(field->type) || !read_factor(text, &factor))
        return CONFIG_ABSOLUTE;
    problem->at = 0;
    memcpy(&value, now, config_value_type(field->type)->size);
    if (is_share(field->type, &value) && factor.is_percentage) {
        snprintf(problem->message, sizeof problem->message,
                 "'%s' is a share itself; give the share, or a factor such as x1.2; got '%s'", field->key, text);
        return CONFIG_RELATION_BAD;
    }
    if (!scale_value(field, &value, &factor)) {
        config_format(field, now, absolute, CONFIG_VALUE_BYTES);
        snprintf(problem->message, sizeof problem->message, "'%s' is %.64s, of which '%s' makes no whole number",
                 field->key, absolute, text);
        return CONFIG_RELATION_BAD;
    }
    config_format(field, &value, absolute, CONFIG_VALUE_BYTES);
    return CONFIG_RELATIVE;
}
