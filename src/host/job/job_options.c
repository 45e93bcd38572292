// The words of a job, as a table, and what they mean together.
//
// Source: fio's HOWTO and, where that leaves something open, its behaviour (3.33). The syntax of values is that of
// host/job/job_values.c; words that change nothing here, or that cannot be had, are in host/job/job_noted.c.
//
// Where a word means something else than in fio, unless `fio` is among the words: number_ios is the exact number of
// requests (in fio only an upper bound), rate_iops makes arrivals independent of completions, and blocks of a random job
// are drawn independently (fio's norandommap) by a generator of this program's own.
#include "host/job/job_options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "config/decimal.h"
#include "host/job/job.h"
#include "host/job/job_values.h"
#include "host/job/words.h"
#include "util/alloc.h"
#include "util/macros.h"

enum option_type {
    TYPE_SIZE,
    TYPE_COUNT,
    TYPE_TIME,
    TYPE_SHORT_TIME,
    TYPE_SHARE,
    TYPE_PERCENTILE,
    TYPE_RW,
    TYPE_PROCESS,
    TYPE_GENERATOR,
    TYPE_SEQUENCER,
    TYPE_SYNC,
    TYPE_ZONEMODE,
    TYPE_BLOCKS_TYPE,
    TYPE_NAME,
    TYPE_DISTRIBUTION,
    // With a value for each direction:
    TYPE_SIZES,
    TYPE_COUNTS,
    TYPE_RANGES,
    TYPE_SPLITS,
};

struct option_row {
    enum option_type type;
    size_t offset;
    uint64_t min, max;
};

static const struct rw_name {
    const char *name;
    enum job_rw value;
    const char *moves; // r, w and t
} rw_names[] = {
    {"read", JOB_READ, "r"},           {"write", JOB_WRITE, "w"},           {"rw", JOB_RW, "rw"},
    {"readwrite", JOB_RW, "rw"},       {"trim", JOB_TRIM, "t"},             {"trimwrite", JOB_TRIMWRITE, "tw"},
    {"randread", JOB_RANDREAD, "r"},   {"randwrite", JOB_RANDWRITE, "w"},   {"randrw", JOB_RANDRW, "rw"},
    {"randtrim", JOB_RANDTRIM, "t"},   {"randtrimwrite", JOB_RANDTRIMWRITE, "tw"},
};

// By the type of their rows, in the order of their enumerations.
static const char *const *const choices[] = {
    [TYPE_GENERATOR] = (const char *const[]){"xoshiro", "tausworthe", "tausworthe64", "lfsr", NULL},
    [TYPE_SEQUENCER] = (const char *const[]){"sequential", "identical", NULL},
    [TYPE_SYNC] = (const char *const[]){"none", "0", "sync", "dsync", "1", NULL},
    [TYPE_ZONEMODE] = (const char *const[]){"none", "strided", NULL},
    [TYPE_BLOCKS_TYPE] = (const char *const[]){"complete", "issue", NULL},
    [TYPE_SPLITS] = NULL,
};
enum { SYNC_NOTHING = 1 };

// So that sums of two, for all jobs, stay within 64 bits, and times end before TICK_END.
#define COUNT_MAX (UINT64_C(1) << 50)
#define SIZE_MAX_BYTES (JOB_PERCENT - 1)
#define REQUEST_MAX (UINT64_C(1) << 30)
#define TIME_MAX (100 * 86400 * TICKS_PER_S)

// Seconds between two requests of a rate: the longest exponential interval, 45 times that, ends before TICK_END, too.
enum { RATE_PART = 16384 };

