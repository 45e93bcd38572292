// Text for a terminal: labels, columns, paragraphs, lists that wrap.
#include "report/text/page.h"

#include <inttypes.h>
#include <string.h>

#include "report/text/number_text.h"

enum { WIDTH = 100, LABEL = PAGE_LABEL };

const char *page_bold(const struct page *page)
{
    return page->colour ? "\033[1m" : "";
}

const char *page_dim(const struct page *page)
{
    return page->colour ? "\033[2m" : "";
}

const char *page_plain(const struct page *page)
{
    return page->colour ? "\033[0m" : "";
}

// Cells bring the blank before them, so that however long a number is, it touches no other.
void page_put_cell(const struct page *page, int width, const char *text)
{
    fprintf(page->to, " %*s", width - 1, text);
}

void page_put_number(const struct page *page, int width, double value)
{
    char text[NUMBER_TEXT_BYTES];
    page_put_cell(page, width, number_text(value, text));
}

void page_put_count(const struct page *page, int width, uint64_t value)
{
    fprintf(page->to, " %*" PRIu64, width - 1, value);
}

void page_put_time(const struct page *page, int width, double us)
{
    char text[NUMBER_TEXT_BYTES];
    page_put_cell(page, width, time_text(us, text));
}

void page_put_label(const struct page *page, const char *label)
{
    fprintf(page->to, "%s%-*s%s", page_bold(page), LABEL, label, page_plain(page));
}

// Words that wrap at the page's width, below a label.
void page_put_paragraph(const struct page *page, const char *text)
{
    while (*text != '\0') {
        int length = (int)strlen(text);
        if (length > WIDTH - LABEL)
            for (length = WIDTH - LABEL; length > 0 && text[length] != ' '; length--)
                continue;
        fprintf(page->to, "%*s%.*s\n", LABEL, "", length, text);
        text += length + strspn(text + length, " ");
    }
}

// --- lists ----------------------------------------------------------------------------------------------------------

void page_put_item(struct wrapped *line, const char *label, const char *text)
{
    int length = (int)strlen(text);
    if (line->column == 0) {
        page_put_label(line->page, label);
        line->column = LABEL;
    } else if (line->column + length + 2 > WIDTH) {
        fprintf(line->page->to, "\n%*s", LABEL, "");
        line->column = LABEL;
    } else {
        line->column += fprintf(line->page->to, ", ");
    }
    line->column += fprintf(line->page->to, "%s", text);
}

void page_end_items(struct wrapped *line)
{
    if (line->column != 0)
        fputc('\n', line->page->to);
}

// Names are told with blanks, 'gc_copies' as "gc copies".
void page_put_named(struct wrapped *line, const char *label, const char *name, const char *value)
{
    char text[96];
    snprintf(text, sizeof text, "%s %s", name, value);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    page_put_item(line, label, text);
}
