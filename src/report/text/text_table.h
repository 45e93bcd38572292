// A table of texts, in Markdown whose columns stand below each other, so that it reads well as it is.
#ifndef SQTAIL_REPORT_TEXT_TEXT_TABLE_H
#define SQTAIL_REPORT_TEXT_TEXT_TABLE_H

#include <stdbool.h>
#include <stdio.h>

struct text_table;

// A column's heading may be followed by no more rows than cells are added.
struct text_table *text_table_create(void);
void text_table_destroy(struct text_table *table);

void text_table_add_column(struct text_table *table, const char *heading, bool to_the_right);

// Adds a cell; rows fill up one after the other. Takes the text over.
void text_table_add(struct text_table *table, char *text);

void text_table_print(const struct text_table *table, FILE *to);

#endif
