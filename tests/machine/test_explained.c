// Whole drives, explained: results stay as they are, and every wait has its cause.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rig.h"
#include "util/macros.h"

// The causes of each class add up to its stages; only the firmware's own work is a rest. Returns their sums.
static tick_sum_t check_kind(const struct kind_stats *kind, tick_sum_t causes[WAIT_COUNT])
{
    struct tail_class classes[TAIL_CLASSES];
    tick_sum_t latency = 0;
    tail_classes(&kind->tail, classes);
    for (int c = 0; c < TAIL_CLASSES; c++) {
        const struct tail_sums *sums = &classes[c].sums;
        tick_sum_t stages = 0;
        for (int i = 0; i < STAGE_COUNT; i++)
            stages += sums->stages[i];
        for (int i = 0; i < STAGE_COUNT; i++)
            assert_true(wait_rest_names[i] == NULL || i == STAGE_CONTROLLER || tail_rest(sums, i) == 0);
        for (int i = 0; i < WAIT_COUNT; i++)
            causes[i] += sums->waits[i];
        assert_true(stages == sums->latency);
        latency += sums->latency;
    }
    return latency;
}

static char *run(const char *changes, const char *job, bool explained, tick_sum_t causes[WAIT_COUNT])
{
    struct rig rig;
    rig_load(&rig, "tiny.yaml", changes);
    rig_open_job(&rig, job);
    if (explained)
        machine_explain(rig.machine, true);
    rig_run(&rig);
    const struct command_stats *commands = machine_commands(rig.machine);
    for (int i = 0; explained && i < IO_KIND_COUNT; i++)
        if (commands->kinds[i].count != 0)
            assert_true(check_kind(&commands->kinds[i], causes) == commands->kinds[i].latency_sum);
    char *text = rig_statistics(&rig);
    rig_destroy(&rig);
    return text;
}

#define SEEN(...) .seen = (const enum wait[]){__VA_ARGS__}, .count = sizeof((const enum wait[]){__VA_ARGS__}) / sizeof(enum wait)

static const struct {
    const char *changes, *job;
    const enum wait *seen; // causes that occur
    size_t count;
} rows[] = {
    {"ftl.precondition=random", "rw=randrw bs=4k iodepth=32 number_ios=12000 fsync=16",
     SEEN(WAIT_DIE_WAIT_HOST_READ, WAIT_DIE_WAIT_HOST_WRITE, WAIT_DIE_WAIT_GC_READ, WAIT_DIE_WAIT_GC_WRITE,
          WAIT_DIE_WAIT_ERASE, WAIT_DIE_WAIT_SUSPEND, WAIT_CHANNEL_WAIT_HOST_READ, WAIT_CHANNEL_WAIT_SUSPEND,
          WAIT_BUFFER_WAIT_PACING, WAIT_FLUSH_WAIT_PACING, WAIT_FLUSH_WAIT_PROGRAM, WAIT_FLUSH_WAIT_HOST_READ,
          WAIT_CONTROLLER_FRONTEND, WAIT_CONTROLLER_HOST_WORK, WAIT_CONTROLLER_BACKGROUND)},
    {"raid.enabled=true ftl.capacity=3GiB reliability.model=constant reliability.rber=4e-3",
     "rw=randrw bs=16k iodepth=64 number_ios=2000", SEEN(WAIT_DIE_WAIT_PARITY, WAIT_BUFFER_WAIT_PROGRAMS)},
    {"ftl.placement=slc ftl.slc_size=64MiB ftl.slc_full=wait ftl.capacity=3GiB ftl.precondition=random", "rw=randrw bs=16k iodepth=32 number_ios=20000",
     SEEN(WAIT_DIE_WAIT_FOLD_READ, WAIT_DIE_WAIT_FOLD_WRITE, WAIT_BUFFER_WAIT_FOLDING)},
    {"ftl.read_ahead=512KiB ftl.read_ahead_buffer=4MiB ftl.join_reads=true", "rw=read bs=4k iodepth=8 number_ios=4000",
     SEEN(WAIT_CHANNEL_WAIT_READ_AHEAD)},
};

static void test_explaining_changes_nothing_and_leaves_no_wait_without_a_cause(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        tick_sum_t causes[WAIT_COUNT] = {0};
        char *plain = run(rows[i].changes, rows[i].job, false, causes);
        char *explained = run(rows[i].changes, rows[i].job, true, causes);
        assert_string_equal(plain, explained);
        for (size_t s = 0; s < rows[i].count; s++) {
            if (causes[rows[i].seen[s]] == 0)
                fail_msg("row %zu: nothing waited for %s of %s", i, wait_rows[rows[i].seen[s]].name,
                         stage_names[wait_rows[rows[i].seen[s]].stage]);
        }
        free(plain);
        free(explained);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_explaining_changes_nothing_and_leaves_no_wait_without_a_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
