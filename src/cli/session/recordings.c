// Words of a recording stand behind its path, as far back as they are words; a path may have blanks, and signs of
// equality, in it. Where several are played and no word says where, they lie side by side in equal parts of the drive.
#include "cli/session/recordings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/session/replay_load.h"
#include "cli/session/replay_words.h"
#include "util/alloc.h"

#define PLACE ((struct place){.file = "--trace"})

// --- words ---------------------------------------------------------------------------------------------------------

static bool is_word_of(const char *text, const char *name)
{
    size_t length = strlen(name);
    return strncmp(text, name, length) == 0 && text[length] == '=';
}

static bool is_word(const char *text)
{
    if (is_word_of(text, "name"))
        return true;
    for (const char *const *name = replay_word_names(); *name != NULL; name++)
        if (is_word_of(text, *name))
            return true;
    return false;
}

static int take_name(struct recording *recording, const char *name, struct diag *diag)
{
    if (*name == '\0' || strlen(name) >= LOAD_NAME_BYTES)
        return diag_error(diag, PLACE, "name: '%s' is not one to %d characters long", name, LOAD_NAME_BYTES - 1);
    strcpy(recording->name, name);
    return 0;
}

static int take_word(struct recording *recording, const char *word, struct diag *diag)
{
    if (is_word_of(word, "name"))
        return take_name(recording, word + strlen("name="), diag);
    return replay_word_take(&recording->own, word, PLACE, diag);
}

// The last part of the path, of what a name may have.
static void name_by_path(struct recording *recording)
{
    size_t end = strlen(recording->path), length = 0;
    while (end > 1 && recording->path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && recording->path[begin - 1] != '/')
        begin--;
    for (size_t i = begin; i < end && length + 1 < LOAD_NAME_BYTES; i++) {
        char c = recording->path[i];
        recording->name[length++] = isalnum((unsigned char)c) || strchr("-_.", c) != NULL ? c : '_';
    }
}

static int read_words(struct recording *recording, const struct session_options *session, const char *text,
                      struct diag *diag)
{
    int result = 0;
    recording->own = *session;
    recording->path = recording->text = xstrdup(text);
    for (char *blank; (blank = strrchr(recording->text, ' ')) != NULL && (blank[1] == '\0' || is_word(blank + 1));) {
        if (blank[1] != '\0')
            result |= take_word(recording, blank + 1, diag);
        *blank = '\0';
    }
    if (*recording->name == '\0')
        name_by_path(recording);
    return result;
}

// --- opening -------------------------------------------------------------------------------------------------------

static struct trace *open_trace(const struct recording *recording, struct diag *diag)
{
    const struct session_options *own = &recording->own;
    struct trace_options how = {.action = "DQ"[own->action], .skip_bad = own->skip_bad, .window = own->look_ahead,
                                .device = own->device, .format = own->from};
    return trace_open(diag, options_input_path(recording->path), &how);
}

struct trace *session_open_trace(const struct session_options *session, struct diag *diag)
{
    struct recording recording = {0};
    int result = read_words(&recording, session, session->traces.text[0], diag);
    struct trace *trace = result == 0 ? open_trace(&recording, diag) : NULL;
    free(recording.text);
    return trace;
}

// A path may have blanks and signs of equality in it: what was meant as a word is taken as part of it.
static void tell_of_no_word(const struct recording *recording, struct diag *diag)
{
    const char *blank = strrchr(recording->path, ' ');
    if (blank != NULL && strchr(blank, '=') != NULL && access(recording->path, F_OK) != 0)
        diag_note(diag, PLACE, "'%s' is no word of a recording, such as speed=2 or offset=50%%, so it counts as part of "
                  "the path", blank + 1);
}

static int open_one(struct recording *recording, struct replay_options *replay, struct diag *diag)
{
    if (replay_load_options(&recording->own, replay, diag) != 0)
        return -1;
    memcpy(replay->name, recording->name, sizeof replay->name);
    recording->trace = open_trace(recording, diag);
    if (recording->trace == NULL) {
        tell_of_no_word(recording, diag);
        return -1;
    }
    return replay_load_ramp(&recording->own, trace_get_info(recording->trace)->requests, replay, diag);
}

static bool any_is_placed(const struct recordings *recordings)
{
    for (uint32_t i = 0; i < recordings->count; i++)
        if (recordings->list[i].own.offset != NULL || recordings->list[i].own.size != NULL)
            return true;
    return false;
}

static void place_beside(const struct recordings *recordings, struct replay_options *options)
{
    uint32_t count = recordings->count;
    for (uint32_t i = 0; count > 1 && !any_is_placed(recordings) && i < count; i++)
        options[i].region = (struct replay_region){.offset = {.numerator = i, .denominator = count},
                                                   .size = {.numerator = 1, .denominator = count}};
}

// Of two that are called alike, the second is called "name-2".
static void tell_apart(struct recordings *recordings, uint32_t index, char name[LOAD_NAME_BYTES])
{
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(recordings->list[i].name, recordings->list[index].name) == 0)
            snprintf(name, LOAD_NAME_BYTES, "%.*s-%u", LOAD_NAME_BYTES - 12, recordings->list[index].name, index + 1);
}

static int open_all(struct recordings *recordings, const struct session_options *session,
                    struct replay_options *options, struct diag *diag)
{
    int result = 0;
    for (uint32_t i = 0; i < recordings->count; i++)
        result |= read_words(&recordings->list[i], session, session->traces.text[i], diag);
    for (uint32_t i = 0; result == 0 && i < recordings->count; i++)
        result = open_one(&recordings->list[i], &options[i], diag);
    return result;
}

int recordings_open(struct recordings *recordings, const struct session_options *session, struct load_part *parts,
                    struct diag *diag)
{
    uint32_t count = session->traces.count;
    struct replay_options *options = xcalloc(count, sizeof *options);
    *recordings = (struct recordings){.list = xcalloc(count, sizeof *recordings->list), .count = count};
    int result = open_all(recordings, session, options, diag);
    place_beside(recordings, options);
    for (uint32_t i = 0; result == 0 && i < count; i++) {
        tell_apart(recordings, i, options[i].name);
        options[i].number = i;
        parts[i] = (struct load_part){replay_create(recordings->list[i].trace, &options[i]), session->traces.text[i]};
    }
    free(options);
    return result;
}

void recordings_close(struct recordings *recordings)
{
    for (uint32_t i = 0; i < recordings->count; i++) {
        trace_close(recordings->list[i].trace);
        free(recordings->list[i].text);
    }
    free(recordings->list);
    *recordings = (struct recordings){0};
}

bool recordings_are_queued(const struct recordings *recordings)
{
    for (uint32_t i = 0; i < recordings->count; i++)
        if ("DQ"[recordings->list[i].own.action] == 'Q')
            return true;
    return false;
}

bool recordings_failed(const struct recordings *recordings)
{
    for (uint32_t i = 0; i < recordings->count; i++)
        if (trace_failed(recordings->list[i].trace))
            return true;
    return false;
}
