// A load curve: throughput and latency at one load after another.
//
// Its folder grows: curve.json (schema sqtail.curve/1), curve.csv, host.json and plots are renewed with each point, and
// each point's own result lies in points/.
#ifndef SQTAIL_REPORT_REPORT_CURVE_H
#define SQTAIL_REPORT_REPORT_CURVE_H

#include <jansson.h>

#include "report/report.h"

#define REPORT_CURVE_SCHEMA "sqtail.curve/1"

// A load: so many requests in flight, or so many a second.
struct report_curve_load {
    uint32_t iodepth;
    uint64_t rate_iops; // of each of the jobs that numjobs makes; 0: closed loop at `iodepth`
};

struct report_curve_point {
    uint32_t iodepth;
    double offered_iops; // 0: closed loop at `iodepth`
    uint64_t count, errors;
    double iops, bandwidth_mb_s;
    struct report_latency latency;
    uint64_t events; // that the engine ran
    json_t *parts;   // what else is told of it: `commands`, `utilization`, `ftl`; of several seeds `runs`, `deviation`,
                     // `interval_95`. May be NULL
};

struct report_curve {
    const char *drive;
    const struct config *config;
    uint64_t seed;
    const char *const *sets; // as report_input's
    size_t set_count;
    bool complete;
    const char *job; // the load as text
    const char *until;  // "steady"; NULL: with the last request
    const char *varied; // of several jobs the one whose depth and figures these are; NULL: there is but one
    const struct report_curve_point *points;
    size_t count;
    struct report_host host;
    bool there;              // the folder holds the beginning of this curve: it is renewed in its place
    const char *finished;    // folder of a point's result, to be moved to the curve's; or NULL
    const char *finished_name; // there
    const uint64_t *seeds;   // of each point; NULL: the one
    size_t seed_count;
    double saturation_iops;  // the largest offered load that was served, where it was looked for; else 0
};

// Writes the curve into `folder`; as report_write.
int report_write_curve(const struct report_curve *curve, const char *folder, struct diag *diag);

// The points as a table.
void report_print_curve(const struct report_curve *curve, FILE *to, bool colour);

// --- what is there already -----------------------------------------------------------------------------------------

// "points/iodepth-8", "points/rate-20000-seed-2": where in a curve's folder the result of a load lies. `seed`: one that
// is not the curve's own; NULL: that.
enum { REPORT_CURVE_POINT_BYTES = 80 };
const char *report_curve_point_name(const struct report_curve_load *load, const char *seed,
                                    char name[REPORT_CURVE_POINT_BYTES]);

// The point that a summary.json holds: the total of its commands, or of those of the job that is varied. Returns 0, or
// -1 when it is no complete result.
int report_curve_point_read(FILE *summary, const char *varied, const struct report_curve_load *load,
                            struct report_curve_point *point);

// The same from the folder of a curve; -1 when no point of that name is there, or not of this configuration.
int report_curve_point_find(const char *folder, const char *name, const char *config_id, const char *varied,
                            const struct report_curve_load *load, struct report_curve_point *point);

// The figures that `total`, or a kind of command, of a point has, at the point's load.
struct report_curve_point report_curve_figures(const struct report_curve_point *point, json_t *of);

// The mean of the points that several seeds gave, with `runs`, `deviation` and `interval_95`; of one, itself. To be
// freed (report_curve_point_free), as those.
struct report_curve_point report_curve_join(const struct report_curve_point *const *points, const uint64_t *seeds,
                                            size_t count);
void report_curve_point_free(struct report_curve_point *point);

// What is in `folder`, seen from `curve`: another result or none, or the same curve (configuration, seed, job, and
// sqtail), whole or not. `difference` gets a word on what another curve differs in.
enum report_curve_there { REPORT_CURVE_NONE, REPORT_CURVE_OTHER, REPORT_CURVE_INCOMPLETE, REPORT_CURVE_COMPLETE };
enum report_curve_there report_curve_look(const struct report_curve *curve, const char *folder,
                                          const char **difference);

#endif
