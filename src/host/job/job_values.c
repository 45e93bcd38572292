// fio's syntax of values.
//
// Source: fio's HOWTO, "Parameter types": sizes count in powers of two with the suffixes k m g t p, an optional b
// after them (kb_base=1024); durations are in seconds, or microseconds where a word says so, unless d h m s ms us says
// otherwise. The units of a configuration are taken, too: 4KiB is 4096 here, as everybody expects, though fio with
// kb_base=1024 reads 4000. Refused on purpose: ki and kib in any other spelling.
#include "host/job/job_values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/decimal.h"
#include "util/alloc.h"
#include "util/macros.h"

static bool read_hexadecimal(const char *text, uint64_t *value)
{
    size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    *value = strtoull(text, NULL, 16);
    return digits > 0 && digits <= 16 && text[2 + digits] == '\0';
}

bool job_value_size(const char *text, uint64_t *value)
{
    static const char suffixes[] = "kmgtp";
    if (strncasecmp(text, "0x", 2) == 0)
        return read_hexadecimal(text, value);
    size_t length = decimal_length(text, false);
    const char *end = text + length;
    const char *suffix = *end == '\0' ? NULL : strchr(suffixes, tolower((unsigned char)*end));
    uint64_t scale = suffix == NULL ? 1 : UINT64_C(1024) << 10 * (suffix - suffixes);
    end += suffix != NULL;
    if (suffix != NULL && isupper((unsigned char)end[-1]) && strcmp(end, "iB") == 0)
        end += 2;
    else if (strcasecmp(end, "b") == 0)
        end++;
    return length > 0 && *end == '\0' && decimal_scale(text, length, scale, value) == DECIMAL_OK;
}

bool job_value_time(const char *text, tick_t without_unit, tick_t *value)
{
    const struct {
        const char *unit;
        tick_t ticks;
    } units[] = {
        {"", without_unit},        {"s", TICKS_PER_S},       {"sec", TICKS_PER_S},     {"ms", TICKS_PER_MS},
        {"msec", TICKS_PER_MS},    {"us", TICKS_PER_US},     {"usec", TICKS_PER_US},   {"ns", TICKS_PER_NS},
        {"m", 60 * TICKS_PER_S},   {"min", 60 * TICKS_PER_S}, {"h", 3600 * TICKS_PER_S}, {"d", 86400 * TICKS_PER_S},
    };
    size_t length = decimal_length(text, false);
    for (size_t i = 0; length > 0 && i < ARRAY_SIZE(units); i++)
        if (strcasecmp(text + length, units[i].unit) == 0)
            return decimal_scale(text, length, units[i].ticks, value) == DECIMAL_OK;
    return false;
}

bool job_value_range(const char *text, struct job_range *range)
{
    char *copy = xstrdup(text), *dash = strpbrk(copy, "-:");
    bool fine = dash != NULL;
    if (fine) {
        *dash = '\0';
        fine = job_value_size(copy, &range->min) && job_value_size(dash + 1, &range->max) && range->min <= range->max;
    }
    free(copy);
    return fine;
}

bool job_value_name(const char *text, size_t room)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t length = strlen(text);
    return strspn(text, letters) == length && length < room;
}

#define NO_PERCENT UINT32_MAX

static bool read_percent(const char *text, uint32_t *percent)
{
    *percent = (uint32_t)strtoul(text, NULL, 10);
    return strspn(text, "0123456789") == strlen(text) && strlen(text) <= 3 && *percent <= 100;
}

// "4k/60", "4k/" or "4k", cut in two.
static bool read_share(char *text, struct job_size_share *share)
{
    char *slash = strchr(text, '/');
    share->percent = NO_PERCENT;
    if (slash != NULL)
        *slash++ = '\0';
    if (slash != NULL && *slash != '\0' && !read_percent(slash, &share->percent))
        return false;
    return job_value_size(text, &share->bytes);
}

// What is left of 100 is shared by those that have no percentage.
static bool fill_percents(struct job_split *split)
{
    uint32_t sum = 0, open = 0;
    for (uint32_t i = 0; i < split->count; i++) {
        open += split->of[i].percent == NO_PERCENT;
        sum += split->of[i].percent == NO_PERCENT ? 0 : split->of[i].percent;
    }
    for (uint32_t i = 0; i < split->count && sum <= 100; i++)
        if (split->of[i].percent == NO_PERCENT)
            split->of[i].percent = (100 - sum) / open;
    return open > 0 ? sum <= 100 : sum == 100;
}

bool job_value_split(const char *text, struct job_split *split)
{
    char *copy = xstrdup(text);
    bool fine = true;
    split->count = 0;
    for (char *rest = NULL, *part = strtok_r(copy, ":", &rest); part != NULL && fine; part = strtok_r(NULL, ":", &rest))
        fine = split->count < JOB_SPLITS_MAX && read_share(part, &split->of[split->count++]);
    free(copy);
    return fine && split->count > 0 && fill_percents(split);
}
