// The formats there are.
#include "compare/format.h"

#include "report/locale_guard.h"

const struct compare_format *const compare_formats[] = {
    &format_text, &format_json, &format_markdown, &format_junit, &format_benchmark, &format_benchmark_bigger, NULL,
};

void comparison_write(const struct comparison *comparison, const struct compare_format *format,
                      const struct format_options *options, FILE *to)
{
    struct locale_guard guard = locale_guard_enter();
    format->write(comparison, options, to);
    locale_guard_leave(guard);
}
