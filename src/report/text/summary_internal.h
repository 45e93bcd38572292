// The parts of the summary.
#ifndef SQTAIL_REPORT_TEXT_SUMMARY_INTERNAL_H
#define SQTAIL_REPORT_TEXT_SUMMARY_INTERNAL_H

#include "report/text/page.h"
#include "report/report.h"

void summary_put_stages(const struct page *page, const struct report_input *input);
void summary_put_tail(const struct page *page, const struct report_input *input);
void summary_put_drive(const struct page *page, const struct report_input *input);

#endif