// One list makes the table that users see and the one that the parser walks. Each word, where it goes, ...
#define OPTION_LIST(X)                                                                                               \
    X(rw, rw, RW, "read", 0, 0, "read write rw (readwrite) trim trimwrite, rand before each; rw=randread:8 and rw=read:4k as fio") \
    X(fio, fio, COUNT, "0", 0, 1, "1: what the other words leave open is as in fio (doc/fio.md)") \
    X(bs, each[0].bs, SIZES, "4k", 512, REQUEST_MAX, "bytes of each request; 4k,64k,8k for reads, writes and trims")  \
    X(bsrange, each[0].bsrange, RANGES, "", 512, REQUEST_MAX, "sizes at random in place of bs: 4k-64k, multiples of the first")      \
    X(bssplit, each[0].bssplit, SPLITS, "", 512, REQUEST_MAX, "sizes and their shares of the requests in place of bs: 4k/60:64k/40") \
    X(bs_is_seq_rand, bs_is_seq_rand, COUNT, "0", 0, 1, "1: sizes are of sequential and random ones, in place of reads and writes") \
    X(blockalign, each[0].blockalign, SIZES, "0", 0, REQUEST_MAX, "random offsets are multiples of it; 0: of bs")    \
    X(size, size, SHARE, "0", 0, SIZE_MAX_BYTES, "bytes of the region, or 50%; 0: from offset to the end of the drive")    \
    X(io_size, io_size, SHARE, "0", 0, SIZE_MAX_BYTES, "bytes to move, or a share of size; 0: size")                 \
    X(offset, offset, SHARE, "0", 0, SIZE_MAX_BYTES, "where the region begins, or 25%")                                      \
    X(offset_increment, offset_increment, SHARE, "0", 0, SIZE_MAX_BYTES, "every further job's region begins so much later")            \
    X(offset_align, offset_align, SIZE, "0", 0, SIZE_MAX_BYTES, "an offset in percent is rounded up to it; 0: to bs") \
    X(random_distribution, random_distribution, DISTRIBUTION, "random", 0, 0, \
      "random, zipf:THETA, pareto:H, normal:D, each with :CENTRE, zoned:A/S:..., zoned_abs:A/S:...")          \
    X(percentage_random, each[0].percentage_random, COUNTS, "100", 0, 100, "of a random job; the others are sequential") \
    X(norandommap, norandommap, COUNT, "1", 0, 1, "0: no block comes again before all have come")                    \
    X(random_generator, random_generator, GENERATOR, "xoshiro", 0, 0, "xoshiro, or fio's tausworthe tausworthe64 lfsr") \
    X(randseed, randseed, COUNT, "0", 0, UINT64_MAX, "of fio's generators, in place of the run's seed")              \
    X(randrepeat, randrepeat, COUNT, "1", 0, 1, "0 with a randseed: what repeats is not the same again")             \
    X(rw_sequencer, rw_sequencer, SEQUENCER, "sequential", 0, 0, "what rw=randread:8 does in between: sequential or identical") \
    X(iodepth, iodepth, COUNT, "1", 1, 65536, "requests in flight for each job; with a rate: at most so many")                \
    X(iodepth_low, iodepth_low, COUNT, "0", 0, 65536, "once all are in flight, nothing comes until so many are left; 0: iodepth") \
    X(iodepth_batch_complete_min, iodepth_batch_complete_min, COUNT, "1", 0, 65536, \
      "once all are in flight, nothing comes until so many are done") \
    X(numjobs, numjobs, COUNT, "1", 1, 1024, "jobs; each has a CPU, a depth and random numbers of its own")                   \
    X(number_ios, number_ios, COUNT, "0", 0, COUNT_MAX, "requests of each job; 0: as many as the region has blocks")             \
    X(loops, loops, COUNT, "1", 1, COUNT_MAX, "of the whole region, or io_size")                                     \
    X(rwmixread, rwmixread, COUNT, "50", 0, 100, "percentage of reads of rw and randrw; or rwmixwrite=100 less it")     \
    X(rate_iops, each[0].rate_iops, COUNTS, "0", 0, 1000000000, "requests a second of each job, whatever completes; 0: closed loop")     \
    X(rate, each[0].rate, SIZES, "0", 0, UINT64_MAX, "bytes a second of each job, as rate_iops; 500m is 524 MB/s")                  \
    X(rate_process, rate_process, PROCESS, "linear", 0, 0, \
      "arrivals of a rate: linear (equal distances) poisson onoff:ON/OFF mmpp:W/T:... steps:W/T:... diurnal:PERIOD:A") \
    X(thinktime, thinktime, SHORT_TIME, "0", 0, TIME_MAX, "without a request, none in flight; microseconds without a unit") \
    X(thinktime_blocks, thinktime_blocks, COUNT, "1", 1, COUNT_MAX, "thinktime comes after so many requests")        \
    X(thinktime_iotime, thinktime_iotime, TIME, "0", 0, TIME_MAX, "thinktime comes after so much time")              \
    X(thinktime_blocks_type, thinktime_blocks_type, BLOCKS_TYPE, "complete", 0, 0, "which are counted: complete, or issue") \
    X(fsync, fsync, COUNT, "0", 0, UINT64_MAX, "a flush after so many writes of the job, not counted in number_ios")        \
    X(fdatasync, fdatasync, COUNT, "0", 0, UINT64_MAX, "as fsync: a drive is not told the difference")               \
    X(end_fsync, end_fsync, COUNT, "0", 0, 1, "1: a flush at the end of each job")                                   \
    X(writefua, writefua, COUNT, "0", 0, 1, "1: writes force unit access")                                                     \
    X(sync, sync, SYNC, "none", 0, 0, "sync or dsync: as writefua=1, what Linux makes of O_SYNC with direct=1")      \
    X(zonemode, zonemode, ZONEMODE, "none", 0, 0, "strided: one zone after the other")                               \
    X(zonesize, zonesize, SIZE, "0", 0, SIZE_MAX_BYTES, "bytes to move in a zone before the next")                   \
    X(zonerange, zonerange, SIZE, "0", 0, SIZE_MAX_BYTES, "bytes of a zone; 0: zonesize")                            \
    X(zoneskip, zoneskip, SIZE, "0", 0, SIZE_MAX_BYTES, "bytes between two zones")                                   \
    X(latency_target, latency_target, SHORT_TIME, "0", 0, TIME_MAX, "finds the largest iodepth that holds it, then measures one window") \
    X(latency_window, latency_window, SHORT_TIME, "0", 0, TIME_MAX, "for how long it must hold")                     \
    X(latency_percentile, latency_percentile, PERCENTILE, "100", 0, 0, "for how many of the requests, in percent")   \
    X(latency_run, latency_run, COUNT, "0", 0, 1, "1: goes on looking for the depth until the job is over")          \
    X(stonewall, stonewall, COUNT, "0", 0, 1, "1: begins when all jobs before it are done")                          \
    X(startdelay, startdelay, TIME, "0", 0, TIME_MAX, "when it begins, seen from the beginning of the run")                      \
    X(runtime, runtime, TIME, "0", 0, TIME_MAX, "nothing is issued after it; seconds unless us ms s m h d is written")        \
    X(time_based, time_based, COUNT, "0", 0, 1, "1: go on until runtime, however small the region")                              \
    X(ramp_time, ramp_time, TIME, "0", 0, TIME_MAX, "run so long before measuring; not part of runtime or number_ios")          \
    X(ramp_ios, ramp_ios, COUNT, "0", 0, COUNT_MAX, "run so many requests of each job before measuring")                       \
    X(exitall, exitall, COUNT, "0", 0, 1, "1: when it is done, all others issue nothing more")                                \
    X(name, name, NAME, "", 0, 0, "what results call it where --job is given several times [job1, job2, ...]")

