// sqtail curve: throughput against latency, one load after another: queue depths, or offered rates.
//
// Rates up to saturation are found in three steps: how much a deep queue gets; shares of that as rates; and between the
// highest that was served and the lowest that was not, halves, until they are near each other. A load is served when
// what was done a second is what was offered, but for a hundredth: an open loop falls behind without end beyond that.
//
// What is done is kept: with each depth that ends, its result moves into the curve's folder and the curve's own files
// are renewed. An interrupted curve, marked as not complete, goes on from there.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/runs/curve_points.h"
#include "cli/session/replay_words.h"
#include "config/config_json.h"
#include "config/decimal.h"
#include "host/beside.h"
#include "report/folder/folder.h"
#include "util/alloc.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

enum { LOADS_MAX = 64, SEEDS_MAX = 64, SEED_BYTES = 24 };

struct curve_options {
    struct session_options session;
    const char *depths, *rates;
    uint64_t jobs, seeds;
    bool resume;
};

#define AT(member) offsetof(struct curve_options, member)

static const struct option_row rows[] = {
    {"job", 'j', OPTION_TEXTS, AT(session.jobs), "TEXT",
     "The load, in fio's words without iodepth, such as \"rw=randread bs=4k number_ios=100000\". May be repeated: of "
     "several, all but the one whose load varies have an iodepth or a rate, and the curve is that one's."},
    SESSION_WORKLOAD_ROW(struct curve_options)
    SESSION_TRACE_ROW(struct curve_options)
    REPLAY_WHAT_ROWS(struct curve_options)
    {"iodepth", 'd', OPTION_TEXT, AT(depths), "N,N,...", "Queue depths (default 1,2,4,8,16,32,64,128,256)."},
    {"rate", 'r', OPTION_TEXT, AT(rates), "N,N,...|auto",
     "Instead, requests a second that each of the job's numjobs offers, such as 10k,20k (k: a thousand); auto: up to "
     "saturation."},
    SESSION_UNTIL_ROW(session.until, struct curve_options)
    {"seeds", 0, OPTION_COUNT, AT(seeds), "N",
     "Run each load with N seeds, from the configuration's own on: figures are means, with their deviation and their "
     "95 % interval."},
    {"set", 's', OPTION_TEXTS, AT(session.sets), "KEY=VALUE", "Change a key of the configuration; may be repeated."},
    {"seed", 0, OPTION_TEXT, AT(session.seed), "N", "Seed of every random stream; as --set seed=N."},
    {"kernel", 'k', OPTION_CHOICE, AT(session.kernel), SESSION_KERNELS,
     "Who drives the engine; results are the same."},
    {"parallel", 'P', OPTION_COUNT, AT(jobs), "N", "Points to run at once (default 1)."},
    {"output", 'o', OPTION_TEXT, AT(session.output), "DIR",
     "Write curve.json, curve.csv, plots and the result of each depth into DIR."},
    {"resume", 0, OPTION_FLAG, AT(resume), NULL,
     "Go on with the curve in DIR, also when it is complete: measure only depths that it lacks. Replace no other."},
    {"no-plots", 0, OPTION_FLAG, AT(session.no_plots), NULL, "Write the plots' scripts, but do not run gnuplot."},
    {"progress", 0, OPTION_CHOICE, AT(session.progress), "auto|always|never",
     "When to show progress on standard error."},
    {"quiet", 'q', OPTION_FLAG, AT(session.quiet), NULL,
     "Print neither table nor progress: nothing but errors and warnings."},
};

// A seed of all points, as text and number, and the configuration with it.
struct curve_seed {
    char text[SEED_BYTES];
    char config_id[CONFIG_HASH_BYTES];
};

// A curve on its way.
struct curve {
    const struct curve_options *options;
    struct diag *diag;
    struct loaded_config loaded;
    struct report_curve_load loads[LOADS_MAX]; // rising
    size_t load_count;
    struct curve_seed seeds[SEEDS_MAX];
    uint64_t seed_numbers[SEEDS_MAX];
    size_t seed_count;
    struct curve_points points;
    struct report_curve report;
    struct report_curve_point done[LOADS_MAX]; // as the report shows them
    char *job;                                 // all jobs as one text
    char varied[LOAD_NAME_BYTES];
    uint64_t numjobs; // of the varied one
    bool failed;      // to be written
};

