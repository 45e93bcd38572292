// A table of texts.
#include "report/text/text_table.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

struct column {
    char *heading;
    bool to_the_right;
    size_t width;
};

struct text_table {
    struct column *columns;
    size_t column_count;
    char **cells; // row by row
    size_t cell_count;
};

struct text_table *text_table_create(void)
{
    return xcalloc(1, sizeof(struct text_table));
}

void text_table_destroy(struct text_table *table)
{
    for (size_t c = 0; c < table->column_count; c++)
        free(table->columns[c].heading);
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->columns);
    free(table->cells);
    free(table);
}

// Characters, of UTF-8.
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void text_table_add_column(struct text_table *table, const char *heading, bool to_the_right)
{
    table->columns = xgrow(table->columns, table->column_count, sizeof *table->columns);
    table->columns[table->column_count++] = (struct column){xstrdup(heading), to_the_right, MAX(width_of(heading), 3)};
}

// What would part columns, or lines, stands for itself.
static char *escaped(char *text)
{
    char *safe = NULL;
    size_t size = 0;
    if (strpbrk(text, "|\n") == NULL)
        return text;
    FILE *to = open_memstream(&safe, &size);
    for (const char *at = text; *at != '\0'; at++)
        fprintf(to, *at == '|' ? "\\|" : *at == '\n' ? " " : "%c", *at);
    fclose(to);
    free(text);
    return safe;
}

void text_table_add(struct text_table *table, char *text)
{
    struct column *column = &table->columns[table->cell_count % table->column_count];
    table->cells = xgrow(table->cells, table->cell_count, sizeof *table->cells);
    text = escaped(text);
    table->cells[table->cell_count++] = text;
    column->width = MAX(column->width, width_of(text));
}

static void put_cell(const struct column *column, const char *text, FILE *to)
{
    int gap = (int)(column->width - width_of(text));
    if (column->to_the_right)
        fprintf(to, " %*s%s |", gap, "", text);
    else
        fprintf(to, " %s%*s |", text, gap, "");
}

static void put_rule(const struct column *column, FILE *to)
{
    fputc(' ', to);
    for (size_t i = column->to_the_right ? 1 : 0; i < column->width; i++)
        fputc('-', to);
    fputs(column->to_the_right ? ": |" : " |", to);
}

void text_table_print(const struct text_table *table, FILE *to)
{
    fputc('|', to);
    for (size_t c = 0; c < table->column_count; c++)
        put_cell(&table->columns[c], table->columns[c].heading, to);
    fputs("\n|", to);
    for (size_t c = 0; c < table->column_count; c++)
        put_rule(&table->columns[c], to);
    for (size_t i = 0; i < table->cell_count; i++) {
        if (i % table->column_count == 0)
            fputs("\n|", to);
        put_cell(&table->columns[i % table->column_count], table->cells[i], to);
    }
    fputc('\n', to);
}