static const struct option_row rows[] = {
#define OPTION_ROW(name, member, type, fallback, min, max, help) \
    {TYPE_##type, offsetof(struct job_options, member), min, max},
    OPTION_LIST(OPTION_ROW)
#undef OPTION_ROW
};
_Static_assert(ARRAY_SIZE(rows) <= 64, "struct parser has a bit for each");

#define TYPE_NAME_SIZE "size"
#define TYPE_NAME_COUNT "count"
#define TYPE_NAME_TIME "time"
#define TYPE_NAME_SHORT_TIME "time"
#define TYPE_NAME_SHARE "size"
#define TYPE_NAME_PERCENTILE "number"
#define TYPE_NAME_RW "name"
#define TYPE_NAME_PROCESS "name"
#define TYPE_NAME_GENERATOR "name"
#define TYPE_NAME_SEQUENCER "name"
#define TYPE_NAME_SYNC "name"
#define TYPE_NAME_ZONEMODE "name"
#define TYPE_NAME_BLOCKS_TYPE "name"
#define TYPE_NAME_NAME "text"
#define TYPE_NAME_DISTRIBUTION "name"
#define TYPE_NAME_SIZES "size"
#define TYPE_NAME_COUNTS "count"
#define TYPE_NAME_RANGES "text"
#define TYPE_NAME_SPLITS "text"

const struct workload_option job_options_table[] = {
#define OPTION_SHOWN(name, member, type, fallback, min, max, help) {#name, TYPE_NAME_##type, fallback, help},
    OPTION_LIST(OPTION_SHOWN)
#undef OPTION_SHOWN
    {NULL, NULL, NULL, NULL},
};

static const struct {
    const char *alias, *name;
} aliases[] = {
    {"readwrite", "rw"},          {"blocksize", "bs"},       {"rwmixwrite", "rwmixread"}, {"ba", "blockalign"},
    {"blocksize_range", "bsrange"}, {"io_limit", "io_size"}, {"fileoffset", "offset"},    {"timeout", "runtime"},
    {"wait_for_previous", "stonewall"}, {"iodepth_batch_complete", "iodepth_batch_complete_min"},
};

struct parser {
    struct words words;
    struct job_options *options;
    uint64_t given; // bit for each option that the text names
};

// --- values --------------------------------------------------------------------------------------------------------

// Where the row's value goes; of several those of `direction`.
static void *member_of(struct parser *parser, const struct option_row *row, enum job_direction direction)
{
    return (char *)parser->options + row->offset + direction * sizeof(struct job_each);
}

static bool read_number(enum option_type type, const char *text, uint64_t *value)
{
    if (type == TYPE_TIME || type == TYPE_SHORT_TIME)
        return job_value_time(text, type == TYPE_TIME ? TICKS_PER_S : TICKS_PER_US, value);
    return job_value_size(text, value);
}

static int check_bounds(struct parser *parser, const struct option_row *row, const char *text, uint64_t value)
{
    if (row->max == TIME_MAX && value > row->max)
        return diag_error(parser->words.diag, parser->words.place, "%s=%s is out of range: at most 100d", parser->words.name, text);
    if (value < row->min || value > row->max)
        return diag_error(parser->words.diag, parser->words.place, "%s=%s is out of range: %llu to %llu", parser->words.name, text,
                          (unsigned long long)row->min, (unsigned long long)row->max);
    return 0;
}

static int parse_number(struct parser *parser, const struct option_row *row, const char *text,
                        enum job_direction direction)
{
    static const char *const expected[] = {
        [TYPE_SIZE] = "a size, such as 4k or 1g",
        [TYPE_SIZES] = "a size, such as 4k or 1g",
        [TYPE_SHARE] = "a size, such as 4k or 1g, or a share of the drive, such as 50%",
        [TYPE_COUNT] = "a number",
        [TYPE_COUNTS] = "a number",
        [TYPE_TIME] = "a time, such as 10s or 500ms",
        [TYPE_SHORT_TIME] = "a time, such as 500us or 2ms",
    };
    uint64_t value;
    if (!read_number(row->type, text, &value))
        return words_complain(&parser->words, text, expected[row->type]);
    if (check_bounds(parser, row, text, value) != 0)
        return -1;
    memcpy(member_of(parser, row, direction), &value, sizeof value);
    return 0;
}

// Bytes, or a share of the drive: fio's 50%.
static int parse_share(struct parser *parser, const struct option_row *row, const char *text)
{
    size_t length = decimal_length(text, false);
    uint64_t percent;
    if (length == 0 || strcmp(text + length, "%") != 0)
        return parse_number(parser, row, text, 0);
    if (decimal_scale(text, length, 1, &percent) != DECIMAL_OK || percent > 100)
        return words_complain(&parser->words, text, "a whole percentage up to 100%");
    percent |= JOB_PERCENT;
    memcpy(member_of(parser, row, 0), &percent, sizeof percent);
    return 0;
}

static int parse_range(struct parser *parser, const struct option_row *row, const char *text,
                       enum job_direction direction)
{
    struct job_range *range = member_of(parser, row, direction);
    if (*text == '\0')
        return 0;
    if (!job_value_range(text, range))
        return words_complain(&parser->words, text, "two sizes, such as 4k-64k");
    return check_bounds(parser, row, text, range->min) | check_bounds(parser, row, text, range->max);
}

// Offsets and lengths are multiples of the smallest.
static bool is_of_multiples(const struct job_split *split, const struct option_row *row)
{
    uint64_t least = split->of[0].bytes;
    bool fine = true;
    for (uint32_t i = 1; i < split->count; i++)
        least = MIN(least, split->of[i].bytes);
    for (uint32_t i = 0; i < split->count; i++)
        fine &= least >= row->min && split->of[i].bytes % least == 0 && split->of[i].bytes <= row->max;
    return fine;
}

static int parse_split(struct parser *parser, const struct option_row *row, const char *text,
                       enum job_direction direction)
{
    struct job_split *split = member_of(parser, row, direction);
    if (*text == '\0' || (job_value_split(text, split) && is_of_multiples(split, row)))
        return 0;
    return words_complain(&parser->words, text, "sizes, each a multiple of the smallest, and their percentages, 100 in all, such as "
                    "4k/60:64k/40");
}

static int parse_distribution(struct parser *parser, const char *text)
{
    const char *expected = distribution_parse(text, &parser->options->random_distribution);
    return expected == NULL ? 0 : words_complain(&parser->words, text, expected);
}

static int parse_process(struct parser *parser, const char *text)
{
    const char *expected = rate_process_parse(text, &parser->options->rate_process);
    return expected == NULL ? 0 : words_complain(&parser->words, text, expected);
}

static int parse_percentile(struct parser *parser, const struct option_row *row, const char *text)
{
    double *value = member_of(parser, row, 0);
    if (decimal_real(text, value) != DECIMAL_OK || !(*value > 0 && *value <= 100))
        return words_complain(&parser->words, text, "a percentage above 0, such as 99.9");
    return 0;
}

static const struct rw_name *find_rw(const char *text, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(rw_names); i++)
        if (strlen(rw_names[i].name) == length && strncmp(text, rw_names[i].name, length) == 0)
            return &rw_names[i];
    return NULL;
}

