// Timelines of whole drives: against a schedule worked out by hand, against the meters, and in themselves.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../machine/rig.h"
#include "timeline/slowest.h"
#include "timeline/timeline.h"
#include "util/alloc.h"

#define US TICKS_PER_US
#define NS TICKS_PER_NS

enum { TRACKS_MAX = 1024 };

struct shown {
    struct rig rig;
    struct timeline *timeline;
    FILE *json, *vcd;
    json_t *events;
    char *vcd_text;
};

// All of it, with what may be left behind its end.
static char *text_of(FILE *file)
{
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    char *text = xcalloc(1, (size_t)length + 1);
    rewind(file);
    assert_int_equal(fread(text, 1, (size_t)length, file), length);
    return text;
}

static void watch(struct shown *shown, tick_t from, tick_t to)
{
    struct timeline_windows windows = {NULL, 0};
    windows_add(&windows, from, to);
    shown->timeline = timeline_create(machine_ssd(shown->rig.machine), machine_sim(shown->rig.machine), windows,
                                      (uint32_t)shown->rig.values.drive.nvme.lba_size);
    shown->json = tmpfile();
    shown->vcd = tmpfile();
    timeline_write(shown->timeline, &timeline_format_trace_events, shown->json);
    timeline_write(shown->timeline, &timeline_format_vcd, shown->vcd);
}

static void run(struct shown *shown)
{
    rig_run(&shown->rig);
    timeline_end(shown->timeline);
    char *text = text_of(shown->json);
    json_error_t error;
    shown->events = json_loads(text, 0, &error);
    assert_non_null(shown->events);
    shown->vcd_text = text_of(shown->vcd);
    free(text);
}

static void close_shown(struct shown *shown)
{
    fclose(shown->json);
    fclose(shown->vcd);
    json_decref(shown->events);
    free(shown->vcd_text);
    timeline_destroy(shown->timeline);
    rig_destroy(&shown->rig);
}

static const char *text_at(const json_t *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event, key));
    return text == NULL ? "" : text;
}

static uint64_t number_at(const json_t *event, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(event, key));
}

static tick_t ps_at(const json_t *event, size_t which)
{
    return (tick_t)json_integer_value(json_array_get(json_object_get(json_object_get(event, "args"), "ps"), which));
}

static bool is_phase(const json_t *event, const char *phase)
{
    return strcmp(text_at(event, "ph"), phase) == 0;
}

// --- by hand -------------------------------------------------------------------------------------------------------

struct expected {
    const char *phase, *name;
    tick_t from, to;
};

static size_t arrows_of(const json_t *events)
{
    size_t i, arrows = 0;
    json_t *event;
    json_array_foreach(events, i, event)
        arrows += json_object_get(event, "flow_in") != NULL;
    return arrows;
}

static void check_one(const json_t *events, const struct expected *expected, tick_t start)
{
    size_t i, found = 0;
    json_t *event;
    json_array_foreach(events, i, event)
        found += is_phase(event, expected->phase) && strcmp(text_at(event, "name"), expected->name) == 0 &&
                 ps_at(event, 0) == start + expected->from && ps_at(event, 1) == start + expected->to;
    if (found != 1)
        print_error("%s from %llu to %llu\n", expected->name, (unsigned long long)expected->from,
                    (unsigned long long)expected->to);
    assert_int_equal(found, 1);
}

static const tick_t page = 5120 * NS;

// Returns when it begins.
static tick_t run_by_hand(struct shown *shown, struct script *script)
{
    const tick_t begin = TICKS_PER_S;
    script_init(script);
    script_add(script, begin, IO_READ, 0, 4096, false);
    script_add(script, begin + 1000 * US, IO_WRITE, 0, 4096, true);
    script_add(script, begin + 1100 * US, IO_READ, 8192, 4096, false);
    rig_load(&shown->rig, "ideal.yaml", "nand.channels=1 nand.dies_per_channel=1 nand.suspend_limit=1 "
             "nand.t_suspend_program=20us nand.t_resume=5us nand.blocks_per_plane=64 ftl.over_provisioning=50%");
    rig_open(&shown->rig, &script->workload);
    watch(shown, 0, TICK_END);
    run(shown);
    return begin - machine_origin(shown->rig.machine);
}