// --- what to measure -----------------------------------------------------------------------------------------------

// "8", "20k", "1.5m"; *end behind it. 0: it is no such number.
static uint64_t read_number(const char *text, bool takes_units, const char **end)
{
    static const struct {
        char letter;
        uint64_t factor;
    } units[] = {{'k', 1000}, {'m', 1000000}};
    size_t length = decimal_length(text, false);
    uint64_t factor = 1, value = 0;
    *end = text + length;
    for (size_t i = 0; takes_units && i < ARRAY_SIZE(units); i++)
        if (**end == units[i].letter) {
            factor = units[i].factor;
            (*end)++;
            break;
        }
    return length > 0 && decimal_scale(text, length, factor, &value) == DECIMAL_OK ? value : 0;
}

static uint64_t number_of(struct report_curve_load load)
{
    return load.rate_iops > 0 ? load.rate_iops : load.iodepth;
}

static bool is_below(struct report_curve_load a, struct report_curve_load b)
{
    return number_of(a) < number_of(b);
}

static int tell_falling(struct curve *curve, struct report_curve_load load)
{
    bool is_rate = load.rate_iops > 0;
    return diag_error(curve->diag, COMMAND_LINE, "--%s wants rising %s; %llu comes after %llu",
                      is_rate ? "rate" : "iodepth", is_rate ? "rates" : "depths", (unsigned long long)number_of(load),
                      (unsigned long long)number_of(curve->loads[curve->load_count - 1]));
}

static int parse_loads(struct curve *curve, const char *text, bool are_rates)
{
    static const char *const wants[] = {"--iodepth wants depths from 1 to 65535, such as 1,2,4; not '%s'",
                                        "--rate wants requests a second, such as 10k,20k, or auto; not '%s'"};
    for (;;) {
        const char *end;
        text += strspn(text, " ");
        uint64_t number = read_number(text, are_rates, &end);
        end += strspn(end, " ");
        struct report_curve_load load = {.iodepth = are_rates ? 1 : (uint32_t)number,
                                         .rate_iops = are_rates ? number : 0};
        if (number == 0 || (!are_rates && number > 65535) || number > UINT64_C(1000000000) ||
            (*end != ',' && *end != '\0'))
            return diag_error(curve->diag, COMMAND_LINE, wants[are_rates], text);
        if (curve->load_count == LOADS_MAX)
            return diag_error(curve->diag, COMMAND_LINE, "a curve takes up to %d loads", LOADS_MAX);
        if (curve->load_count > 0 && !is_below(curve->loads[curve->load_count - 1], load))
            return tell_falling(curve, load);
        curve->loads[curve->load_count++] = load;
        if (*end == '\0')
            return 0;
        text = end + 1;
    }
}

static bool finds_saturation(const struct curve *curve)
{
    return curve->options->rates != NULL && strcmp(curve->options->rates, "auto") == 0;
}

static int choose_loads(struct curve *curve)
{
    const struct curve_options *options = curve->options;
    if (options->rates != NULL && options->session.traces.count > 0)
        return diag_error(curve->diag, COMMAND_LINE, "--rate is for jobs; a recording is replayed at one --iodepth after "
                          "another");
    if (options->rates != NULL && options->depths != NULL)
        return diag_error(curve->diag, COMMAND_LINE, "give either --iodepth or --rate, not both");
    if (finds_saturation(curve))
        return 0;
    if (options->rates != NULL)
        return parse_loads(curve, options->rates, true);
    return parse_loads(curve, options->depths != NULL ? options->depths : "1,2,4,8,16,32,64,128,256", false);
}

