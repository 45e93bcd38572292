// What was found, for people, for programs, and for fio.
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "characterize/characterize.h"
#include "characterize/words.h"
#include "report/data/summary_json.h"
#include "report/text/number_text.h"

#define CHARACTERIZE_SCHEMA "sqtail.characterize/1"

// What of the recording the job has no words for; and how many requests that is of.
struct left_out {
    const char *name;
    uint64_t count;
};

enum { LEFT_OUT = 4 };

static void find_left_out(const struct profile *p, struct left_out left[LEFT_OUT])
{
    struct words_scope scope = words_scope_of(p);
    uint64_t writes = p->kinds[IO_WRITE].count + p->kinds[IO_WRITE_FUA].count;
    left[0] = (struct left_out){"reads", scope.reads ? 0 : p->kinds[IO_READ].count};
    left[1] = (struct left_out){"writes", scope.writes ? 0 : writes};
    left[2] = (struct left_out){"trims", scope.trims ? 0 : p->kinds[IO_TRIM].count};
    left[3] = (struct left_out){"write zeroes", p->kinds[IO_WRITE_ZEROES].count};
}

static void print_value(double value, FILE *to)
{
    if (isnan(value))
        fprintf(to, " %9s", "-");
    else
        fprintf(to, " %9.4f", value);
}

void characterization_print(const struct characterization *c, FILE *to)
{
    struct left_out left[LEFT_OUT];
    fprintf(to, "--job \"%s\"\n\n", c->job);
    fprintf(to, "nearest of %u jobs, each of which was looked at as the recording was:\n", c->tried);
    for (int i = 0; i < DISTANCE_COUNT; i++) {
        fprintf(to, "  %-12s", distance_rows[i].name);
        print_value(c->distances.value[i], to);
        fprintf(to, "  %-5s  %s\n", distance_verdict(&c->distances, (enum distance)i), distance_rows[i].unit);
    }
    find_left_out(c->recorded, left);
    for (int i = 0; i < LEFT_OUT; i++)
        if (left[i].count > 0)
            fprintf(to, "left out: %" PRIu64 " %s\n", left[i].count, left[i].name);
}

static json_t *distances_json(const struct distances *distances)
{
    json_t *json = json_object();
    for (int i = 0; i < DISTANCE_COUNT; i++) {
        json_t *one = json_object();
        double value = distances->value[i];
        json_object_set_new(one, "distance", isnan(value) ? json_null() : json_real(value));
        json_object_set_new(one, "unit", json_string(distance_rows[i].unit));
        json_object_set_new(one, "verdict", json_string(distance_verdict(distances, (enum distance)i)));
        json_object_set_new(json, distance_rows[i].name, one);
    }
    return json;
}

static json_t *left_out_json(const struct profile *recorded)
{
    json_t *json = json_object();
    struct left_out left[LEFT_OUT];
    find_left_out(recorded, left);
    for (int i = 0; i < LEFT_OUT; i++)
        json_object_set_new(json, left[i].name, report_whole_json(left[i].count));
    return json;
}

void characterization_write_json(const struct characterization *c, const char *path, FILE *to)
{
    json_t *json = json_object();
    json_object_set_new(json, "schema", json_string(CHARACTERIZE_SCHEMA));
    json_object_set_new(json, "tool", report_tool_json());
    json_object_set_new(json, "recording", report_json_text(path));
    json_object_set_new(json, "requests", report_whole_json(c->recorded->requests));
    json_object_set_new(json, "job", json_string(c->job));
    json_object_set_new(json, "tried", json_integer(c->tried));
    json_object_set_new(json, "distances", distances_json(&c->distances));
    json_object_set_new(json, "left_out", left_out_json(c->recorded));
    report_dump_json(json, to);
    json_decref(json);
}

// A word of a job each line, as fio's files have them.
void characterization_write_fio(const struct characterization *c, const char *path, FILE *to)
{
    fprintf(to, "; like %s; sqtail run CONFIG.yaml --fio FILE, or fio --filename=/dev/sdX FILE\n"
                "[recording]\nioengine=libaio\ndirect=1\n", path);
    for (const char *word = c->job; *word != '\0'; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        fprintf(to, "%.*s\n", (int)length, word);
        word += length;
    }
}
