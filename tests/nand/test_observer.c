// Who looks on: what each operation does and how long resources are busy, against schedules worked out by hand.
//
// One channel; commands of 500 ns a cycle, units of 10 us on the bus, all else 0: a read's command takes 6 cycles, 3 us;
// an erase's 4 a plane, 4 us; those of suspension 3, 1.5 us.
#include "nand/observer.h"
#include "rig.h"

enum { TOLD = 64 };

struct told {
    const struct nand_op *op;
    enum nand_doing doing;
    tick_t from;
};

struct busy {
    uint32_t index;
    const char *what;
    const struct nand_op *op;
    tick_t start, duration;
};

struct watcher {
    struct nand_observer observer;
    struct meter_listener dies, channels;
    struct told told[TOLD];
    struct busy on_die[TOLD], on_channel[TOLD];
    unsigned count, dies_count, channels_count;
};

static void note_doing(void *self, const struct nand_op *op, enum nand_doing doing, tick_t from)
{
    struct watcher *watcher = self;
    assert_true(watcher->count < TOLD);
    watcher->told[watcher->count++] = (struct told){op, doing, from};
}

static void note_die(struct meter_listener *listener, tick_t start, tick_t duration, const struct meter_use *use)
{
    struct watcher *watcher = container_of(listener, struct watcher, dies);
    watcher->on_die[watcher->dies_count++] = (struct busy){use->index, use->what, use->op, start, duration};
}

static void note_channel(struct meter_listener *listener, tick_t start, tick_t duration, const struct meter_use *use)
{
    struct watcher *watcher = container_of(listener, struct watcher, channels);
    watcher->on_channel[watcher->channels_count++] =
        (struct busy){use->index, nand_bus_use(use->op), use->op, start, duration};
}

static struct rig *rig_watched(const struct nand_config *config, struct watcher *watcher)
{
    struct rig *rig = rig_create(config, 1);
    *watcher = (struct watcher){.observer = {watcher, note_doing}, .dies.busy = note_die, .channels.busy = note_channel};
    nand_observe(rig->nand, &watcher->observer);
    meter_listen(nand_die_meter(rig->nand), &watcher->dies);
    meter_listen(nand_channel_meter(rig->nand), &watcher->channels);
    nand_assume(&rig->port, 0, rig->g->rows);
    return rig;
}

static struct nand_config one_channel(void)
{
    struct nand_config c = rig_config();
    c.channels = 1;
    c.t_wc = 500 * NS;
    c.transfer_rate = 409600000;
    c.t_prog = (struct config_times){.count = 1, .at = {100 * US}};
    c.suspend_limit = 4;
    c.t_suspend_erase = 30 * US;
    c.t_resume = 5 * US;
    return c;
}

// What takes no time is told, too; it is left out here.
static void check_doings(const struct watcher *watcher, const struct rig_op *r, const struct told *expected)
{
    unsigned found = 0;
    for (unsigned i = 0; i < watcher->count; i++) {
        const struct told *told = &watcher->told[i];
        if (told->op != &r->op || (told->doing == DOING_SETTLES && expected[found].doing != DOING_SETTLES))
            continue;
        assert_int_equal(told->doing, expected[found].doing);
        assert_int_equal(told->from, expected[found].from);
        found++;
    }
    assert_int_equal(expected[found].from, TICK_NEVER);
}

static void check_busy(const struct busy *found, unsigned count, const struct busy *expected)
{
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(found[i].index, expected[i].index);
        assert_int_equal(found[i].start, expected[i].start);
        assert_int_equal(found[i].duration, expected[i].duration);
        assert_ptr_equal(found[i].op, expected[i].op);
        if (expected[i].what != NULL)
            assert_string_equal(found[i].what, expected[i].what);
    }
    assert_int_equal(expected[count].duration, 0);
}

#define END {NULL, DOING_ENDS, TICK_NEVER}

static void test_a_read_of_two_planes_and_what_it_does(void **state)
{
    (void)state;
    struct nand_config c = one_channel();
    c.t_dbsy = 2 * US; // between the planes' addresses
    struct watcher watcher;
    struct rig *rig = rig_watched(&c, &watcher);
    const struct rig_op *read = rig_read(rig, 7 * US, 1, 0, 0x11);
    rig_run(rig);
    // Command 6 us, tDBSY 2, tR 40; a unit of each plane, each with the channel of its own, and 6 cycles for the second.
    const struct told doings[] = {{NULL, DOING_WAITS, 7 * US},     {NULL, DOING_COMMAND, 7 * US},
                                  {NULL, DOING_SETTLES, 13 * US},  {NULL, DOING_ARRAY, 15 * US},
                                  {NULL, DOING_WAITS, 55 * US},    {NULL, DOING_DATA, 55 * US},
                                  {NULL, DOING_WAITS, 65 * US},    {NULL, DOING_DATA, 65 * US},
                                  {NULL, DOING_DECODES, 78 * US},  {NULL, DOING_ENDS, 78 * US},
                                  END};
    check_doings(&watcher, read, doings);
    check_busy(watcher.on_die, watcher.dies_count, (struct busy[]){{1, NULL, &read->op, 7 * US, 71 * US}, {0}});
    check_busy(watcher.on_channel, watcher.channels_count,
               (struct busy[]){{0, "command", &read->op, 7 * US, 6 * US}, {0, "data out", &read->op, 55 * US, 10 * US},
                               {0, "data out", &read->op, 65 * US, 13 * US}, {0}});
    rig_destroy(rig);
}

