// pts.json.
#include <jansson.h>

#include "config/config_json.h"
#include "pts/outcome.h"
#include "report/data/summary_json.h"

static const char *const metric_names[PTS_METRICS] = {"iops", "mb_s", "mean_us", "p99.999_us", "max_us"};

static json_t *cell_json(uint32_t read_percent, uint32_t block_bytes, const struct pts_cell *cell)
{
    json_t *json = json_object();
    json_object_set_new(json, "read_percent", json_integer(read_percent));
    json_object_set_new(json, "block_bytes", json_integer(block_bytes));
    json_object_set_new(json, "requests", report_whole_json(cell->requests));
    for (int m = 0; m < PTS_METRICS; m++)
        json_object_set_new(json, metric_names[m], json_real(cell->value[m]));
    return json;
}

static json_t *rounds_json(const struct pts_course *course)
{
    json_t *json = json_array();
    for (size_t r = 0; r < course->round_count; r++) {
        const struct pts_round *round = &course->rounds[r];
        json_t *of = json_object();
        json_object_set_new(of, "tracked", json_real(course->tracked[r]));
        json_object_set_new(of, "end_s", json_real(round->seconds));
        json_object_set_new(of, "capacities_written", json_real(round->fills));
        json_object_set_new(of, "write_amplification", json_real(round->write_amplification));
        json_array_append_new(json, of);
    }
    return json;
}

static json_t *window_json(const struct pts_window *window)
{
    json_t *json = json_object();
    json_object_set_new(json, "steady", json_boolean(window->steady));
    json_object_set_new(json, "first_round", json_integer((json_int_t)window->first + 1));
    json_object_set_new(json, "last_round", json_integer((json_int_t)window->first + PTS_WINDOW));
    json_object_set_new(json, "average", json_real(window->average));
    json_object_set_new(json, "range", json_real(window->range));
    json_object_set_new(json, "slope_a_round", json_real(window->slope));
    json_object_set_new(json, "slope_excursion", json_real(window->excursion));
    return json;
}

static json_t *table_json(const struct pts_course *course, const struct pts_window *window)
{
    json_t *json = json_array();
    for (size_t c = 0; c < pts_course_cells(course); c++) {
        struct pts_cell cell = pts_course_mean(course, window, c);
        json_array_append_new(json, cell_json(pts_cell_percent(course, c), pts_cell_bytes(course, c), &cell));
    }
    return json;
}

static json_t *response_json(const struct pts_course *course)
{
    return cell_json(course->test->tracked_percent, course->test->tracked_bytes, &course->response.cell);
}

static void set_drive(json_t *json, const struct report_input *run)
{
    char id[CONFIG_HASH_BYTES];
    config_hash(run->config, id);
    json_object_set_new(json, "drive", report_json_text(run->drive));
    json_object_set_new(json, "seed", report_whole_json(run->seed));
    report_put_sets(json, run->sets, run->set_count);
    json_object_set_new(json, "config_id", json_string(id));
    json_object_set_new(json, "config", config_to_json(run->config));
}

static void set_conditions(json_t *json, const struct pts_course *course)
{
    const struct pts_options *o = &course->options;
    json_object_set_new(json, "capacity_bytes", report_whole_json(course->capacity_bytes));
    json_object_set_new(json, "minute_s", json_real((double)o->minute / TICKS_PER_S));
    json_object_set_new(json, "iodepth", json_integer(o->iodepth));
    json_object_set_new(json, "threads", json_integer(o->threads));
    json_object_set_new(json, "active_percent", json_integer(o->active_percent));
    json_object_set_new(json, "capacities_before", json_integer(course->test->fills_before));
    json_object_set_new(json, "preconditioning", json_string(o->precondition_computed ? "computed" : "played"));
    json_object_set_new(json, "most_rounds", json_integer(o->rounds));
}

void pts_write_json(const struct pts_outcome *outcome, FILE *to)
{
    const struct pts_course *course = outcome->course;
    struct pts_window window;
    json_t *json = json_object();
    json_object_set_new(json, "schema", json_string(PTS_SCHEMA));
    json_object_set_new(json, "tool", report_tool_json());
    json_object_set_new(json, "complete", json_boolean(outcome->run->complete && course->complete));
    json_object_set_new(json, "test", json_string(course->test->name));
    set_drive(json, outcome->run);
    set_conditions(json, course);
    json_object_set_new(json, "tracked", json_string(metric_names[course->test->metric]));
    json_object_set_new(json, "rounds", rounds_json(course));
    if (pts_course_window(course, &window)) {
        json_object_set_new(json, "window", window_json(&window));
        json_object_set_new(json, "table", table_json(course, &window));
    }
    if (course->response.there)
        json_object_set_new(json, "response_times", response_json(course));
    report_dump_json(json, to);
    json_decref(json);
}