// rw=randread:8: every eighth is a new one. rw=read:4k, rw=read:-4k: so many bytes are passed over.
static int parse_run(struct parser *parser, const char *text)
{
    struct job_options *o = parser->options;
    bool random = job_is_random(o);
    o->rw_backwards = !random && *text == '-';
    if (!job_value_size(text + o->rw_backwards, &o->rw_run) || o->rw_run == 0 || o->rw_run > COUNT_MAX)
        return words_complain(&parser->words, text, random ? "a number of requests, such as rw=randread:8"
                                             : "bytes to pass over, such as rw=read:4k");
    return 0;
}

static int parse_rw(struct parser *parser, const char *text)
{
    size_t length = strcspn(text, ":");
    const struct rw_name *row = find_rw(text, length);
    if (row != NULL) {
        parser->options->rw = row->value;
        return text[length] == '\0' ? 0 : parse_run(parser, text + length + 1);
    }
    const char *candidates[ARRAY_SIZE(rw_names) + 1] = {NULL};
    for (size_t i = 0; i < ARRAY_SIZE(rw_names); i++)
        candidates[i] = rw_names[i].name;
    return words_suggest(&parser->words, text, "rw", candidates);
}

static int parse_choice(struct parser *parser, const struct option_row *row, const char *text)
{
    const char *const *names = choices[row->type];
    for (uint32_t i = 0; names[i] != NULL; i++)
        if (strcmp(text, names[i]) == 0) {
            memcpy(member_of(parser, row, 0), &i, sizeof i);
            return 0;
        }
    if (row->type == TYPE_ZONEMODE && strcmp(text, "zbd") == 0)
        return diag_error(parser->words.diag, parser->words.place, "zonemode=zbd needs a zoned drive; zonemode=strided visits one "
                          "zone after the other on any");
    return words_suggest(&parser->words, text, parser->words.name, names);
}

