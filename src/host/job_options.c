// The words of a job, as a table, and fio's syntax of values.
//
// Source: fio's HOWTO, "Parameter types": sizes count in powers of two with the suffixes k m g t p, an optional b
// after them (kb_base=1024); durations are in seconds unless d h m s ms us says otherwise. The units of a configuration
// are taken, too: 4KiB is 4096 here, as everybody expects, though fio with kb_base=1024 reads 4000. Refused on purpose:
// ki and kib in any other spelling.
//
// Where a word means something else than in fio: number_ios is the exact number of requests (in fio only an upper
// bound), rate_iops makes arrivals independent of completions, and blocks of a random job are drawn independently
// (fio's norandommap).
#include "host/job_options.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/decimal.h"
#include "host/job.h"
#include "util/alloc.h"
#include "util/macros.h"

enum option_type {
    TYPE_SIZE,
    TYPE_COUNT,
    TYPE_TIME,
    TYPE_RW,
    TYPE_PROCESS,
    TYPE_NAME,
    TYPE_SHARE,
    TYPE_DISTRIBUTION,
    TYPE_SPLIT,
};

struct option_row {
    enum option_type type;
    size_t offset;
    uint64_t min, max;
};

static const struct {
    const char *name;
    uint32_t value;
} rw_names[] = {
    {"read", JOB_READ},     {"write", JOB_WRITE},         {"rw", JOB_RW},         {"readwrite", JOB_RW},
    {"trim", JOB_TRIM},     {"randread", JOB_RANDREAD},   {"randwrite", JOB_RANDWRITE},
    {"randrw", JOB_RANDRW}, {"randtrim", JOB_RANDTRIM},
};
static const char *const process_names[] = {"linear", "poisson", NULL};

// So that sums of two, for all jobs, stay within 64 bits, and times end before TICK_END.
#define COUNT_MAX (UINT64_C(1) << 50)
#define SIZE_MAX_BYTES (JOB_PERCENT - 1)
#define TIME_MAX (100 * 86400 * TICKS_PER_S)

// Seconds between two requests of a rate: the longest exponential interval, 45 times that, ends before TICK_END, too.
enum { RATE_PART = 16384 };

// One list makes the table that users see and the one that the parser walks.
#define OPTION_LIST(X)                                                                                               \
    X(rw, RW, "read", 0, 0, "read write rw (readwrite) trim randread randwrite randrw randtrim")                     \
    X(bs, SIZE, "4k", 512, UINT64_C(1) << 30, "bytes of each request")                                               \
    X(bssplit, SPLIT, "", 0, 0, "sizes and their shares of the requests in place of bs: 4k/60:64k/40")               \
    X(size, SHARE, "0", 0, SIZE_MAX_BYTES, "bytes of the region, or 50%; 0: from offset to the end of the drive")    \
    X(offset, SHARE, "0", 0, SIZE_MAX_BYTES, "where the region begins, or 25%")                                      \
    X(offset_increment, SHARE, "0", 0, SIZE_MAX_BYTES, "every further job's region begins so much later")            \
    X(random_distribution, DISTRIBUTION, "random", 0, 0, "random, zipf:THETA, pareto:H, zoned:A/S:A/S:...")          \
    X(iodepth, COUNT, "1", 1, 65536, "requests in flight for each job; with a rate: at most so many")                \
    X(numjobs, COUNT, "1", 1, 1024, "jobs; each has a CPU, a depth and random numbers of its own")                   \
    X(number_ios, COUNT, "0", 0, COUNT_MAX, "requests of each job; 0: as many as the region has blocks")             \
    X(rwmixread, COUNT, "50", 0, 100, "percentage of reads of rw and randrw; or rwmixwrite=100 less it")     \
    X(rate_iops, COUNT, "0", 0, 1000000000, "requests a second of each job, whatever completes; 0: closed loop")     \
    X(rate, SIZE, "0", 0, UINT64_MAX, "bytes a second of each job, as rate_iops; 500m is 524 MB/s")                  \
    X(rate_process, PROCESS, "linear", 0, 0, "arrivals of a rate: linear (equal distances) or poisson")              \
    X(fsync, COUNT, "0", 0, UINT64_MAX, "a flush after so many writes of the job, not counted in number_ios")        \
    X(writefua, COUNT, "0", 0, 1, "1: writes force unit access")                                                     \
    X(startdelay, TIME, "0", 0, TIME_MAX, "when it begins, seen from the beginning of the run")                      \
    X(runtime, TIME, "0", 0, TIME_MAX, "nothing is issued after it; seconds unless us ms s m h d is written")        \
    X(time_based, COUNT, "0", 0, 1, "1: go on until runtime, however small the region")                              \
    X(ramp_time, TIME, "0", 0, TIME_MAX, "run so long before measuring; not part of runtime or number_ios")          \
    X(ramp_ios, COUNT, "0", 0, COUNT_MAX, "run so many requests of each job before measuring")                       \
    X(exitall, COUNT, "0", 0, 1, "1: when it is done, all others issue nothing more")                                \
    X(name, NAME, "", 0, 0, "what results call it where --job is given several times [job1, job2, ...]")

