// Whether a result is there already.
#ifndef SQTAIL_REPORT_READ_RESULT_READ_H
#define SQTAIL_REPORT_READ_RESULT_READ_H

#include <stdbool.h>

// Whether a folder holds the result of a run that came to its end, by this version of sqtail.
bool result_is_whole(const char *folder);

// Whether a folder holds what a test of PTS found, which no other command reads; and what to say then.
bool result_is_of_pts(const char *folder);
extern const char result_of_pts_text[];

#endif
