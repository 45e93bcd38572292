// The keys that are searched: their bounds, and values between them.
//
// A bound is a value of the key, or a factor of what the configuration has, which for a list of times scales them
// together. Values have four digits, whole ones are whole: so a point that comes again is the same run again, and the
// search is no finer than what it is asked for.
#include "calibrate/keys.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/decimal.h"
#include "config/value.h"
#include "util/alloc.h"
#include "util/exact_math.h"
#include "util/macros.h"

enum { DIGITS = 4, RATIO_OF_LOG = 3 };

// Whether the search can go through values of such a type.
static bool is_measure(enum config_type type)
{
    return type == CONFIG_UINT || type == CONFIG_UINT64 || type == CONFIG_REAL || type == CONFIG_RATIO ||
           config_value_type(type)->units != NULL;
}

static struct config_field element_of(const struct config_field *field)
{
    return field->type == CONFIG_TIMES ? config_element_field(field) : *field;
}

static double number_of(const struct config_field *field, const union config_any *value)
{
    if (field->type == CONFIG_UINT)
        return value->narrow;
    return field->type == CONFIG_REAL || field->type == CONFIG_RATIO ? value->real : (double)value->wide;
}

static union config_any value_of(const struct config_field *field, double number)
{
    union config_any value = {0};
    if (field->type == CONFIG_UINT)
        value.narrow = (uint32_t)(number + 0.5);
    else if (field->type == CONFIG_REAL || field->type == CONFIG_RATIO)
        value.real = number;
    else
        value.wide = (uint64_t)(number + 0.5);
    return value;
}

// --- binding -------------------------------------------------------------------------------------------------------

struct search {
    const char *name;
    const struct config_field *field;
    const void *value;
};

static void look_at(void *context, const struct config_section *section, const struct config_field *field,
                    const void *value)
{
    struct search *search = context;
    size_t length = strlen(section->name);
    bool inside = strncmp(search->name, section->name, length) == 0 && search->name[length] == '.';
    if (strcmp(length == 0 ? search->name : inside ? search->name + length + 1 : "", field->key) != 0)
        return;
    search->field = field;
    search->value = value;
}

static bool is_factor(const char *text)
{
    return text[0] == 'x';
}

static int read_bound(const struct calibrate_key *key, const char *text, double *bound, struct diag *diag)
{
    struct config_problem problem;
    union config_any value;
    struct config_field field = element_of(key->field);
    if (is_factor(text))
        return decimal_real(text + 1, bound) == DECIMAL_OK && *bound > 0
                   ? 0 : diag_error(diag, key->place, "%s: '%s' is no factor, such as x0.5", key->name, text);
    if (!config_parse(&field, text, &value, &problem))
        return diag_error(diag, key->place, "%s: %s", key->name, problem.message);
    if (field.type == CONFIG_SIZE_OR_SHARE && config_is_share(value.wide))
        return diag_error(diag, key->place, "%s: a search goes through sizes, not through shares such as '%s'", key->name,
                          text);
    *bound = number_of(&field, &value);
    return 0;
}

// Where the configuration's own value lies; -1: nowhere between the bounds.
static double start_of(const struct calibrate_key *key, const void *value)
{
    double now = 1;
    if (!key->relative && key->field->type != CONFIG_TIMES)
        now = number_of(key->field, value);
    else if (!key->relative)
        now = (double)((const struct config_times *)value)->at[0];
    if (now < key->low || now > key->high)
        return -1;
    if (key->logarithmic)
        return exact_log(now / key->low) / exact_log(key->high / key->low);
    return (now - key->low) / (key->high - key->low);
}

static int bind_key(struct calibrate_key *key, const struct config *config, struct diag *diag)
{
    struct search search = {.name = key->name};
    config_visit(config, look_at, &search);
    if (search.field == NULL)
        return diag_error(diag, key->place, "unknown key '%s'; see sqtail schema", key->name);
    key->field = search.field;
    if (!is_measure(key->field->type))
        return diag_error(diag, key->place, "%s is no number that a search could go through", key->name);
    key->relative = is_factor(key->low_text);
    if (key->relative != is_factor(key->high_text))
        return diag_error(diag, key->place, "%s: one bound is a factor, the other is not", key->name);
    if (read_bound(key, key->low_text, &key->low, diag) != 0 || read_bound(key, key->high_text, &key->high, diag) != 0)
        return -1;
    if (key->low >= key->high)
        return diag_error(diag, key->place, "%s: the lower bound must be below the upper", key->name);
    if (!key->scale_given)
        key->logarithmic = key->low > 0 && key->high >= RATIO_OF_LOG * key->low;
    if (key->logarithmic && key->low <= 0)
        return diag_error(diag, key->place, "%s: scale: log needs a lower bound above zero", key->name);
    key->start = start_of(key, search.value);
    return 0;
}

int calibrate_bind_keys(struct calibrate_problem *problem, const struct config *config, struct diag *diag)
{
    int result = 0;
    for (size_t i = 0; i < problem->key_count; i++)
        result |= bind_key(&problem->keys[i], config, diag);
    return result;
}

// --- values --------------------------------------------------------------------------------------------------------

static double with_digits(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.*e", DIGITS - 1, value);
    return strtod(text, NULL);
}

double calibrate_key_value(const struct calibrate_key *key, double x)
{
    double value = key->logarithmic ? key->low * exact_pow(key->high / key->low, x)
                                    : key->low + (key->high - key->low) * x;
    value = with_digits(MIN(MAX(value, key->low), key->high));
    bool whole = !key->relative && key->field->type != CONFIG_REAL && key->field->type != CONFIG_RATIO;
    return whole ? floor(value + 0.5) : value;
}

char *calibrate_key_text(const struct calibrate_key *key, double x)
{
    char text[CONFIG_VALUE_BYTES];
    double number = calibrate_key_value(key, x);
    if (key->relative)
        return xformat("x%.*g", DIGITS, number);
    struct config_field field = element_of(key->field);
    union config_any value = value_of(&field, number);
    config_format(&field, &value, text, sizeof text);
    return xstrdup(text);
}