// One die; tR 50 us, a page 5.12 us on the channel, tPROG 500 us, and all else 0 but suspension. A read at 0. At 1000
// us a write that must reach the flash; the read at 1100 us stops its array, of which 94.88 us are done, and has the die
// 20 us later; then t_resume, and the other 405.12 us.
static void test_a_read_a_write_and_a_read_that_suspends_it(void **state)
{
    (void)state;
    struct shown shown = {0};
    struct script script;
    tick_t start = run_by_hand(&shown, &script);
    const tick_t taken = 1120 * US, given = 1170 * US + page, end = given + 5 * US + 500 * US - (100 * US - page);
    const struct expected slices[] = {
        {"X", "host read", 0, 50 * US + page},
        {"X", "tR", 0, 50 * US},
        {"X", "data", 50 * US, 50 * US + page},
        {"X", "data out: host read", 50 * US, 50 * US + page},
        {"b", "read", 0, 50 * US + page},
        {"X", "host program", 1000 * US, taken},
        {"X", "data in: host program", 1000 * US, 1000 * US + page},
        {"X", "tPROG", 1000 * US + page, taken},
        {"b", "suspended", taken, given},
        {"X", "host read", taken, given},
        {"X", "tR", taken, taken + 50 * US},
        {"b", "read", 1100 * US, given},
        {"X", "host program", given, end},
        {"X", "tPROG", given, end},
        {"b", "write", 1000 * US, end},
    };
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
        check_one(shown.events, &slices[i], start);
    assert_int_equal(arrows_of(shown.events), 3); // the program has one, not one a hold
    close_shown(&shown);
}

static void check_changes(const char *text, const char *const *changes, const tick_t *times, size_t count, tick_t start)
{
    for (size_t i = 0; i < count; i++) {
        char *line = xformat("#%llu\n%s", (unsigned long long)(start + times[i]), changes[i]);
        text = strstr(text, line);
        if (text == NULL)
            print_error("%s", line);
        assert_non_null(text);
        text += strlen(line);
        free(line);
        assert_true(*text == '#');
    }
}

// The same as lines: R/B# of the die is !, the bus is ".
static void test_the_same_as_a_value_change_dump(void **state)
{
    (void)state;
    struct shown shown = {0};
    struct script script;
    tick_t start = run_by_hand(&shown, &script);
    const tick_t given = 1170 * US + page, end = given + 5 * US + 500 * US - (100 * US - page);
    const tick_t times[] = {0, 50 * US, 50 * US + page, 1000 * US, 1000 * US + page, 1170 * US, given};
    static const char *const changes[] = {"0!\n", "1!\nb011 \"\n", "b000 \"\n", "b010 \"\n", "b000 \"\n0!\n",
                                          "1!\nb011 \"\n", "b000 \"\n0!\n"};
    check_changes(shown.vcd_text, changes, times, sizeof times / sizeof *times, start);
    char *last = xformat("#%llu\n1!\n", (unsigned long long)(start + end));
    assert_non_null(strstr(shown.vcd_text, last));
    free(last);
    assert_non_null(strstr(shown.vcd_text, "$timescale 1 ps $end"));
    assert_non_null(strstr(shown.vcd_text, "$var wire 1 ! die0_rb_n $end"));
    assert_non_null(strstr(shown.vcd_text, "$dumpvars\n1!\nb000 \"\n$end\n"));
    close_shown(&shown);
}

// --- in themselves -------------------------------------------------------------------------------------------------

struct slice {
    uint64_t pid, tid;
    tick_t from, to;
};

