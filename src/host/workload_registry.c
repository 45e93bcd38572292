// The registries of workloads, and of models of applications; how the words of a load become one.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/beside.h"
#include "host/generate/generator.h"
#include "host/generate/models.h"
#include "host/job/job.h"
#include "host/job/job_options.h"
#include "host/replay/replay.h"
#include "util/alloc.h"
#include "util/macros.h"

const struct model_ops *const model_registry[] = {
#define MODEL_ROW(name) &model_##name,
    MODEL_LIST(MODEL_ROW)
#undef MODEL_ROW
    NULL,
};

const struct workload_kind workload_registry[] = {
    {&replay_ops, replay_options_table},
    {&job_ops, job_options_table},
};
const size_t workload_registry_count = ARRAY_SIZE(workload_registry);

// A model's name is the first word, which no job begins with.
static const struct model_ops *find_model(const char *text)
{
    text += strspn(text, " \t\n");
    size_t length = strcspn(text, " \t\n");
    for (const struct model_ops *const *model = model_registry; *model != NULL; model++)
        if (strlen((*model)->name) == length && strncmp(text, (*model)->name, length) == 0)
            return *model;
    return NULL;
}

bool load_is_model(const char *text)
{
    return find_model(text) != NULL;
}

// Whether the first word could be a job's.
static bool begins_as_job(const char *word)
{
    bool found = strchr(word, '=') != NULL || *word == '\0' || job_neutral_word_find(word) != NULL;
    for (const struct workload_option *o = job_options_table; o->name != NULL && !found; o++)
        found = strcmp(o->name, job_word_name(word)) == 0;
    return found;
}

const char *load_option(const char *text)
{
    text += strspn(text, " \t\n");
    char *word = xformat("%.*s", (int)strcspn(text, " \t\n"), text);
    bool job = begins_as_job(word);
    free(word);
    return job ? "job" : "workload";
}

// A name that is none, where one was meant.
static int refuse_name(const struct job_text *text, struct diag *diag)
{
    const char *names[ARRAY_SIZE(model_registry)] = {NULL};
    size_t blanks = strspn(text->text, " \t\n");
    char *word = xformat("%.*s", (int)strcspn(text->text + blanks, " \t\n"), text->text + blanks);
    int result = 0;
    for (size_t i = 0; model_registry[i] != NULL; i++)
        names[i] = model_registry[i]->name;
    const char *nearest = diag_nearest(word, names);
    if (!begins_as_job(word) && nearest != NULL)
        result = diag_error(diag, (struct place){text->where, text->line, blanks + 1},
                            "unknown workload '%s'; did you mean '%s'?", word, nearest);
    free(word);
    return result;
}

struct workload *load_create(const struct job_text *text, uint32_t index, struct diag *diag)
{
    const struct model_ops *model = find_model(text->text);
    if (model != NULL)
        return generator_create(model, text, index, diag);
    return refuse_name(text, diag) != 0 ? NULL : job_create_one_of(text, index, diag);
}

void load_name(const struct load_terms *terms, uint32_t index, char name[LOAD_NAME_BYTES])
{
    if (*terms->name != '\0')
        memcpy(name, terms->name, LOAD_NAME_BYTES);
    else
        snprintf(name, LOAD_NAME_BYTES, "job%u", index + 1);
}