// It becomes a name in results and part of the names of files.
static int parse_name(struct parser *parser, const char *text)
{
    if (!job_value_name(text, JOB_NAME_BYTES))
        return words_complain(&parser->words, text, "up to 31 letters, digits, - and _");
    strcpy(parser->options->name, text);
    return 0;
}

static int parse_one_of_each(struct parser *parser, const struct option_row *row, const char *text,
                             enum job_direction direction)
{
    if (row->type == TYPE_RANGES)
        return parse_range(parser, row, text, direction);
    if (row->type == TYPE_SPLITS)
        return parse_split(parser, row, text, direction);
    return parse_number(parser, row, text, direction);
}

// A value for all; or one for reads and one for the others; or three. What is empty stays as it was.
static int parse_each(struct parser *parser, const struct option_row *row, const char *text)
{
    char *copy = xstrdup(text), *rest = copy;
    enum job_direction direction = 0;
    int result = 0;
    for (char *part; direction < JOB_DIRECTIONS && (part = strsep(&rest, ",")) != NULL; direction++)
        for (int i = direction; i < (rest == NULL ? JOB_DIRECTIONS : (int)direction + 1) && result == 0; i++)
            if (*part != '\0' || strchr(text, ',') == NULL)
                result = parse_one_of_each(parser, row, part, i);
    if (rest != NULL && result == 0)
        result = words_complain(&parser->words, text, "at most three values, of reads, writes and trims");
    free(copy);
    return result;
}