static const struct option_row rows[] = {
#define OPTION_ROW(name, type, fallback, min, max, help) {TYPE_##type, offsetof(struct job_options, name), min, max},
    OPTION_LIST(OPTION_ROW)
#undef OPTION_ROW
};

#define TYPE_NAME_SIZE "size"
#define TYPE_NAME_COUNT "count"
#define TYPE_NAME_TIME "time"
#define TYPE_NAME_RW "name"
#define TYPE_NAME_PROCESS "name"
#define TYPE_NAME_NAME "text"
#define TYPE_NAME_SHARE "size"
#define TYPE_NAME_SPLIT "text"
#define TYPE_NAME_DISTRIBUTION "name"

const struct workload_option job_options_table[] = {
#define OPTION_SHOWN(name, type, fallback, min, max, help) {#name, TYPE_NAME_##type, fallback, help},
    OPTION_LIST(OPTION_SHOWN)
#undef OPTION_SHOWN
    {NULL, NULL, NULL, NULL},
};

static const struct {
    const char *alias, *name;
} aliases[] = {{"readwrite", "rw"}, {"blocksize", "bs"}, {"rwmixwrite", "rwmixread"}};

// fio's words that describe what is so here anyway. `values`: those that do, each followed by a blank; NULL: any.
const struct job_neutral_word job_neutral_words[] = {
    {"description", NULL, "a description for people"},
    {"filename", NULL, "the simulated drive is the only file there is"},
    {"ioengine", "libaio io_uring io_uring_cmd posixaio ", "requests are asynchronous"},
    {"direct", "1 ", "there is no page cache"},
    {"buffered", "0 ", "there is no page cache"},
    {"invalidate", "0 1 ", "there is no page cache"},
    {"thread", "0 1 ", "jobs are neither processes nor threads"},
    {"group_reporting", "0 1 ", "results are those of all jobs"},
    {"norandommap", "0 1 ", "blocks of a random job are always drawn independently"},
    {"randrepeat", "1 ", "a run can always be repeated; --seed gives another one"},
    {"allrandrepeat", "1 ", "a run can always be repeated; --seed gives another one"},
    {NULL, NULL, NULL},
};

struct parser {
    struct job_options *options;
    struct diag *diag;
    struct place place; // of the word being read
    const char *name;   // of the option being read
    uint64_t given;     // bit for each option that the text names
};

// --- values --------------------------------------------------------------------------------------------------------

static int complain(struct parser *parser, const char *text, const char *expected)
{
    return diag_error(parser->diag, parser->place, "'%s' is not a value of %s: expected %s", text, parser->name,
                      expected);
}

