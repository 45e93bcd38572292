// The page of a report: its style, and the parts that all its sections are made of.
//
// It loads nothing: fonts are the reader's own, plots are SVG within the page. It is light or dark as the reader's
// system is, and always light on paper.
#include "report/html/html_parts.h"

#include <math.h>
#include <string.h>

#include "report/text/number_text.h"
#include "util/macros.h"

enum { FIGURE_WIDTH = 460, WIDE_FIGURE_WIDTH = 800 };

#define LIGHT "--paper:#fff;--card:#fff;--soft:#f3f5f7;--ink:#1b1f24;--dim:#59636e;--line:#dde2e7;--mark:#fff3d6;"
#define DARK "--paper:#121518;--card:#191d21;--soft:#22272c;--ink:#e7eaed;--dim:#9ba6b1;--line:#31383f;--mark:#3a3219;"

static const char style[] =
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Helvetica Neue','DejaVu Sans',sans-serif}"
    "main{max-width:1280px;margin:0 auto;padding:28px 20px 64px}"
    "h1{font-size:1.65rem;line-height:1.25;margin:0 0 .4em}"
    "h2{font-size:1.15rem;margin:2.4em 0 .8em}"
    "p{margin:.4em 0 .6em;max-width:78ch}"
    "a{color:inherit}"
    ".load,pre,code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "font-size:.88em;"
    "overflow-wrap:anywhere}"
    ".load,.meta{color:var(--dim)}"
    ".meta span{white-space:nowrap}"
    ".warn{background:var(--mark);border-radius:6px;padding:6px 12px}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(140px,1fr));gap:10px;margin:1.4em 0}"
    ".card{border:1px solid var(--line);border-radius:8px;background:var(--card);padding:9px 12px}"
    ".card span{display:block;color:var(--dim);font-size:.82rem}"
    ".card b{font-size:1.3rem;font-weight:600;white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,395px),1fr));gap:14px;"
    "align-items:start}"
    "figure{margin:0;border:1px solid var(--line);border-radius:8px;background:var(--card);padding:12px 12px 6px}"
    "figcaption{font-weight:600;margin-bottom:2px}"
    ".fig{display:block;width:100%;height:auto;font-size:13px}"
    ".fig text{font-family:inherit}"
    ".tick{fill:var(--dim)}.label{fill:var(--ink)}"
    ".wide{overflow-x:auto}.wide .fig{min-width:560px}"
    ".grid{stroke:var(--line);fill:none}.axis{stroke:var(--dim);fill:none}"
    ".line{fill:none;stroke-linejoin:round;stroke-linecap:round}"
    ".scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px;background:var(--card)}"
    "table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}"
    "th,td{padding:5px 12px;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}"
    "thead th{border-top:0;color:var(--dim);font-weight:600}"
    "th:first-child,td:first-child,.text,.words td,.words th{text-align:left}"
    "tbody th{font-weight:500}"
    ".words td{white-space:normal;min-width:16ch;overflow-wrap:anywhere}"
    ".words td:last-child{white-space:nowrap}"
    ".differs{background:var(--mark)}"
    "details{border:1px solid var(--line);border-radius:8px;background:var(--card);margin:10px 0;overflow:hidden}"
    "details .scroll{border:0;border-top:1px solid var(--line);border-radius:0}"
    "summary{cursor:pointer;font-weight:600;padding:8px 12px}"
    "pre{white-space:pre-wrap;background:var(--soft);border-radius:8px;padding:10px 12px;margin:.6em 0}"
    "footer{color:var(--dim);font-size:.85rem;margin-top:3em}"
    "@media(min-width:880px){.wide{grid-column:span 2}}"
    "@media(max-width:560px){main{padding:16px 10px 40px}figure{padding:8px 6px 4px}th,td{padding:5px 8px}"
    "h1{font-size:1.35rem}}"
    "@media print{body{font-size:10pt}main{max-width:none;padding:0}h2{break-after:avoid}"
    "figure,.card,tr{break-inside:avoid}.figures{grid-template-columns:1fr 1fr}.scroll{overflow:visible}"
    "details::details-content{content-visibility:visible;display:block}th,td{padding:2px 6px}table{font-size:8pt}}";

static void put_colours(const char *media, const char *variables, enum figure_page page, FILE *to)
{
    fprintf(to, "%s:root{%s", media, variables);
    figure_write_css_colours(page, to);
    fputs(*media == '\0' ? "}" : "}}", to);
}

void html_begin(const char *title, FILE *to)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>", to);
    figure_put_escaped(title, to);
    fputs("</title>\n<style>", to);
    put_colours("", LIGHT, FIGURE_ON_LIGHT, to);
    put_colours("@media screen and (prefers-color-scheme:dark){", DARK, FIGURE_ON_DARK, to);
    fputs(style, to);
    fputs("</style>\n</head>\n<body>\n<main>\n", to);
}

void html_end(FILE *to)
{
    fputs("</main>\n</body>\n</html>\n", to);
}

void html_put_heading(const char *text, FILE *to)
{
    fputs("<h2>", to);
    figure_put_escaped(text, to);
    fputs("</h2>\n", to);
}

void html_put_cell(const char *tag, const char *text, FILE *to)
{
    fprintf(to, "<%s>", tag);
    figure_put_escaped(text, to);
    fprintf(to, "</%s>", tag);
}

void html_put_time_cell(double us, FILE *to)
{
    char text[2 * NUMBER_TEXT_BYTES] = "";
    if (!isnan(us))
        spaced_time_text(us, text, sizeof text);
    html_put_cell("td", text, to);
}

void html_put_number_cell(double value, FILE *to)
{
    char text[NUMBER_TEXT_BYTES];
    bool whole = value == floor(value) && fabs(value) < 1e15;
    char digits[32] = "";
    snprintf(digits, sizeof digits, "%.0f", value);
    html_put_cell("td", isnan(value) ? "" : whole ? digits : number_text(value, text), to);
}

// Those that say little when they are narrow: of many bars with long names, and with words beside points.
static bool is_wide(const struct figure *figure)
{
    static const char *const names[] = {"tail", "curve", "curve_stages"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(figure->name, names[i]) == 0)
            return true;
    return false;
}

static void put_figure(const struct figure *figure, FILE *to)
{
    bool wide = is_wide(figure);
    fprintf(to, "<figure%s><figcaption>", wide ? " class=\"wide\"" : "");
    figure_put_escaped(figure->title, to);
    fputs("</figcaption>\n", to);
    figure_write_svg(figure, wide ? WIDE_FIGURE_WIDTH : FIGURE_WIDTH, to);
    fputs("</figure>\n", to);
}

static struct figure *build_named(const struct shown *shown, const char *name)
{
    for (const struct plot_row *row = plot_rows; row->kind != NULL; row++) {
        struct figure *figure = row->build(shown);
        if (figure != NULL && strcmp(figure->name, name) == 0)
            return figure;
        figure_destroy(figure);
    }
    return NULL;
}

void html_put_figures(const struct shown *shown, const char *heading, const char *const *names,
                      void (*words)(const struct shown *shown, FILE *to), FILE *to)
{
    bool any = false;
    for (; *names != NULL; names++) {
        struct figure *figure = build_named(shown, *names);
        if (figure == NULL)
            continue;
        if (!any) {
            html_put_heading(heading, to);
            if (words != NULL)
                words(shown, to);
            fputs("<div class=\"figures\">\n", to);
        }
        any = true;
        put_figure(figure, to);
        figure_destroy(figure);
    }
    fputs(any ? "</div>\n" : "", to);
}