// Finds the job whose depth the curve sets: the one that says nothing of it.
static int find_varied(struct curve *curve)
{
    const struct option_texts *jobs = &curve->options->session.jobs;
    uint32_t found = 0;
    for (uint32_t i = 0; i < jobs->count; i++) {
        struct load_terms terms;
        if (session_read_terms(jobs->text[i], &terms, curve->diag) != 0)
            return -1;
        if (terms.has_load)
            continue;
        if (curve->options->rates != NULL && load_is_model(jobs->text[i]))
            return diag_error(curve->diag, COMMAND_LINE, "--rate is for jobs, whose operations are requests; the curve of "
                              "a workload goes over its clients (--iodepth)");
        found++;
        curve->points.job = i;
        load_name(&terms, i, curve->varied);
        curve->numjobs = terms.numjobs;
    }
    if (found == 1)
        return 0;
    if (jobs->count == 1)
        return diag_error(curve->diag, COMMAND_LINE, "the job must leave iodepth to the curve, and have no rate: give "
                          "--iodepth 1,2,4,... or --rate 10k,20k,...");
    return diag_error(curve->diag, COMMAND_LINE, "the depth of one job varies, the others have an iodepth or a rate; "
                      "here %u jobs have neither", found);
}

// A recording is known by its content, and by how it is replayed.
static int check_recording(struct curve *curve)
{
    const struct session_options *session = &curve->options->session;
    struct trace *trace = session_open_trace(session, curve->diag);
    char *words = NULL;
    size_t size = 0;
    if (trace == NULL)
        return -1;
    FILE *to = open_memstream(&words, &size);
    replay_words_print(session, to);
    fclose(to);
    curve->job = xformat("recording %s, SHA-256 %.16s%s", session->traces.text[0], trace_get_info(trace)->sha256, words);
    free(words);
    trace_close(trace);
    return 0;
}

static int check_jobs(struct curve *curve)
{
    const struct option_texts *jobs = &curve->options->session.jobs;
    if (jobs->count == 0)
        return diag_error(curve->diag, COMMAND_LINE, "a curve needs its load: "
                          "--job \"rw=randread bs=4k number_ios=100000\", or --trace PATH");
    if (replay_words_first(&curve->options->session) != NULL)
        return diag_error(curve->diag, COMMAND_LINE, "--%s is for recordings (--trace); a job says it in its own words",
                          replay_words_first(&curve->options->session));
    curve->job = session_job_text(jobs);
    struct workload *workload = session_create_jobs(jobs, curve->diag);
    if (workload == NULL)
        return -1;
    workload_destroy(workload);
    return session_check_until(&curve->options->session, curve->diag) != 0 ? -1 : find_varied(curve);
}

static int check_load(struct curve *curve)
{
    const struct session_options *session = &curve->options->session;
    if (session->traces.count == 0)
        return check_jobs(curve);
    if (session->traces.count > 1)
        return diag_error(curve->diag, COMMAND_LINE, "a curve is of one recording");
    if (session->jobs.count > 0)
        return diag_error(curve->diag, COMMAND_LINE, "give either --trace or --job, not both");
    return session_check_until(session, curve->diag) != 0 ? -1 : check_recording(curve);
}

// The configuration's own seed, and those after it.
static int load_seeds(struct curve *curve)
{
    const struct session_options *session = &curve->options->session;
    int result = loaded_config_read(&curve->loaded, curve->diag, session->config_path, &session->sets, session->seed);
    size_t wanted = curve->options->seeds == 0 ? 1 : curve->options->seeds;
    if (result != 0)
        return result;
    if (wanted > SEEDS_MAX)
        return diag_error(curve->diag, COMMAND_LINE, "--seeds takes up to %d", SEEDS_MAX);
    for (size_t i = 0; i < wanted; i++) {
        struct loaded_config loaded = {0};
        struct curve_seed *seed = &curve->seeds[i];
        curve->seed_numbers[i] = curve->loaded.values.seed + i;
        snprintf(seed->text, SEED_BYTES, "%llu", (unsigned long long)curve->seed_numbers[i]);
        result |= loaded_config_read(&loaded, curve->diag, session->config_path, &session->sets, seed->text);
        config_hash(loaded.config, seed->config_id);
        loaded_config_free(&loaded);
    }
    curve->seed_count = wanted;
    return result;
}