// 4k, 4kb, 4KiB, 1.5m: powers of 1024.
static bool read_size(const char *text, uint64_t *value)
{
    static const char suffixes[] = "kmgtp";
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

static bool read_time(const char *text, uint64_t *value)
{
    static const struct {
        const char *unit;
        tick_t ticks;
    } units[] = {
        {"", TICKS_PER_S},         {"s", TICKS_PER_S},       {"sec", TICKS_PER_S},     {"ms", TICKS_PER_MS},
        {"msec", TICKS_PER_MS},    {"us", TICKS_PER_US},     {"usec", TICKS_PER_US},   {"ns", TICKS_PER_NS},
        {"m", 60 * TICKS_PER_S},   {"min", 60 * TICKS_PER_S}, {"h", 3600 * TICKS_PER_S}, {"d", 86400 * TICKS_PER_S},
    };
    size_t length = decimal_length(text, false);
    for (size_t i = 0; length > 0 && i < ARRAY_SIZE(units); i++)
        if (strcasecmp(text + length, units[i].unit) == 0)
            return decimal_scale(text, length, units[i].ticks, value) == DECIMAL_OK;
    return false;
}

static int parse_number(struct parser *parser, const struct option_row *row, const char *text)
{
    static const char *const expected[] = {
        [TYPE_SIZE] = "a size, such as 4k or 1g",
        [TYPE_SHARE] = "a size, such as 4k or 1g, or a share of the drive, such as 50%",
        [TYPE_COUNT] = "a number",
        [TYPE_TIME] = "a time, such as 10s or 500ms",
    };
    uint64_t value;
    bool fine = row->type == TYPE_TIME ? read_time(text, &value) : read_size(text, &value);
    if (!fine)
        return complain(parser, text, expected[row->type]);
    if (row->type == TYPE_TIME && value > row->max)
        return diag_error(parser->diag, parser->place, "%s=%s is out of range: at most 100d", parser->name, text);
    if (value < row->min || value > row->max)
        return diag_error(parser->diag, parser->place, "%s=%s is out of range: %llu to %llu", parser->name, text,
                          (unsigned long long)row->min, (unsigned long long)row->max);
    memcpy((char *)parser->options + row->offset, &value, sizeof value);
    return 0;
}

// Bytes, or a share of the drive: fio's 50%.
static int parse_share(struct parser *parser, const struct option_row *row, const char *text)
{
    size_t length = decimal_length(text, false);
    uint64_t percent;
    if (length == 0 || strcmp(text + length, "%") != 0)
        return parse_number(parser, row, text);
    if (decimal_scale(text, length, 1, &percent) != DECIMAL_OK || percent > 100)
        return complain(parser, text, "a whole percentage up to 100%");
    percent |= JOB_PERCENT;
    memcpy((char *)parser->options + row->offset, &percent, sizeof percent);
    return 0;
}

// "4k/60" of "4k/60:64k/40", cut at its end.
static bool read_size_share(char *text, struct job_size_share *share)
{
    char *slash = strchr(text, '/'), *end;
    if (slash == NULL)
        return false;
    *slash = '\0';
    share->percent = (uint32_t)strtoul(slash + 1, &end, 10);
    return end > slash + 1 && *end == '\0' && share->percent <= 100 && read_size(text, &share->bytes);
}

static bool read_split(char *text, struct job_options *o)
{
    uint64_t percent = 0;
    for (char *rest = NULL, *part = strtok_r(text, ":", &rest); part != NULL; part = strtok_r(NULL, ":", &rest)) {
        if (o->bssplit_count == JOB_SPLITS_MAX || !read_size_share(part, &o->bssplit[o->bssplit_count]))
            return false;
        percent += o->bssplit[o->bssplit_count++].percent;
    }
    return percent == 100;
}

// The smallest size becomes bs, of which the others must be multiples.
static int parse_split(struct parser *parser, const char *text)
{
    struct job_options *o = parser->options;
    if (*text == '\0')
        return 0;
    char *copy = xstrdup(text);
    bool fine = read_split(copy, o);
    free(copy);
    for (uint32_t i = 0; fine && i < o->bssplit_count; i++)
        o->bs = i == 0 ? o->bssplit[i].bytes : MIN(o->bs, o->bssplit[i].bytes);
    for (uint32_t i = 0; fine && i < o->bssplit_count; i++)
        fine = o->bs >= 512 && o->bssplit[i].bytes % o->bs == 0 && o->bssplit[i].bytes <= UINT64_C(1) << 30;
    return fine ? 0 : complain(parser, text, "sizes, each a multiple of the smallest, and their percentages, 100 in "
                               "all, such as 4k/60:64k/40");
}

static int parse_distribution(struct parser *parser, const char *text)
{
    const char *expected = distribution_parse(text, &parser->options->random_distribution);
    return expected == NULL ? 0 : complain(parser, text, expected);
}

static int suggest(struct parser *parser, const char *text, const char *what, const char *const *candidates)
{
    const char *nearest = diag_nearest(text, candidates);
    if (nearest == NULL)
        return diag_error(parser->diag, parser->place, "unknown %s '%s'; %s", what, text,
                          strpbrk(text, ",;") != NULL ? "words are separated by blanks, as in rw=randread bs=4k"
                                                      : "see sqtail list job");
    return diag_error(parser->diag, parser->place, "unknown %s '%s'; did you mean '%s'?", what, text, nearest);
}

static int parse_rw(struct parser *parser, const char *text)
{
    const char *candidates[ARRAY_SIZE(rw_names) + 1] = {NULL};
    for (size_t i = 0; i < ARRAY_SIZE(rw_names); i++) {
        candidates[i] = rw_names[i].name;
        if (strcmp(text, rw_names[i].name) == 0) {
            parser->options->rw = rw_names[i].value;
            return 0;
        }
    }
    return suggest(parser, text, "rw", candidates);
}

static int parse_process(struct parser *parser, const char *text)
{
    for (uint32_t i = 0; process_names[i] != NULL; i++)
        if (strcmp(text, process_names[i]) == 0) {
            parser->options->rate_process = i;
            return 0;
        }
    return suggest(parser, text, "rate_process", process_names);
}

// It becomes a name in results and part of the names of files.
static int parse_name(struct parser *parser, const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t length = strlen(text);
    if (strspn(text, letters) != length || length >= JOB_NAME_BYTES)
        return complain(parser, text, "up to 31 letters, digits, - and _");
    memcpy(parser->options->name, text, length + 1);
    return 0;
}

static int parse_value(struct parser *parser, size_t index, const char *text)
{
    const struct option_row *row = &rows[index];
    parser->name = job_options_table[index].name;
    if (row->type == TYPE_RW)
        return parse_rw(parser, text);
    if (row->type == TYPE_PROCESS)
        return parse_process(parser, text);
    if (row->type == TYPE_SHARE)
        return parse_share(parser, row, text);
    if (row->type == TYPE_DISTRIBUTION)
        return parse_distribution(parser, text);
    if (row->type == TYPE_SPLIT)
        return parse_split(parser, text);
    if (row->type == TYPE_NAME)
        return parse_name(parser, text);
    return parse_number(parser, row, text);
}

// --- words ---------------------------------------------------------------------------------------------------------

static int find_option(struct parser *parser, const char *name)
{
    if (strcmp(name, "thinktime") == 0)
        return diag_error(parser->diag, parser->place, "'thinktime' is a key of the configuration here: "
                          "--set host.think_time=TIME");
    const char *candidates[ARRAY_SIZE(rows) + 1] = {NULL};
    for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
        if (strcmp(name, aliases[i].alias) == 0)
            name = aliases[i].name;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        candidates[i] = job_options_table[i].name;
        if (strcmp(name, candidates[i]) == 0)
            return (int)i;
    }
    return suggest(parser, name, "word", candidates);
}

