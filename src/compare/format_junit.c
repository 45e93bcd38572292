// A comparison as JUnit XML, which CI systems show as tests: a suite for each new result, a case for each metric.
#include "compare/cells.h"
#include "compare/format.h"

static void put_escaped(const char *text, FILE *to)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '<': fputs("&lt;", to); break;
        case '>': fputs("&gt;", to); break;
        case '&': fputs("&amp;", to); break;
        case '"': fputs("&quot;", to); break;
        default: fputc((unsigned char)*text < ' ' ? ' ' : *text, to);
        }
}

static void put_attribute(const char *name, const char *value, FILE *to)
{
    fprintf(to, " %s=\"", name);
    put_escaped(value, to);
    fputc('"', to);
}

static void put_failure(const struct compared_row *row, const struct compared *new, FILE *to)
{
    char text[THRESHOLD_TEXT_BYTES];
    fprintf(to, "      <failure type=\"%s\" message=\"base %s", verdict_word(new->verdict),
            cell_value(row->base, text));
    fprintf(to, ", new %s", cell_value(new->metric, text));
    fprintf(to, ", change %s", cell_change(row, new, text));
    fprintf(to, ", threshold %s\"/>\n", threshold_limit_text(row->threshold, text));
}

static void put_case(const struct compared_row *row, const struct compared *new, const char *suite, FILE *to)
{
    bool fails = verdict_fails(new->verdict);
    fputs("    <testcase", to);
    put_attribute("classname", suite, to);
    put_attribute("name", row->metric->name, to);
    fputs(fails ? ">\n" : "/>\n", to);
    if (!fails)
        return;
    put_failure(row, new, to);
    fputs("    </testcase>\n", to);
}

static void put_suite(const struct comparison *c, size_t column, FILE *to)
{
    size_t failures = 0;
    for (size_t i = 0; i < c->row_count; i++)
        failures += verdict_fails(c->rows[i].news[column].verdict);
    fputs("  <testsuite", to);
    put_attribute("name", c->news[column].path, to);
    fprintf(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", c->row_count, failures);
    for (size_t i = 0; i < c->row_count; i++)
        put_case(&c->rows[i], &c->rows[i].news[column], c->news[column].path, to);
    fputs("  </testsuite>\n", to);
}

static void write_junit(const struct comparison *c, const struct format_options *options, FILE *to)
{
    (void)options;
    fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sqtail compare\" tests=\"%zu\" "
                "failures=\"%zu\">\n", c->compared, c->failed);
    for (size_t i = 0; i < c->new_count; i++)
        put_suite(c, i, to);
    fputs("</testsuites>\n", to);
}

const struct compare_format format_junit = {
    .name = "junit",
    .help = "JUnit XML, which CI systems show as tests",
    .write = write_junit,
};