// Each of its six pages takes 3 us and 40 on the channel; then the array works for 100 us.
static void test_a_program_page_by_page(void **state)
{
    (void)state;
    struct nand_config c = one_channel();
    struct watcher watcher;
    struct rig *rig = rig_watched(&c, &watcher);
    const struct rig_op *program =
        rig_at(rig, 100 * US, NAND_PROGRAM, NAND_GC, (struct nand_address){.block = 1, .die = 1}, 0);
    rig_run(rig);
    struct told doings[6 * 3 + 3] = {{0}};
    struct busy buses[7] = {{0}};
    for (unsigned page = 0; page < 6; page++) {
        tick_t begin = 100 * US + page * 43 * US;
        doings[3 * page] = (struct told){NULL, DOING_WAITS, begin};
        doings[3 * page + 1] = (struct told){NULL, DOING_COMMAND, begin};
        doings[3 * page + 2] = (struct told){NULL, DOING_DATA, begin + 3 * US};
        buses[page] = (struct busy){0, "data in", &program->op, begin, 43 * US};
    }
    doings[18] = (struct told){NULL, DOING_ARRAY, 358 * US};
    doings[19] = (struct told){NULL, DOING_ENDS, 458 * US};
    doings[20] = (struct told)END;
    check_doings(&watcher, program, doings);
    check_busy(watcher.on_channel, watcher.channels_count, buses);
    check_busy(watcher.on_die, watcher.dies_count, (struct busy[]){{1, NULL, &program->op, 100 * US, 358 * US}, {0}});
    rig_destroy(rig);
}

// Told to stop at 500 us, it stops 1.5 later, and the die takes the read 30 later. 497.5 of its 5000 us are done; the
// rest follows the resume command, 1.5 us, and t_resume.
static void test_an_erase_that_is_suspended_by_a_read(void **state)
{
    (void)state;
    struct nand_config c = one_channel();
    struct watcher watcher;
    struct rig *rig = rig_watched(&c, &watcher);
    const struct rig_op *erase = rig_at(rig, 0, NAND_ERASE, NAND_GC, (struct nand_address){.block = 2}, 0);
    const struct rig_op *read = rig_read(rig, 500 * US, 0, 0, 1);
    rig_run(rig);
    const tick_t taken = 500 * US + 1500 * NS + 30 * US, given = taken + 53 * US, works = given + 1500 * NS;
    const tick_t end = works + 5 * US + 5000 * US - 497500 * NS;
    const struct told of_erase[] = {{NULL, DOING_WAITS, 0},       {NULL, DOING_COMMAND, 0},
                                    {NULL, DOING_ARRAY, 4 * US},  {NULL, DOING_RESTS, taken},
                                    {NULL, DOING_WAITS, given},   {NULL, DOING_COMMAND, given},
                                    {NULL, DOING_ARRAY, works},   {NULL, DOING_ENDS, end},
                                    END};
    const struct told of_read[] = {{NULL, DOING_WAITS, taken},          {NULL, DOING_COMMAND, taken},
                                   {NULL, DOING_ARRAY, taken + 3 * US}, {NULL, DOING_WAITS, taken + 43 * US},
                                   {NULL, DOING_DATA, taken + 43 * US}, {NULL, DOING_DECODES, given},
                                   {NULL, DOING_ENDS, given},           END};
    check_doings(&watcher, erase, of_erase);
    check_doings(&watcher, read, of_read);
    check_busy(watcher.on_die, watcher.dies_count,
               (struct busy[]){{0, NULL, &erase->op, 0, taken},
                               {0, NULL, &read->op, taken, 53 * US},
                               {0, NULL, &erase->op, given, end - given},
                               {0}});
    check_busy(watcher.on_channel, watcher.channels_count,
               (struct busy[]){{0, "command", &erase->op, 0, 4 * US},
                               {0, "suspend", &erase->op, 500 * US, 1500 * NS},
                               {0, "command", &read->op, taken, 3 * US},
                               {0, "data out", &read->op, taken + 43 * US, 10 * US},
                               {0, "resume", &erase->op, given, 1500 * NS},
                               {0}});
    rig_destroy(rig);
}

// The program ends at 358 us. The other die's second page has the channel from 344 on, 3 us and 40, so that the suspend
// command for the read at 350 has it only at 387.
static void test_a_suspend_command_that_comes_too_late_is_nobodys(void **state)
{
    (void)state;
    struct nand_config c = one_channel();
    struct watcher watcher;
    struct rig *rig = rig_watched(&c, &watcher);
    rig_at(rig, 0, NAND_PROGRAM, NAND_HOST, (struct nand_address){.block = 1}, 0);
    rig_read(rig, 250 * US, 1, 0, 0xff);
    rig_read(rig, 350 * US, 0, 0, 1);
    rig_run(rig);
    unsigned strays = 0;
    for (unsigned i = 0; i < watcher.channels_count; i++) {
        const struct busy *busy = &watcher.on_channel[i];
        strays += busy->op == NULL;
        assert_true(busy->op != NULL || (busy->start == 387 * US && busy->duration == 1500 * NS));
    }
    assert_int_equal(strays, 1);
    rig_destroy(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_read_of_two_planes_and_what_it_does),
        cmocka_unit_test(test_a_program_page_by_page),
        cmocka_unit_test(test_an_erase_that_is_suspended_by_a_read),
        cmocka_unit_test(test_a_suspend_command_that_comes_too_late_is_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