static const struct job_neutral_word *find_neutral(const char *name)
{
    for (const struct job_neutral_word *word = job_neutral_words; word->name != NULL; word++)
        if (strcmp(word->name, name) == 0)
            return word;
    return NULL;
}

static bool is_among(const char *values, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = values; length > 0 && (at = strstr(at, value)) != NULL; at += length)
        if ((at == values || at[-1] == ' ') && at[length] == ' ')
            return true;
    return false;
}

// A word that changes nothing, unless its value says that something is otherwise than it is here.
static int parse_neutral(struct parser *parser, const struct job_neutral_word *word, const char *value)
{
    if (word->values == NULL || is_among(word->values, value == NULL ? "1" : value))
        return 0;
    return diag_error(parser->diag, parser->place, "%s=%s is not how it is here: %s", word->name,
                      value == NULL ? "" : value, word->help);
}

// rwmixwrite=30 is rwmixread=70, as in fio; either may have its %.
static int parse_mix(struct parser *parser, size_t index, const char *name, char *value)
{
    size_t length = strlen(value);
    if (length > 1 && value[length - 1] == '%')
        value[length - 1] = '\0';
    int result = parse_value(parser, index, value);
    if (result == 0 && strcmp(name, "rwmixwrite") == 0)
        parser->options->rwmixread = 100 - parser->options->rwmixread;
    return result;
}

static int parse_word(struct parser *parser, char *word)
{
    char *value = strchr(word, '=');
    if (value != NULL)
        *value++ = '\0';
    const struct job_neutral_word *neutral = find_neutral(word);
    if (neutral != NULL)
        return parse_neutral(parser, neutral, value);
    int index = find_option(parser, word);
    if (index < 0)
        return -1;
    bool is_flag = rows[index].max == 1;
    if (value == NULL && !is_flag)
        return diag_error(parser->diag, parser->place, "'%s' needs a value: %s=...", word, word);
    if (parser->given >> index & 1)
        return diag_error(parser->diag, parser->place, "'%s' is given twice", job_options_table[index].name);
    parser->given |= UINT64_C(1) << index;
    if (value != NULL)
        parser->place.column += (uint64_t)(value - word);
    if (rows[index].offset == offsetof(struct job_options, rwmixread))
        return parse_mix(parser, (size_t)index, word, value);
    return parse_value(parser, (size_t)index, value == NULL ? "1" : value);
}