// Everything that can be wrong with what the user gave, found before anything is simulated.
static int prepare(struct curve *curve, const char *line)
{
    const struct curve_options *options = curve->options;
    int failed = check_load(curve) | choose_loads(curve) | load_seeds(curve);
    if (options->session.output != NULL)
        failed |= folder_check(options->session.output, FOLDER_CURVE, curve->diag);
    else if (options->resume)
        failed |= diag_error(curve->diag, COMMAND_LINE, "--resume goes on with the curve in a folder: give --output");
    curve->points.session = options->session;
    curve->points.line = line;
    curve->points.varied = options->session.jobs.count > 1 ? curve->varied : NULL;
    curve->points.at_once = options->jobs == 0 ? 1 : options->jobs;
    curve->report = (struct report_curve){
        .drive = curve->loaded.values.name,
        .config = curve->loaded.config,
        .seed = curve->loaded.values.seed,
        .sets = options->session.sets.text,
        .set_count = options->session.sets.count,
        .job = curve->job,
        .varied = curve->points.varied,
        .points = curve->done,
        .host = {.command_line = line, .kernel = session_kernel_name(&options->session)},
        .until = options->session.until == SESSION_UNTIL_STEADY ? "steady" : NULL,
        .seeds = curve->seed_numbers,
        .seed_count = curve->seed_count,
    };
    return failed;
}

// --- what is done --------------------------------------------------------------------------------------------------

static bool talks(const struct curve *curve)
{
    return session_progress(&curve->options->session) != PROGRESS_NEVER;
}

static bool same_load(struct report_curve_load a, struct report_curve_load b)
{
    return a.iodepth == b.iodepth && a.rate_iops == b.rate_iops;
}

// The point of a load, when all of its seeds are done.
static bool join_load(struct curve *curve, struct report_curve_load load, struct report_curve_point *point)
{
    const struct report_curve_point *seeds[SEEDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < curve->points.count; i++) {
        const struct curve_run *run = &curve->points.runs[i];
        if (same_load(run->load, load) && run->state == CURVE_POINT_DONE)
            seeds[count++] = &run->point;
    }
    if (count < curve->seed_count)
        return false;
    *point = report_curve_join(seeds, curve->seed_numbers, count);
    return true;
}

static void collect(struct curve *curve)
{
    for (size_t i = 0; i < curve->report.count; i++)
        report_curve_point_free(&curve->done[i]);
    curve->report.count = 0;
    for (size_t i = 0; i < curve->load_count; i++)
        curve->report.count += join_load(curve, curve->loads[i], &curve->done[curve->report.count]);
    curve->report.complete = curve->report.count == curve->load_count && curve->load_count > 0;
}

// A load's runs; what is there of them already is read.
static void add_load(struct curve *curve, struct report_curve_load load)
{
    for (size_t s = 0; s < curve->seed_count; s++) {
        const char *seed = s == 0 ? NULL : curve->seeds[s].text;
        char name[REPORT_CURVE_POINT_BYTES];
        struct curve_run *run = curve_points_add(&curve->points, load, seed);
        if (curve->report.there &&
            report_curve_point_find(curve->options->session.output, report_curve_point_name(&load, seed, name),
                                    curve->seeds[s].config_id, curve->points.varied, &load, &run->point) == 0)
            run->state = CURVE_POINT_DONE;
    }
}

// Whether it goes on with a curve of the same that is there already.
static int find_beginning(struct curve *curve)
{
    const char *difference, *output = curve->options->session.output;
    if (output == NULL)
        return 0;
    enum report_curve_there there = report_curve_look(&curve->report, output, &difference);
    if (there == REPORT_CURVE_OTHER && curve->options->resume)
        return diag_error(curve->diag, (struct place){.file = output},
                          "is no curve to go on with: it differs in %s; without --resume it is replaced", difference);
    curve->report.there = there == REPORT_CURVE_INCOMPLETE ||
                          (there == REPORT_CURVE_COMPLETE && curve->options->resume);
    return 0;
}

