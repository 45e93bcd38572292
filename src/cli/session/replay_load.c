// From words to the player's options.
#include "cli/session/replay_load.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/decimal.h"
#include "host/job/job_values.h"
#include "util/alloc.h"
#include "util/macros.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

static enum replay_mode mode_of(const struct session_options *session)
{
    return replay_mode_of(session->replay, session->iodepth);
}

static const struct pace_ops *pace_of(const struct session_options *session)
{
    return pace_registry[mode_of(session) - REPLAY_TIMES];
}

// Words that exclude each other.
static int check_words(const struct session_options *session, struct diag *diag)
{
    const struct pace_ops *pace = pace_of(session);
    const struct {
        bool wrong;
        const char *text;
    } rules[] = {
        {session->wrap && session->scale, "give either --wrap or --scale, not both"},
        {session->iodepth > UINT32_MAX, "--iodepth is too large"},
        {session->speed != NULL && pace->ignores_times, "--speed scales the recorded times, which --iodepth ignores"},
        {pace->needs_iodepth && session->iodepth == 0, "--replay depth needs its depth: give --iodepth N"},
        {session->threads != 0 && mode_of(session) != REPLAY_DEPENDENCIES,
         "--threads says whose completions requests wait for: it needs --replay dependencies"},
        {session->ramp_time != NULL && session->ramp_ios != NULL, "--ramp-time and --ramp-ios exclude each other"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
        if (rules[i].wrong)
            return diag_error(diag, COMMAND_LINE, "%s", rules[i].text);
    return 0;
}

static int read_ramp_time(const char *text, tick_t *time, struct diag *diag)
{
    if (text == NULL || (job_value_time(text, TICKS_PER_S, time) && *time < TICK_END))
        return 0;
    return diag_error(diag, (struct place){.file = "--ramp-time"}, "'%s' is no time such as 10s or 500ms", text);
}

static bool read_extent(const char *text, struct replay_extent *extent)
{
    size_t length = decimal_length(text, false);
    if (length == 0 || strcmp(text + length, "%") != 0)
        return job_value_size(text, &extent->bytes);
    extent->denominator = 100 * 1000;
    return decimal_scale(text, length, 1000, &extent->numerator) == DECIMAL_OK && extent->numerator <= 100 * 1000;
}

static bool read_size(const char *text, struct replay_extent *size)
{
    return read_extent(text, size) && (size->denominator == 0 ? size->bytes : size->numerator) > 0;
}

static int read_region(const struct session_options *session, struct replay_region *region, struct diag *diag)
{
    int result = 0;
    if (session->offset != NULL && !read_extent(session->offset, &region->offset))
        result = diag_error(diag, (struct place){.file = "--offset"}, "'%s' is no place such as 1g or 50%%",
                            session->offset);
    if (session->size != NULL && !read_size(session->size, &region->size))
        result = diag_error(diag, (struct place){.file = "--size"}, "'%s' is no size such as 1g or 50%%",
                            session->size);
    return result;
}

int replay_load_options(const struct session_options *session, struct replay_options *replay, struct diag *diag)
{
    *replay = (struct replay_options){
        .mode = mode_of(session),
        .iodepth = (uint32_t)session->iodepth,
        .threads = session->threads,
        .window = session->look_ahead,
        .beyond = session->wrap    ? REPLAY_BEYOND_WRAP
                  : session->scale ? REPLAY_BEYOND_SCALE
                                   : REPLAY_BEYOND_ERROR,
        .loops = session->loops,
    };
    if (check_words(session, diag) != 0 || read_ramp_time(session->ramp_time, &replay->ramp_time, diag) != 0 ||
        read_region(session, &replay->region, diag) != 0)
        return -1;
    if (session->speed == NULL)
        return 0;
    return replay_parse_speed(session->speed, &replay->speed, (struct place){.file = "--speed"}, diag);
}

// A number, or a percentage of all.
static bool read_share(const char *text, uint64_t all, uint64_t *value)
{
    size_t length = decimal_length(text, false);
    bool percent = strcmp(text + length, "%") == 0;
    if (length == 0 || (text[length] != '\0' && !percent))
        return false;
    if (!percent)
        return decimal_scale(text, length, 1, value) == DECIMAL_OK;
    if (decimal_scale(text, length, 1000, value) != DECIMAL_OK || *value > 100 * 1000)
        return false;
    __extension__ unsigned __int128 share = (unsigned __int128)all * *value / (100 * 1000);
    *value = (uint64_t)share;
    return true;
}

int replay_load_ramp(const struct session_options *session, uint64_t requests, struct replay_options *replay,
                     struct diag *diag)
{
    const char *text = session->ramp_ios;
    struct place place = {.file = "--ramp-ios"};
    uint64_t all;
    if (text == NULL)
        return 0;
    if (__builtin_mul_overflow(requests, MAX(session->loops, UINT64_C(1)), &all))
        all = UINT64_MAX;
    if (!read_share(text, all, &replay->ramp_ios))
        return diag_error(diag, place, "'%s' is neither a number of requests nor a share of them such as 10%%", text);
    if (replay->ramp_ios >= all)
        return diag_error(diag, place, "%s leaves nothing to measure of %" PRIu64 " requests", text, all);
    return 0;
}

// --- what was done -------------------------------------------------------------------------------------------------

static void put_pace(const struct session_options *session, FILE *to)
{
    static const char *const threads[] = {"", " of its CPU", " of any"};
    unsigned long long iodepth = session->iodepth;
    if (session->speed != NULL)
        fprintf(to, ", %s times as fast as recorded", session->speed);
    if (mode_of(session) == REPLAY_DEPENDENCIES)
        fprintf(to, ", each request after as many completions%s as in the recording", threads[session->threads]);
    if (mode_of(session) == REPLAY_DEPTH)
        fprintf(to, ", closed loop with iodepth %llu", iodepth);
    else if (iodepth != 0)
        fprintf(to, ", at most %llu in flight", iodepth);
}

static void put_part(const struct session_options *session, FILE *to)
{
    if (session->loops > 1)
        fprintf(to, ", %llu times in a row", (unsigned long long)session->loops);
    if (session->ramp_time != NULL)
        fprintf(to, ", without the first %s", session->ramp_time);
    if (session->ramp_ios != NULL)
        fprintf(to, ", without the first %s%s requests", session->ramp_ios,
                strchr(session->ramp_ios, '%') == NULL ? "" : " of all");
    if (session->action != 0)
        fprintf(to, ", queued (Q) events");
    if (session->offset != NULL)
        fprintf(to, ", from %s of the drive on", session->offset);
    if (session->size != NULL)
        fprintf(to, ", on %s of the drive", session->size);
    if (session->wrap || session->scale)
        fprintf(to, ", offsets %s", session->wrap ? "wrapped" : "scaled");
}

char *replay_load_text(const struct session_options *session)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    put_pace(session, to);
    put_part(session, to);
    fclose(to);
    char *description = size == 0 ? NULL : xstrdup(text + strlen(", "));
    free(text);
    return description;
}
