// The classes of latency for programs: an array of objects in summary.json, rows in stats.csv.
#include "report/data/tail_rows.h"

#include "util/macros.h"

static double mean_us(const struct tail_sums *sums, tick_sum_t sum)
{
    return (double)sum / (double)sums->count / 1e6;
}

// The slowest command ends the last class.
static double up_to_us(const struct kind_stats *kind, const struct tail_class *class)
{
    return MIN((double)class->up_to_ns / 1e3, (double)kind->latency_max / 1e6);
}

// --- JSON ----------------------------------------------------------------------------------------------------------

static json_t *stages_json(const struct tail_sums *sums)
{
    json_t *json = json_object();
    for (int i = 0; i < STAGE_COUNT; i++)
        json_object_set_new(json, stage_names[i], json_real(mean_us(sums, sums->stages[i])));
    return json;
}

static void add_cause(json_t *json, const struct tail_sums *sums, const char *name, tick_sum_t sum)
{
    if (sum != 0)
        json_object_set_new(json, name, json_real(mean_us(sums, sum)));
}

static json_t *causes_json(const struct tail_sums *sums, enum stage stage)
{
    struct wait_range range = wait_ranges[stage];
    json_t *json = json_object();
    for (unsigned i = range.first; i < range.end; i++)
        add_cause(json, sums, wait_rows[i].name, sums->waits[i]);
    add_cause(json, sums, wait_rest_names[stage], tail_rest(sums, stage));
    return json;
}

static json_t *waits_json(const struct tail_sums *sums)
{
    json_t *json = json_object();
    for (int i = 0; i < STAGE_COUNT; i++)
        if (wait_rest_names[i] != NULL && sums->stages[i] != 0)
            json_object_set_new(json, stage_names[i], causes_json(sums, i));
    return json;
}

static json_t *class_json(const struct kind_stats *kind, const struct tail_class *class, const char *name)
{
    json_t *json = json_object();
    json_object_set_new(json, "class", json_string(name));
    json_object_set_new(json, "up_to_us", json_real(up_to_us(kind, class)));
    json_object_set_new(json, "count", json_integer((json_int_t)class->sums.count));
    json_object_set_new(json, "mean_us", json_real(mean_us(&class->sums, class->sums.latency)));
    json_object_set_new(json, "stages_us", stages_json(&class->sums));
    json_object_set_new(json, "waits_us", waits_json(&class->sums));
    return json;
}

static json_t *kind_json(const struct kind_stats *kind)
{
    struct tail_class classes[TAIL_CLASSES];
    json_t *json = json_array();
    tail_classes(&kind->tail, classes);
    for (int i = 0; i < TAIL_CLASSES; i++)
        if (classes[i].sums.count != 0)
            json_array_append_new(json, class_json(kind, &classes[i], tail_class_names[i]));
    return json;
}

json_t *report_tail_json(const struct command_stats *commands)
{
    if (!commands->explained)
        return NULL;
    json_t *json = json_object();
    for (int i = 0; i < IO_KIND_COUNT; i++)
        if (commands->kinds[i].count != 0)
            json_object_set_new(json, io_kind_name(i), kind_json(&commands->kinds[i]));
    return json;
}

// --- rows ----------------------------------------------------------------------------------------------------------

struct visitor {
    row_fn *visit;
    void *context;
    char scope[64]; // "tail.read.p50-p90"
};

static void put(struct visitor *v, const char *inner, const char *name, double us)
{
    char group[128];
    snprintf(group, sizeof group, "%s%s", v->scope, inner);
    v->visit(v->context, &(struct row){group, name, "us", false, 0, us});
}

static void visit_causes(struct visitor *v, const struct tail_sums *sums, enum stage stage)
{
    struct wait_range range = wait_ranges[stage];
    char inner[48];
    snprintf(inner, sizeof inner, ".waits_us.%s", stage_names[stage]);
    for (unsigned i = range.first; i < range.end; i++)
        if (sums->waits[i] != 0)
            put(v, inner, wait_rows[i].name, mean_us(sums, sums->waits[i]));
    if (wait_rest_names[stage] != NULL && tail_rest(sums, stage) != 0)
        put(v, inner, wait_rest_names[stage], mean_us(sums, tail_rest(sums, stage)));
}

static void visit_class(struct visitor *v, const struct kind_stats *kind, const struct tail_class *class)
{
    const struct tail_sums *sums = &class->sums;
    v->visit(v->context, &(struct row){v->scope, "count", "1", true, sums->count, 0});
    put(v, "", "up_to_us", up_to_us(kind, class));
    put(v, "", "mean_us", mean_us(sums, sums->latency));
    for (int i = 0; i < STAGE_COUNT; i++)
        put(v, ".stages_us", stage_names[i], mean_us(sums, sums->stages[i]));
    for (int i = 0; i < STAGE_COUNT; i++)
        visit_causes(v, sums, i);
}

static void visit_kind(struct visitor *v, enum io_kind io, const struct kind_stats *kind)
{
    struct tail_class classes[TAIL_CLASSES];
    tail_classes(&kind->tail, classes);
    for (int i = 0; i < TAIL_CLASSES; i++) {
        if (classes[i].sums.count == 0)
            continue;
        snprintf(v->scope, sizeof v->scope, "tail.%s.%s", io_kind_name(io), tail_class_names[i]);
        visit_class(v, kind, &classes[i]);
    }
}

void report_visit_tail(const struct report_input *input, row_fn *visit, void *context)
{
    struct visitor v = {.visit = visit, .context = context};
    const struct command_stats *commands = input->commands;
    for (int i = 0; commands->explained && i < IO_KIND_COUNT; i++)
        if (commands->kinds[i].count != 0)
            visit_kind(&v, i, &commands->kinds[i]);
}
