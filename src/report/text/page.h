// Text for a terminal: at most 100 columns, plain but for colour.
#ifndef SQTAIL_REPORT_TEXT_PAGE_H
#define SQTAIL_REPORT_TEXT_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PAGE_LABEL = 9 }; // columns of the labels at the left

struct page {
    FILE *to;
    bool colour;
    bool few; // a percentile was marked
};

// What begins and ends bold and dim text; empty without colour.
const char *page_bold(const struct page *page);
const char *page_dim(const struct page *page);
const char *page_plain(const struct page *page);

void page_put_label(const struct page *page, const char *label);

// Cells bring the blank before them, so that however long a number is, it touches no other.
void page_put_cell(const struct page *page, int width, const char *text);
void page_put_number(const struct page *page, int width, double value);
void page_put_count(const struct page *page, int width, uint64_t value);
void page_put_time(const struct page *page, int width, double us);

// Words that wrap at the page's width, below a label.
void page_put_paragraph(const struct page *page, const char *text);

// A list that wraps at the page's width, behind a label that comes with its first item.
struct wrapped {
    const struct page *page;
    int column; // 0 while nothing was put
};

void page_put_item(struct wrapped *line, const char *label, const char *text);

// An item of a name and a value. Names are told with blanks, 'gc_copies' as "gc copies".
void page_put_named(struct wrapped *line, const char *label, const char *name, const char *value);
void page_end_items(struct wrapped *line);

#endif