static int parse_value(struct parser *parser, size_t index, const char *text)
{
    const struct option_row *row = &rows[index];
    parser->words.name = job_options_table[index].name;
    if (row->type >= TYPE_SIZES)
        return parse_each(parser, row, text);
    if (choices[row->type] != NULL)
        return parse_choice(parser, row, text);
    switch (row->type) {
    case TYPE_RW:
        return parse_rw(parser, text);
    case TYPE_SHARE:
        return parse_share(parser, row, text);
    case TYPE_DISTRIBUTION:
        return parse_distribution(parser, text);
    case TYPE_PROCESS:
        return parse_process(parser, text);
    case TYPE_PERCENTILE:
        return parse_percentile(parser, row, text);
    case TYPE_NAME:
        return parse_name(parser, text);
    default:
        return parse_number(parser, row, text, 0);
    }
}

// --- words ---------------------------------------------------------------------------------------------------------

const char *job_word_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
        if (strcmp(name, aliases[i].alias) == 0)
            return aliases[i].name;
    return name;
}

static int find_option(struct parser *parser, const char *name)
{
    const char *candidates[ARRAY_SIZE(rows) + 1] = {NULL};
    name = job_word_name(name);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        candidates[i] = job_options_table[i].name;
        if (strcmp(name, candidates[i]) == 0)
            return (int)i;
    }
    return words_suggest(&parser->words, name, "word", candidates);
}

