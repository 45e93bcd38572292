// Whether a result is there already: what was measured is the same again for the same program, and only then.
#include "report/read/result_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "report/data/summary_json.h"
#include "util/alloc.h"
#include "util/version.h"

static bool is_text(json_t *json, const char *name, const char *text)
{
    const char *there = json_string_value(json_object_get(json, name));
    return there != NULL && strcmp(there, text) == 0;
}

bool result_is_whole(const char *folder)
{
    char *path = xformat("%s/summary.json", folder);
    json_t *json = json_load_file(path, 0, NULL), *tool = json_object_get(json, "tool");
    bool whole = is_text(json, "schema", REPORT_SCHEMA) && json_is_true(json_object_get(json, "complete")) &&
                 is_text(tool, "version", version_release) && is_text(tool, "commit", version_commit);
    json_decref(json);
    free(path);
    return whole;
}

bool result_is_of_pts(const char *folder)
{
    char *path = xformat("%s/pts.json", folder);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

const char result_of_pts_text[] =
    "holds a test of sqtail pts, which is neither compared nor drawn here: its figures are in rounds.csv, table.csv and "
    "pts.json, its plots in plots/ (gnuplot draws the scripts there)";