static void tell_beginning(const struct curve *curve)
{
    if (curve->report.there && talks(curve))
        fprintf(stderr, "%s: going on; %zu of %zu loads are there\n", curve->options->session.output,
                curve->report.count, curve->load_count);
}

static int write_curve(struct curve *curve)
{
    int result = report_write_curve(&curve->report, curve->options->session.output, curve->diag);
    curve->report.there |= result == 0;
    curve->failed |= result != 0;
    return result;
}

// A line that is rewritten on a terminal, else a line a point.
static void show_progress(const struct curve *curve, const struct curve_run *run)
{
    size_t done = curve->report.count, count = curve->load_count;
    bool terminal = options_takes_escapes(STDERR_FILENO);
    if (!talks(curve) || count == 0)
        return;
    if (terminal && done == count)
        fputs("\r\033[K", stderr);
    else if (terminal)
        fprintf(stderr, "\r%zu of %zu loads\033[K", done, count);
    else {
        curve_points_name(run, stderr);
        fprintf(stderr, ": %zu of %zu\n", done, count);
    }
}

static int on_done(void *context, const struct curve_run *run)
{
    struct curve *curve = context;
    char name[REPORT_CURVE_POINT_BYTES];
    collect(curve);
    curve->report.finished = run->folder;
    curve->report.finished_name = report_curve_point_name(&run->load, run->seed, name);
    int result = run->folder == NULL ? 0 : write_curve(curve);
    curve->report.finished = NULL;
    show_progress(curve, run);
    return result;
}

// --- rates up to saturation ----------------------------------------------------------------------------------------

enum { DEEP = 256, STEPS_MAX = 8, NEAR_PERCENT = 2 };

static bool is_served(const struct report_curve_point *point)
{
    return point->iops >= 0.99 * point->offered_iops;
}

// Three digits are enough to know a rate by.
static uint64_t rounded_rate(double rate)
{
    uint64_t step = 1, whole = rate < 1 ? 1 : (uint64_t)(rate + 0.5);
    while (whole / step >= 1000)
        step *= 10;
    return (whole + step / 2) / step * step;
}

// Keeps loads rising; one that is there is not added.
static bool insert_rate(struct curve *curve, double rate)
{
    struct report_curve_load load = {.iodepth = 1, .rate_iops = rounded_rate(rate)};
    size_t at = curve->load_count;
    while (at > 0 && is_below(load, curve->loads[at - 1]))
        at--;
    if (curve->load_count == LOADS_MAX || (at > 0 && same_load(curve->loads[at - 1], load)))
        return false;
    memmove(&curve->loads[at + 1], &curve->loads[at], (curve->load_count - at) * sizeof *curve->loads);
    curve->loads[at] = load;
    curve->load_count++;
    add_load(curve, load);
    return true;
}

// What a deep queue gets, as one of the job's numjobs offers it; kept as a point that no load of the curve is.
static int find_shares(struct curve *curve)
{
    static const unsigned percents[] = {10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 100, 105};
    struct report_curve_load deep = {.iodepth = DEEP};
    add_load(curve, deep);
    int code = curve_points_run(&curve->points);
    if (code != EXIT_SUCCESS)
        return code;
    double most = curve->points.runs[0].point.iops / (double)curve->numjobs;
    for (size_t i = 0; i < ARRAY_SIZE(percents); i++)
        insert_rate(curve, most * percents[i] / 100);
    return EXIT_SUCCESS;
}

// The highest load that was served, with all below it, and the next above; 0: none.
static void find_knee(const struct curve *curve, uint64_t *served, uint64_t *beyond)
{
    *served = *beyond = 0;
    for (size_t i = 0; i < curve->report.count && *beyond == 0; i++) {
        if (is_served(&curve->done[i]))
            *served = curve->loads[i].rate_iops;
        else
            *beyond = curve->loads[i].rate_iops;
    }
}

