// Texts that grow.
#include "util/text_list.h"

#include <stdlib.h>

#include "util/alloc.h"

void text_list_add(struct text_list *list, const char *text)
{
    list->at = xgrow(list->at, list->count, sizeof *list->at);
    list->at[list->count++] = xstrdup(text);
}

void text_list_add_all(struct text_list *list, const struct text_list *others)
{
    for (size_t i = 0; i < others->count; i++)
        text_list_add(list, others->at[i]);
}

void text_list_free(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i]);
    free(list->at);
    *list = (struct text_list){0};
}