static int by_track_and_time(const void *a, const void *b)
{
    const struct slice *one = a, *other = b;
    const uint64_t keys[][2] = {{one->pid, other->pid}, {one->tid, other->tid}, {one->from, other->from},
                                {other->to, one->to}};
    for (size_t i = 0; i < 4; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

static size_t take_slices(const json_t *events, struct slice *slices)
{
    size_t i, count = 0;
    json_t *event;
    json_array_foreach(events, i, event)
        if (is_phase(event, "X") && ps_at(event, 1) > ps_at(event, 0))
            slices[count++] = (struct slice){number_at(event, "pid"), number_at(event, "tid"), ps_at(event, 0),
                                             ps_at(event, 1)};
    qsort(slices, count, sizeof *slices, by_track_and_time);
    return count;
}

// What lies in no other slice of its track is an occupation: they do not overlap, and what lies in one ends with it.
static void add_occupations(const struct slice *slices, size_t count, tick_t *busy)
{
    const struct slice *top = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct slice *slice = &slices[i];
        bool same = top != NULL && top->pid == slice->pid && top->tid == slice->tid && slice->from < top->to;
        if (same) {
            assert_true(slice->to <= top->to);
            continue;
        }
        busy[slice->pid] += slice->to - slice->from;
        top = slice;
    }
}

static const char mixed_job[] = "rw=randrw rwmixread=60 bs=4k iodepth=24 number_ios=3000 fsync=64";
static const char busy_drive[] = "ftl.precondition=random nand.suspend_limit=4 ecc.engine=bch "
                                 "reliability.initial_pe_cycles=3000";

static void open_mixed(struct shown *shown)
{
    rig_load(&shown->rig, "tiny.yaml", busy_drive);
    rig_open_job(&shown->rig, mixed_job);
}

// All of it, from beginning to end.
static void show_mixed(struct shown *shown)
{
    open_mixed(shown);
    watch(shown, 0, TICK_END);
    run(shown);
}

static void show_job(struct shown *shown, const char *job)
{
    rig_load(&shown->rig, "tiny.yaml", "ftl.precondition=random");
    rig_open_job(&shown->rig, job);
    watch(shown, 0, TICK_END);
    run(shown);
}

// The meters count to the end of the simulation, as the timeline does; what began before measuring does not count.
static void check_meters(const struct shown *shown)
{
    tick_t busy[TRACKS_MAX] = {0};
    struct ssd_meter meters[SSD_METERS_MAX];
    struct slice *slices = xcalloc(json_array_size(shown->events), sizeof *slices);
    add_occupations(slices, take_slices(shown->events, slices), busy);
    size_t count = machine_meters(shown->rig.machine, meters);
    for (size_t i = 0; i < count; i++) {
        assert_true(meter_total(meters[i].meter) > 0);
        assert_true(busy[1 + i] == meter_total(meters[i].meter));
    }
    free(slices);
}

// As a viewer has it, whose times are nanoseconds.
static uint64_t ns_at(const json_t *event, const char *key)
{
    return (uint64_t)(json_number_value(json_object_get(event, key)) * 1000 + 0.5);
}

static void test_occupations_do_not_overlap_and_add_up_to_the_meters(void **state)
{
    (void)state;
    struct shown shown = {0};
    size_t i;
    json_t *event;
    show_mixed(&shown);
    check_meters(&shown);
    json_array_foreach(shown.events, i, event)
        if (is_phase(event, "X"))
            assert_int_equal(ns_at(event, "ts") + ns_at(event, "dur"), ps_at(event, 1) / NS);
    close_shown(&shown);
}

static bool encloses(const json_t *events, const char *command, const json_t *hold)
{
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event)
        if (is_phase(event, "b") && strcmp(text_at(event, "bind_id"), command) == 0)
            return ps_at(event, 0) <= ps_at(hold, 0) && ps_at(hold, 1) <= ps_at(event, 1);
    return false;
}

// On a full drive each read of a page is one operation, which it waits for.
static void test_an_arrow_leads_from_each_read_to_its_operation(void **state)
{
    (void)state;
    struct shown shown = {0};
    size_t i, arrows = 0;
    json_t *event;
    show_job(&shown, "rw=randread bs=4k iodepth=16 number_ios=150");
    json_array_foreach(shown.events, i, event) {
        if (json_object_get(event, "flow_in") == NULL)
            continue;
        assert_string_equal(text_at(event, "name"), "host read");
        assert_true(encloses(shown.events, text_at(event, "bind_id"), event));
        arrows++;
    }
    assert_int_equal(arrows, 150);
    close_shown(&shown);
}

// Those whose data are programmed, at most a program unit's worth, and each in the operation's arguments, too.
static void test_arrows_lead_from_writes_to_the_programs_of_their_data(void **state)
{
    (void)state;
    struct shown shown = {0};
    size_t i, arrows = 0, listed = 0;
    json_t *event;
    show_job(&shown, "rw=write bs=4k iodepth=1 number_ios=96 fsync=96");
    json_array_foreach(shown.events, i, event) {
        arrows += json_object_get(event, "flow_in") != NULL;
        listed += json_array_size(json_object_get(json_object_get(event, "args"), "commands"));
    }
    assert_int_equal(arrows, 96);
    assert_int_equal(listed, 96);
    close_shown(&shown);
}

// Of a window there is what reaches into it, whole, and nothing else.
static void test_a_window_holds_what_the_whole_holds_of_it(void **state)
{
    (void)state;
    struct shown whole = {0}, part = {0};
    const tick_t from = 3 * TICKS_PER_MS, to = 5 * TICKS_PER_MS;
    size_t i, expected = 0, found = 0;
    json_t *event;
    show_mixed(&whole);
    open_mixed(&part);
    watch(&part, from, to);
    run(&part);
    json_array_foreach(whole.events, i, event)
        expected += is_phase(event, "X") && number_at(event, "pid") > 1 && ps_at(event, 0) < to &&
                    ps_at(event, 1) > from;
    json_array_foreach(part.events, i, event)
        found += is_phase(event, "X") && number_at(event, "pid") > 1;
    assert_true(found > 100);
    assert_int_equal(found, expected);
    assert_true(timeline_shown(part.timeline) < timeline_shown(whole.timeline));
    const char *off = strstr(part.vcd_text, "#5000000000\n$dumpoff\nx!\n");
    assert_non_null(strstr(part.vcd_text, "$enddefinitions $end\n#3000000000\n$dumpvars\n"));
    assert_non_null(off);
    assert_null(strstr(off, "\n#"));
    assert_null(strstr(whole.vcd_text, "$dumpoff"));
    close_shown(&whole);
    close_shown(&part);
}