// Halves what lies between; beyond the highest that was tried, goes on upwards.
static bool add_step(struct curve *curve)
{
    uint64_t served, beyond;
    find_knee(curve, &served, &beyond);
    if (beyond == 0)
        return insert_rate(curve, (double)served * 1.1);
    if (100 * (beyond - served) <= NEAR_PERCENT * beyond)
        return false;
    return insert_rate(curve, ((double)served + (double)beyond) / 2);
}

static void set_saturation(struct curve *curve)
{
    for (size_t i = 0; i < curve->report.count && is_served(&curve->done[i]); i++)
        curve->report.saturation_iops = curve->done[i].offered_iops;
}

static int measure_to_saturation(struct curve *curve)
{
    int code = find_shares(curve);
    for (int step = 0; code == EXIT_SUCCESS && step < STEPS_MAX; step++) {
        collect(curve);
        code = curve_points_run(&curve->points);
        collect(curve);
        set_saturation(curve);
        if (code != EXIT_SUCCESS || !add_step(curve))
            break;
    }
    return code;
}

// --- all -----------------------------------------------------------------------------------------------------------

static int measure_loads(struct curve *curve)
{
    for (size_t i = 0; i < curve->load_count; i++)
        add_load(curve, curve->loads[i]);
    collect(curve);
    tell_beginning(curve);
    return curve_points_run(&curve->points);
}

static int measure(struct curve *curve)
{
    const struct session_options *session = &curve->options->session;
    char *stage = session->output == NULL ? NULL : folder_stage(session->output);
    curve->points.stage = stage;
    curve->points.done = on_done;
    curve->points.context = curve;
    progress_enter(session_progress(session), NULL);
    int code = finds_saturation(curve) ? measure_to_saturation(curve) : measure_loads(curve);
    collect(curve);
    if (curve->report.there)
        write_curve(curve); // what was there already may be all there is to say
    if (stage != NULL)
        folder_remove_stage(stage);
    if (curve->report.count > 0 && !session->quiet)
        report_print_curve(&curve->report, stdout, options_want_colour());
    return curve->failed ? EXIT_USER_ERROR : code;
}

static int run_locked(struct curve *curve)
{
    const char *output = curve->options->session.output;
    if (output == NULL)
        return measure(curve);
    struct folder_lock *lock = folder_lock(output, curve->diag);
    if (lock == NULL)
        return EXIT_USER_ERROR;
    int code = find_beginning(curve) == 0 ? measure(curve) : EXIT_USER_ERROR;
    folder_unlock(lock);
    return code;
}

static void free_curve(struct curve *curve)
{
    for (size_t i = 0; i < curve->report.count; i++)
        report_curve_point_free(&curve->done[i]);
    curve_points_free(&curve->points);
    loaded_config_free(&curve->loaded);
    free(curve->job);
    free(curve);
}

static int run(const struct invocation *call)
{
    struct curve_options options = *(const struct curve_options *)call->options;
    struct curve *curve = xcalloc(1, sizeof *curve);
    *curve = (struct curve){.options = &options, .diag = diag_create()};
    options.session.config_path = call->arguments[0];
    int code = prepare(curve, call->line) == 0 ? run_locked(curve) : EXIT_USER_ERROR;
    if (curve->report.there && !curve->failed && !options.session.no_plots)
        session_draw(&options.session);
    diag_print(curve->diag, stderr);
    diag_destroy(curve->diag);
    free_curve(curve);
    return code;
}

const struct command command_curve = {
    .name = "curve",
    .arguments = "CONFIG.yaml (--job TEXT | --trace PATH) [--iodepth LIST | --rate LIST] [options]",
    .summary = "Measure throughput against latency at one load after another.",
    .details = "With --output each load's own result is kept in DIR/points as soon as it is done. A curve that was "
               "interrupted goes on where it ended when it is asked for again with the same configuration, seed, job "
               "and sqtail; another curve in DIR is replaced when the first load is done.",
    .example = "sqtail curve tiny.yaml --job \"rw=randread bs=4k number_ios=20000\" -o curve",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct curve_options),
    .run = run,
};
