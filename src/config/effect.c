// Which keys have an effect, and what to say of those that were given and have none.
//
// A row says when its key has an effect (field.h). Files and --set are layers, in the order in which they are read: a
// part before the file that includes it, --set last. Giving a key without effect is an error when what takes its effect
// away stands in the same layer or below, for who wrote it could see that. What was given before loses its meaning in
// silence: `--set ecc.engine=bch` is not to fail for the LDPC keys of the drive's file. `sqtail check` tells.
//
// A value of nothing (0, false, off, none) may stand anywhere: without an effect it is as true as with one.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_internal.h"
#include "util/check.h"
#include "util/macros.h"

enum { PLACE_BYTES = 512 };

// --- conditions ----------------------------------------------------------------------------------------------------

struct sentence {
    const char *rest;
    char word[CONFIG_NAME_BYTES]; // empty at the end
};

static const char *next_word(struct sentence *sentence)
{
    size_t length = strcspn(sentence->rest, " ");
    CHECK(length < sizeof sentence->word, "a word too long in the condition of a configuration key");
    memcpy(sentence->word, sentence->rest, length);
    sentence->rest += length;
    length -= length > 0 && sentence->word[length - 1] == ',';
    sentence->word[length] = '\0';
    sentence->rest += strspn(sentence->rest, " ");
    return sentence->word;
}

static bool equals(const struct config_cell *cell, const char *text)
{
    char value[CONFIG_VALUE_BYTES];
    config_format(cell->field, cell->value, value, sizeof value);
    return strcmp(value, text) == 0;
}

static void keep_latest(const struct config_cell **latest, const struct config_cell *cell)
{
    if (*latest == NULL || cell->layer > (*latest)->layer)
        *latest = cell;
}

// One part of a condition: alternatives, which end at `and`.
static bool any_holds(const struct config *config, struct sentence *sentence, const struct config_cell **latest)
{
    const struct config_cell *cell = NULL, *decider = NULL;
    bool holds = false, is_not = false;
    do {
        if (strchr(next_word(sentence), '.') != NULL) {
            cell = config_cell_of(config, sentence->word);
            CHECK(strcmp(next_word(sentence), "is") == 0, "a condition of a configuration key lacks its 'is'");
            is_not = strcmp(next_word(sentence), "not") == 0;
            if (is_not)
                next_word(sentence);
        }
        CHECK(cell != NULL, "a condition of a configuration key begins without a key");
        bool counts = config_has_effect(config, cell, &decider);
        holds |= counts && equals(cell, sentence->word) != is_not;
        keep_latest(latest, counts ? cell : decider);
    } while (strcmp(next_word(sentence), "or") == 0);
    return holds;
}

bool config_has_effect(const struct config *config, const struct config_cell *cell,
                       const struct config_cell **decider)
{
    struct sentence sentence = {.rest = cell->field->when == NULL ? "" : cell->field->when};
    while (*sentence.rest != '\0') {
        *decider = NULL;
        if (!any_holds(config, &sentence, decider))
            return false;
    }
    return true;
}

// --- what was given in vain ----------------------------------------------------------------------------------------

static bool is_nothing(const struct config_cell *cell)
{
    static const char *const nothings[] = {"0", "0%", "0x0000", "false", "off", "none", "[]", "[0]"};
    for (size_t i = 0; i < ARRAY_SIZE(nothings); i++)
        if (equals(cell, nothings[i]))
            return true;
    return false;
}

// "drive.yaml:12", "--set", "default".
static const char *describe_place(struct place place, char text[PLACE_BYTES])
{
    int length = snprintf(text, PLACE_BYTES, "%s", place.file);
    if (place.line != 0 && length < PLACE_BYTES)
        snprintf(text + length, PLACE_BYTES - (size_t)length, ":%llu", (unsigned long long)place.line);
    return text;
}

