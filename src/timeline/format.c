// The registry of formats.
#include "timeline/format.h"

#include <string.h>

#define FORMAT_ROW(name) &timeline_format_##name,
const struct timeline_format *const timeline_formats[] = {TIMELINE_FORMAT_LIST(FORMAT_ROW) NULL};
#undef FORMAT_ROW

const struct timeline_format *timeline_format_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && timeline_formats[i] != NULL; i++)
        if (strcmp(dot + 1, timeline_formats[i]->suffix) == 0)
            return timeline_formats[i];
    return NULL;
}
