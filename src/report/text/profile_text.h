// What a stream of requests is like, for people.
#ifndef SQTAIL_REPORT_TEXT_PROFILE_TEXT_H
#define SQTAIL_REPORT_TEXT_PROFILE_TEXT_H

#include <stdio.h>

#include "profile/profile.h"

// No wider than 100 columns.
void profile_print(const struct profile *profile, FILE *to);

// "16.00 KiB".
enum { BYTES_TEXT = 24 };
const char *bytes_text(double bytes, char text[BYTES_TEXT]);

#endif