// A word that changes nothing, unless its value says that something is otherwise than it is here.
static int parse_neutral(struct parser *parser, const struct job_neutral_word *word, const char *value)
{
    if (job_neutral_word_takes(word, value))
        return 0;
    return diag_error(parser->words.diag, parser->words.place, "%s=%s is not how it is here: %s", word->name,
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

static int parse_word(void *context, char *word, struct place value_at)
{
    struct parser *parser = context;
    char *value = strchr(word, '=');
    if (value != NULL)
        *value++ = '\0';
    const struct job_neutral_word *neutral = job_neutral_word_find(word);
    if (neutral != NULL)
        return parse_neutral(parser, neutral, value);
    int index = find_option(parser, word);
    if (index < 0)
        return -1;
    bool is_flag = rows[index].max == 1;
    if (value == NULL && !is_flag)
        return diag_error(parser->words.diag, parser->words.place, "'%s' needs a value: %s=...", word, word);
    if (parser->given >> index & 1)
        return diag_error(parser->words.diag, parser->words.place, "'%s' is given twice", job_options_table[index].name);
    parser->given |= UINT64_C(1) << index;
    if (value != NULL)
        parser->words.place = value_at;
    if (rows[index].offset == offsetof(struct job_options, rwmixread))
        return parse_mix(parser, (size_t)index, word, value);
    return parse_value(parser, (size_t)index, value == NULL ? "1" : value);
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

bool job_moves(const struct job_options *options, enum job_direction direction)
{
    for (size_t i = 0; i < ARRAY_SIZE(rw_names); i++)
        if (rw_names[i].value == options->rw)
            return strchr(rw_names[i].moves, "rwt"[direction]) != NULL;
    return false;
}

static bool is_mixed(const struct job_options *o)
{
    return o->rw == JOB_RW || o->rw == JOB_RANDRW;
}

struct mistake {
    bool made;
    const char *message;
};

static int refuse_made(struct parser *parser, const struct mistake *mistakes, size_t count)
{
    int result = 0;
    for (size_t i = 0; i < count; i++)
        if (mistakes[i].made)
            result = words_refuse(&parser->words, mistakes[i].message);
    return result;
}

static int check_requests(struct parser *parser)
{
    const struct job_options *o = parser->options;
    bool writes = job_moves(o, JOB_WRITES), split = o->each[JOB_READS].bssplit.count > 0;
    const struct mistake mistakes[] = {
        {o->bs % 512 != 0, "bs must be a multiple of 512 bytes"},
        {GIVEN(parser, each[0].bs) + GIVEN(parser, each[0].bsrange) + split > 1 && !o->fio,
         "bs and bssplit exclude each other"},
        {split && o->number_ios == 0 && !o->time_based && !o->by_pattern,
         "bssplit needs number_ios or time_based: it leaves open how many requests fill the region"},
        {GIVEN(parser, rwmixread) && !is_mixed(o) && !o->fio, "rwmixread has a meaning with rw=rw and rw=randrw only"},
        {o->random_distribution.kind != DISTRIBUTION_RANDOM && !job_is_random(o) && !o->fio,
         "random_distribution has a meaning with random jobs only, such as rw=randread"},
        {(o->fsync > 0 || o->fdatasync > 0 || o->end_fsync > 0) && !writes && !o->fio, "fsync needs a job that writes"},
        {o->writefua > 0 && !writes && !o->fio, "writefua needs a job that writes"},
    };
    return refuse_made(parser, mistakes, ARRAY_SIZE(mistakes));
}

static int check_course(struct parser *parser)
{
    const struct job_options *o = parser->options;
    bool rated = o->rate_iops > 0 || o->rate > 0;
    const struct mistake mistakes[] = {
        {GIVEN(parser, each[0].rate_iops) && GIVEN(parser, each[0].rate), "rate and rate_iops exclude each other"},
        {o->rate > 0 && o->rate < o->largest / RATE_PART,
         "rate is too low for bs: a request would come every four hours or later"},
        {!rated && GIVEN(parser, rate_process) && !o->fio, "rate_process needs rate_iops or rate"},
        {o->time_based && o->runtime == 0, "time_based needs runtime"},
        {o->time_based && o->number_ios > 0 && !o->fio, "time_based and number_ios exclude each other"},
        {o->ramp_time > 0 && o->ramp_ios > 0, "ramp_time and ramp_ios exclude each other"},
        {o->startdelay + o->ramp_time + o->runtime > TIME_MAX,
         "startdelay, ramp_time and runtime together are out of range: at most 100d"},
        {o->offset_increment > 0 && o->numjobs == 1 && !o->fio, "offset_increment needs numjobs above 1"},
        {o->randrepeat == 0 && !o->randseed_given,
         "randrepeat=0 needs a randseed: a run can always be repeated; --seed gives another one"},
        {o->ramp_ios > 0 && o->stonewall, "ramp_ios and stonewall exclude each other; ramp_time is a ramp of its own"},
        {o->zonemode == JOB_ZONES_STRIDED && o->zonesize == 0, "zonemode=strided needs zonesize"},
        {o->zonemode == JOB_ZONES_NONE && o->zonesize > 0 && GIVEN(parser, zonemode),
         "zonesize needs zonemode=strided"},
        {o->latency_target > 0 && o->latency_window == 0, "latency_target needs latency_window"},
        {o->latency_target > 0 && o->ramp_ios > 0, "latency_target and ramp_ios exclude each other"},
    };
    return refuse_made(parser, mistakes, ARRAY_SIZE(mistakes));
}

// Of a split whose shares of nothing never come.
static struct job_range range_of(const struct job_split *split)
{
    struct job_range range = {UINT64_MAX, 0};
    for (const struct job_size_share *share = split->of; share < split->of + split->count; share++) {
        range.min = share->percent > 0 ? MIN(range.min, share->bytes) : range.min;
        range.max = share->percent > 0 ? MAX(range.max, share->bytes) : range.max;
    }
    return range;
}

// bs, bsrange and bssplit are ranges alike.
static void settle_sizes(struct job_options *o)
{
    o->bs = UINT64_MAX;
    for (struct job_each *each = o->each; each < o->each + JOB_DIRECTIONS; each++) {
        struct job_range *range = &each->bsrange;
        if (range->min == 0)
            *range = (struct job_range){each->bs, each->bs};
        if (each->bssplit.count > 0)
            *range = range_of(&each->bssplit);
        if (each->blockalign == 0 || !job_is_random(o))
            each->blockalign = range->min;
        o->bs = MIN(o->bs, range->min);
        o->largest = MAX(o->largest, range->max);
    }
}

// Ascending, as fio looks them up.
static void sort_split(struct job_split *split)
{
    for (uint32_t i = 1; i < split->count; i++)
        for (uint32_t k = i; k > 0 && split->of[k].percent < split->of[k - 1].percent; k--) {
            struct job_size_share lower = split->of[k];
            split->of[k] = split->of[k - 1];
            split->of[k - 1] = lower;
        }
}

static void settle_rates(struct job_options *o)
{
    for (int i = JOB_DIRECTIONS - 1; i >= 0; i--)
        if (job_moves(o, i) && (o->each[i].rate > 0 || o->each[i].rate_iops > 0)) {
            o->rate = o->each[i].rate;
            o->rate_iops = o->each[i].rate_iops;
        }
}

static bool differs_by_direction(const struct job_options *o)
{
    const struct job_each *first = &o->each[JOB_READS];
    for (const struct job_each *other = first + 1; other < first + JOB_DIRECTIONS; other++)
        if (other->bsrange.min != first->bsrange.min || other->bsrange.max != first->bsrange.max ||
            other->rate != first->rate || other->rate_iops != first->rate_iops)
            return true;
    return false;
}

// What host/job/job.c does without a pattern: independent draws of one stream.
static bool needs_pattern(const struct parser *parser)
{
    const struct job_options *o = parser->options;
    const struct job_each *reads = &o->each[JOB_READS];
    bool plain_kind = o->random_distribution.kind <= DISTRIBUTION_ZONED && !o->random_distribution.centred;
    return o->fio || o->rw == JOB_TRIMWRITE || o->rw == JOB_RANDTRIMWRITE || o->rw_run > 0 || !plain_kind ||
           (reads->bssplit.count == 0 && reads->bsrange.min != reads->bsrange.max) || differs_by_direction(o) ||
           o->bs_is_seq_rand || reads->blockalign != reads->bsrange.min || o->io_size > 0 || o->loops > 1 ||
           GIVEN(parser, each[0].percentage_random) || !o->norandommap || o->random_generator != FIO_GENERATOR_XOSHIRO ||
           o->zonemode != JOB_ZONES_NONE || o->iodepth_low > 0 || o->iodepth_batch_complete_min > 1 ||
           o->thinktime > 0 || o->end_fsync || o->latency_target > 0;
}

// What is left open is as in fio where that is said, and a seed of fio's needs one of its generators.
static void settle(struct parser *parser)
{
    struct job_options *o = parser->options;
    o->iodepth_given = GIVEN(parser, iodepth) || o->fio;
    o->randseed_given = GIVEN(parser, randseed);
    o->writefua |= o->sync > SYNC_NOTHING;
    o->end_fsync &= job_moves(o, JOB_WRITES);
    if (!GIVEN(parser, random_generator) && (o->fio || o->randseed_given))
        o->random_generator = FIO_GENERATOR_TAUSWORTHE;
    if (!GIVEN(parser, norandommap) && o->fio)
        o->norandommap = 0;
    if (!GIVEN(parser, zonemode) && o->zonesize > 0)
        o->zonemode = JOB_ZONES_STRIDED;
    if (o->zonerange == 0)
        o->zonerange = o->zonesize;
    if (GIVEN(parser, thinktime_iotime) && !GIVEN(parser, thinktime_blocks))
        o->thinktime_blocks = UINT64_MAX;
    settle_sizes(o);
    settle_rates(o);
    o->by_pattern = needs_pattern(parser);
    for (int i = 0; o->by_pattern && i < JOB_DIRECTIONS; i++)
        sort_split(&o->each[i].bssplit);
}

int job_options_parse_text(const struct job_text *text, struct job_options *options, struct diag *diag)
{
    struct parser parser = {
        .words = {.text = text, .diag = diag, .place = {.file = text->where}, .list = "job"},
        .options = options,
    };
    int result = 0;
    *options = (struct job_options){0};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        result |= parse_value(&parser, i, job_options_table[i].fallback);
    result |= words_read(&parser.words, parse_word, &parser);
    settle(&parser);
    if (result != 0)
        return result;
    result = check_requests(&parser);
    return result | check_course(&parser);
}

int job_options_parse(const char *text, const char *where, struct job_options *options, struct diag *diag)
{
    return job_options_parse_text(&(struct job_text){.text = text, .where = where, .line = 1}, options, diag);
}
