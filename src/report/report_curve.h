// A load curve: throughput and latency at one load after another.
//
// Its folder grows: curve.json (schema sqtail.curve/1), curve.csv, host.json and plots are renewed with each point, and
// each point's own result lies in points/.
#ifndef SQTAIL_REPORT_REPORT_CURVE_H
#define SQTAIL_REPORT_REPORT_CURVE_H

#include "report/report.h"

#define REPORT_CURVE_SCHEMA "sqtail.curve/1"

struct report_curve_point {
    uint32_t iodepth;
    double offered_iops; // 0: closed loop at `iodepth`
    uint64_t count, errors;
    double iops, bandwidth_mb_s;
    struct report_latency latency;
    uint64_t events; // that the engine ran
};

struct report_curve {
    const char *drive;
    const struct config *config;
    uint64_t seed;
    const char *const *sets; // as report_input's
    size_t set_count;
    bool complete;
    const char *job; // the load as text
    const char *varied; // of several jobs the one whose depth and figures these are; NULL: there is but one
    const struct report_curve_point *points;
    size_t count;
    struct report_host host;
    bool there;              // the folder holds the beginning of this curve: it is renewed in its place
    const char *finished;    // folder of a point's result, to be moved to the curve's; or NULL
    uint32_t finished_iodepth;
};

// Writes the curve into `folder`; as report_write.
int report_write_curve(const struct report_curve *curve, const char *folder, struct diag *diag);

// The points as a table.
void report_print_curve(const struct report_curve *curve, FILE *to, bool colour);

// --- what is there already -----------------------------------------------------------------------------------------

// "points/iodepth-8": where in a curve's folder the result of a point lies.
enum { REPORT_CURVE_POINT_BYTES = 32 };
const char *report_curve_point_name(uint32_t iodepth, char name[REPORT_CURVE_POINT_BYTES]);

// The point that a summary.json holds: the total of its commands, or of those of the job that is varied. Returns 0, or
// -1 when it is no complete result.
int report_curve_point_read(FILE *summary, const char *varied, uint32_t iodepth, struct report_curve_point *point);

// The same from a folder that has the beginning of `curve`; -1 when that depth is not there, or not of its
// configuration.
int report_curve_point_find(const struct report_curve *curve, const char *folder, uint32_t iodepth,
                            struct report_curve_point *point);

// What is in `folder`, seen from `curve`: another result or none, or the same curve (configuration, seed, job, and
// sqtail), whole or not. `difference` gets a word on what another curve differs in.
enum report_curve_there { REPORT_CURVE_NONE, REPORT_CURVE_OTHER, REPORT_CURVE_INCOMPLETE, REPORT_CURVE_COMPLETE };
enum report_curve_there report_curve_look(const struct report_curve *curve, const char *folder,
                                          const char **difference);

#endif