static void write_reason(FILE *to, const struct config_cell *cell, const struct config_cell *decider)
{
    char name[CONFIG_NAME_BYTES], value[CONFIG_VALUE_BYTES], place[PLACE_BYTES];
    config_format(decider->field, decider->value, value, sizeof value);
    fprintf(to, "has an effect only when %s; %s is %s (%s)", cell->field->when, config_name(decider, name), value,
            describe_place(decider->place, place));
}

static int check_cell_effect(const struct config *config, const struct config_cell *cell, struct diag *diag)
{
    const struct config_cell *decider = NULL;
    if (cell->layer == 0 || is_nothing(cell) || config_has_effect(config, cell, &decider) ||
        decider->layer > cell->layer)
        return 0;
    char name[CONFIG_NAME_BYTES], *reason = NULL;
    size_t size;
    FILE *to = open_memstream(&reason, &size);
    write_reason(to, cell, decider);
    fclose(to);
    diag_error(diag, cell->place, "%s: %s", config_name(cell, name), reason);
    free(reason);
    return 1;
}

// --- values that go with another key's -----------------------------------------------------------------------------

static int check_companion(const struct config_cell *cell, const struct config_cell *other, struct diag *diag)
{
    char name[CONFIG_NAME_BYTES], other_name[CONFIG_NAME_BYTES], value[CONFIG_VALUE_BYTES], place[PLACE_BYTES];
    if (other->changed <= cell->layer)
        return 0;
    config_format(other->field, other->value, value, sizeof value);
    diag_error(diag, other->place, "%s: becomes %s, but %s (%s) was given for another one; give it, too",
               config_name(other, other_name), value, config_name(cell, name), describe_place(cell->place, place));
    return 1;
}

static int check_companions(const struct config *config, const struct config_cell *cell, struct diag *diag)
{
    const struct config_cell *decider;
    struct sentence sentence = {.rest = cell->field->goes_with == NULL ? "" : cell->field->goes_with};
    int errors = 0;
    while (*sentence.rest != '\0' && errors == 0 && config_has_effect(config, cell, &decider))
        errors = check_companion(cell, config_cell_of(config, next_word(&sentence)), diag);
    return errors;
}

int config_check_effect(const struct config *config, struct diag *diag)
{
    int errors = 0;
    for (size_t i = 0; i < config->cell_count; i++)
        errors += check_cell_effect(config, &config->cells[i], diag) +
                  check_companions(config, &config->cells[i], diag);
    return errors;
}

// --- what was given, and gave way ----------------------------------------------------------------------------------

static const struct config_cell *replaced_by(const struct config *config, const struct config_cell *cell)
{
    for (size_t i = 0; i < config->cell_count; i++) {
        const struct config_cell *other = &config->cells[i];
        if (other->field->instead_of != NULL && config_cell_of(config, other->field->instead_of) == cell &&
            other->layer > cell->layer)
            return other;
    }
    return NULL;
}

static bool write_idle(const struct config *config, const struct config_cell *cell, FILE *to)
{
    const struct config_cell *decider = NULL, *other = replaced_by(config, cell);
    char name[CONFIG_NAME_BYTES], place[PLACE_BYTES];
    bool idle = cell->layer != 0 && (other != NULL || !config_has_effect(config, cell, &decider));
    if (!idle || (other == NULL && is_nothing(cell)))
        return false;
    fprintf(to, "%s (%s) ", config_name(cell, name), describe_place(cell->place, place));
    if (other == NULL)
        write_reason(to, cell, decider);
    else
        fprintf(to, "gave way to %s (%s)", config_name(other, name), describe_place(other->place, place));
    return true;
}

void config_visit_idle(const struct config *config, config_idle_fn *visit, void *context)
{
    for (size_t i = 0; i < config->cell_count; i++) {
        char *line = NULL;
        size_t size;
        FILE *to = open_memstream(&line, &size);
        bool idle = write_idle(config, &config->cells[i], to);
        fclose(to);
        if (idle)
            visit(context, line);
        free(line);
    }
}
