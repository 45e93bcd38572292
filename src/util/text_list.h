// Texts that grow; each its own.
#ifndef SQTAIL_UTIL_TEXT_LIST_H
#define SQTAIL_UTIL_TEXT_LIST_H

#include <stddef.h>

struct text_list {
    char **at;
    size_t count;
};

void text_list_add(struct text_list *list, const char *text);
void text_list_add_all(struct text_list *list, const struct text_list *others);
void text_list_free(struct text_list *list);

#endif