static int parse_words(struct parser *parser, char *text)
{
    int result = 0;
    for (char *at = text; *at != '\0';) {
        at += strspn(at, " \t\n");
        size_t length = strcspn(at, " \t\n");
        char *end = at + length;
        bool last = *end == '\0';
        if (length == 0)
            break;
        *end = '\0';
        parser->place.column = (uint64_t)(at - text) + 1;
        if (parse_word(parser, at) != 0)
            result = -1;
        at = last ? end : end + 1;
    }
    return result;
}

// --- what spans several words --------------------------------------------------------------------------------------

static bool given(const struct parser *parser, size_t offset)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].offset == offset)
            return parser->given >> i & 1;
    return false;
}

#define GIVEN(parser, name) given(parser, offsetof(struct job_options, name))

static int check_together(struct parser *parser)
{
    const struct job_options *o = parser->options;
    bool mixed = o->rw == JOB_RW || o->rw == JOB_RANDRW, rated = o->rate_iops > 0 || o->rate > 0;
    bool writes = mixed || o->rw == JOB_WRITE || o->rw == JOB_RANDWRITE;
    const struct {
        bool holds;
        const char *message;
    } mistakes[] = {
        {o->bs % 512 != 0, "bs must be a multiple of 512 bytes"},
        {GIVEN(parser, bs) && o->bssplit_count > 0, "bs and bssplit exclude each other"},
        {o->bssplit_count > 0 && o->number_ios == 0 && !o->time_based,
         "bssplit needs number_ios or time_based: it leaves open how many requests fill the region"},
        {GIVEN(parser, rwmixread) && !mixed, "rwmixread has a meaning with rw=rw and rw=randrw only"},
        {o->random_distribution.kind != DISTRIBUTION_RANDOM && o->rw < JOB_RANDREAD,
         "random_distribution has a meaning with random jobs only, such as rw=randread"},
        {o->fsync > 0 && !writes, "fsync needs a job that writes"},
        {o->writefua > 0 && !writes, "writefua needs a job that writes"},
        {o->rate_iops > 0 && o->rate > 0, "rate and rate_iops exclude each other"},
        {o->rate > 0 && o->rate < job_options_largest(o) / RATE_PART,
         "rate is too low for bs: a request would come every four hours or later"},
        {!rated && GIVEN(parser, rate_process), "rate_process needs rate_iops or rate"},
        {o->time_based && o->runtime == 0, "time_based needs runtime"},
        {o->time_based && o->number_ios > 0, "time_based and number_ios exclude each other"},
        {o->ramp_time > 0 && o->ramp_ios > 0, "ramp_time and ramp_ios exclude each other"},
        {o->startdelay + o->ramp_time + o->runtime > TIME_MAX,
         "startdelay, ramp_time and runtime together are out of range: at most 100d"},
        {o->offset_increment > 0 && o->numjobs == 1, "offset_increment needs numjobs above 1"},
    };
    int result = 0;
    for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++)
        if (mistakes[i].holds)
            result = diag_error(parser->diag, (struct place){.file = parser->place.file, .line = 1}, "%s",
                                mistakes[i].message);
    return result;
}

int job_options_parse(const char *text, const char *where, struct job_options *options, struct diag *diag)
{
    struct parser parser = {.options = options, .diag = diag, .place = {.file = where, .line = 1}};
    int result = 0;
    *options = (struct job_options){0};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        result |= parse_value(&parser, i, job_options_table[i].fallback);
    char *copy = xstrdup(text);
    result |= parse_words(&parser, copy);
    free(copy);
    options->iodepth_given = GIVEN(&parser, iodepth);
    if (result == 0)
        result = check_together(&parser);
    return result;
}

uint64_t job_options_largest(const struct job_options *options)
{
    uint64_t largest = options->bs;
    for (uint32_t i = 0; i < options->bssplit_count; i++)
        largest = MAX(largest, options->bssplit[i].bytes);
    return largest;
}

void job_options_name(const struct job_options *options, uint32_t index, char name[JOB_NAME_BYTES])
{
    if (*options->name != '\0')
        memcpy(name, options->name, JOB_NAME_BYTES);
    else
        snprintf(name, JOB_NAME_BYTES, "job%u", index + 1);
}