static void test_the_same_run_gives_the_same_bytes(void **state)
{
    (void)state;
    struct shown runs[2] = {0};
    char *texts[2];
    for (int i = 0; i < 2; i++) {
        open_mixed(&runs[i]);
        watch(&runs[i], 0, TICK_END);
        rig_run(&runs[i].rig);
        timeline_end(runs[i].timeline);
        texts[i] = text_of(runs[i].json);
        runs[i].vcd_text = text_of(runs[i].vcd);
    }
    assert_string_equal(texts[0], texts[1]);
    assert_string_equal(runs[0].vcd_text, runs[1].vcd_text);
    for (int i = 0; i < 2; i++) {
        free(texts[i]);
        close_shown(&runs[i]);
    }
}

// With a ramp measuring begins twice: what came before its end is gone, and what was under way then begins with it.
static void test_a_ramp_is_not_shown(void **state)
{
    (void)state;
    struct shown shown = {0};
    size_t i, commands = 0, under_way = 0;
    json_t *event;
    show_job(&shown, "rw=randread bs=4k iodepth=8 number_ios=20 ramp_ios=300");
    check_meters(&shown);
    json_array_foreach(shown.events, i, event) {
        commands += is_phase(event, "b") && strcmp(text_at(event, "name"), "read") == 0;
        under_way += is_phase(event, "b") && strcmp(text_at(event, "name"), "read") == 0 && ps_at(event, 0) == 0;
    }
    assert_in_range(commands, 20, 28);
    assert_true(under_way >= 4);
    close_shown(&shown);
}

// --- the slowest ---------------------------------------------------------------------------------------------------

static int longest_first(const void *a, const void *b)
{
    tick_t one = *(const tick_t *)a, other = *(const tick_t *)b;
    return (one < other) - (one > other);
}

static tick_t length_of(struct timeline_window window)
{
    return window.to - window.from;
}

static void test_the_slowest_are_those_of_the_timeline(void **state)
{
    (void)state;
    enum { COUNT = 7, COMMANDS = 4000 };
    struct shown shown = {0};
    struct rig rig;
    tick_t lengths[COMMANDS], sum = 0, expected = 0;
    size_t i, count = 0;
    json_t *event;
    show_mixed(&shown);
    json_array_foreach(shown.events, i, event)
        if (is_phase(event, "b") && strcmp(text_at(event, "cat"), "command") == 0)
            lengths[count++] = ps_at(event, 1) - ps_at(event, 0);
    qsort(lengths, count, sizeof *lengths, longest_first);
    rig_load(&rig, "tiny.yaml", busy_drive);
    rig_open_job(&rig, mixed_job);
    struct slowest *slowest = slowest_create(machine_ssd(rig.machine), COUNT);
    rig_run(&rig);
    struct timeline_windows windows = slowest_windows(slowest);
    assert_int_equal(windows.count, COUNT);
    for (i = 0; i < COUNT; i++) {
        sum += length_of(windows.at[i]);
        expected += lengths[i];
    }
    assert_int_equal(sum, expected);
    windows_free(&windows);
    slowest_destroy(slowest);
    rig_destroy(&rig);
    close_shown(&shown);
}

static void test_windows_end_where_they_end(void **state)
{
    (void)state;
    struct timeline_windows windows = {NULL, 0};
    windows_add(&windows, 50, 60);
    windows_add(&windows, 10, 20);
    windows_add(&windows, 20, 30);
    windows_add(&windows, 12, 14);
    windows_merge(&windows);
    assert_int_equal(windows.count, 2);
    assert_int_equal(windows.at[0].to, 30);
    const struct { tick_t from, to; bool shows; } rows[] = {
        {0, 10, false}, {0, 11, true}, {29, 40, true}, {30, 40, false}, {30, 50, false}, {35, 51, true}, {0, 100, true},
        {59, 59, true}, {60, 60, false}, {10, 10, true}, {9, 9, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(windows_show(&windows, rows[i].from, rows[i].to), rows[i].shows);
    windows_free(&windows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_read_a_write_and_a_read_that_suspends_it),
        cmocka_unit_test(test_the_same_as_a_value_change_dump),
        cmocka_unit_test(test_occupations_do_not_overlap_and_add_up_to_the_meters),
        cmocka_unit_test(test_an_arrow_leads_from_each_read_to_its_operation),
        cmocka_unit_test(test_arrows_lead_from_writes_to_the_programs_of_their_data),
        cmocka_unit_test(test_a_window_holds_what_the_whole_holds_of_it),
        cmocka_unit_test(test_the_same_run_gives_the_same_bytes),
        cmocka_unit_test(test_a_ramp_is_not_shown),
        cmocka_unit_test(test_the_slowest_are_those_of_the_timeline),
        cmocka_unit_test(test_windows_end_where_they_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
