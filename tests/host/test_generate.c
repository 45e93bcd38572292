// Models of applications, on a drive that takes 10 us for everything, however much it is given: when operations are
// done, and what they ask for, against schedules by hand.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"
#include "host/beside.h"
#include "host/generate/models.h"
#include "host/job/jobs.h"
#include "util/macros.h"

#define GIB (UINT64_C(1) << 30)

static bool has_cache; // that the drive has to flush

static void run_all(struct bench *bench, const char *const *texts, uint32_t count)
{
    bench_init(bench);
    bench->device->controller.vwc = has_cache;
    bench->device->ns.nsze = bench->device->ns.ncap = 4 * GIB / 512;
    bench_start(bench, bench_jobs(texts, count));
    sim_run_before(bench->sim, TICK_NEVER);
    assert_null(host_failure(bench->host));
    assert_int_equal(bench->finished, 1);
    host_check(bench->host);
}

static void run(struct bench *bench, const char *text)
{
    run_all(bench, &text, 1);
}

// What it counted: "ops.operations", "oltp.pages_read"; times in microseconds.
static double told(struct bench *bench, const char *name)
{
    struct stat_group groups[WORKLOAD_GROUPS_MAX];
    size_t count = workload_stats(bench->workload, groups, WORKLOAD_GROUPS_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(groups[i].name);
        if (strncmp(name, groups[i].name, length) != 0 || name[length] != '.')
            continue;
        for (size_t f = 0; f < groups[i].field_count; f++) {
            const struct stat_field *field = &groups[i].fields[f];
            const void *at = (const char *)groups[i].values + field->offset;
            if (strcmp(field->name, name + length + 1) != 0)
                continue;
            double value = field->type == STAT_REAL ? *(const double *)at : (double)*(const uint64_t *)at;
            return field->type == STAT_TIME ? value / TICKS_PER_US : value;
        }
    }
    fail_msg("nothing is told of %s", name);
    return 0;
}

static bool is_near(double got, double expected, double share)
{
    return fabs(got - expected) <= share * expected;
}

static void expect_near(double got, double expected, double share)
{
    if (!is_near(got, expected, share))
        fail_msg("%g is not near %g", got, expected);
}

static uint64_t count_of(struct bench *bench, enum io_kind kind)
{
    return bench->stats.kinds[kind].count;
}

// --- words ---------------------------------------------------------------------------------------------------------

static void test_errors_have_a_place_and_a_suggestion(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"oltp reads=x", "--workload:1:12: error: 'x' is not a value of reads: expected a number"},
        {"olpt clients=3", "--workload:1:1: error: unknown workload 'olpt'; did you mean 'oltp'?"},
        {"oltp page=100", "--workload:1:11: error: page=100 is out of range: 512 to 1048576"},
        {"oltp clients=2 clients=3", "--workload:1:16: error: 'clients' is given twice"},
        {"oltp clients=2 iodepth=3", "'clients' is given twice"}, // another name of it
        {"oltp comit=fua", "--workload:1:6: error: unknown word 'comit'; did you mean 'commit'?"},
        {"oltp commit=fu", "--workload:1:13: error: unknown commit 'fu'; did you mean 'fua'?"},
        {"oltp page=1000", "page must be a multiple of 512 bytes"},
        {"oltp commit", "'commit' needs a value"},
        {"oltp qqqq=1", "see sqtail list workload"},
        {"oltp runtime=3 number_ops=4", "runtime and number_ops exclude each other"},
        {"oltp ramp_time=3 ramp_ops=4", "ramp_time and ramp_ops exclude each other"},
        {"oltp rate_ops=3 thinktime=4ms", "thinktime has no meaning with rate_ops"},
        {"oltp distribution=normal:20", "expected random, zipf:THETA, pareto:H or zoned"},
        {"oltp rate_process=bursty", "expected linear, poisson, onoff"},
        {"oltp ratio=0", "expected a number to three places"},
        {"oltp name=a/b", "up to 31 letters"},
        {"oltp runtime=101d", "out of range"},
        {"oltp size=101%", "a whole percentage up to 100%"},
        {"lsm mix=g", "unknown mix 'g'"},
        {"lsm l0_trigger=5 l0_stop=4", "l0_stop must not be less than l0_trigger"},
        {"lsm keys=1000g value=1m", "more than 64 TiB of records"},
        {"lsm keys=1g file=64k", "more than four million files"},
        {"lsm file=1t", "file=1t is out of range"},
        {"btree page=4k value=4k", "a record and its key must fit into a page"},
        {"btree page=5000", "page must be a multiple of 4k"},
        {"btree pool=512k", "pool must have room for 64 pages"},
        {"varmail cached=101", "out of range: 0 to 100"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct diag *diag = diag_create();
        char *text;
        size_t length;
        assert_null(jobs_create(&cases[i].text, 1, diag));
        FILE *to = open_memstream(&text, &length);
        diag_print(diag, to);
        fclose(to);
        if (strstr(text, cases[i].expected) == NULL)
            fail_msg("'%s' says '%s', not '%s'", cases[i].text, text, cases[i].expected);
        free(text);
        diag_destroy(diag);
    }
}

static int check(const char *text, uint64_t capacity)
{
    struct diag *diag = diag_create();
    struct workload *workload = bench_jobs(&text, 1);
    int result = workload_check(workload, capacity, 512, diag);
    assert_int_equal(diag_error_count(diag), result == 0 ? 0 : 1);
    workload_destroy(workload);
    diag_destroy(diag);
    return result;
}

static void test_the_space_must_be_on_the_drive_and_large_enough(void **state)
{
    (void)state;
    assert_int_equal(check("oltp", GIB), 0);
    assert_int_equal(check("oltp offset=50% size=50%", GIB), 0);
    assert_int_equal(check("oltp offset=60% size=50%", GIB), -1);
    assert_int_equal(check("oltp offset=1g", GIB), -1);
    assert_int_equal(check("oltp offset=100", GIB), -1);
    assert_int_equal(check("oltp size=32m", GIB), -1);        // a log of 64
    assert_int_equal(check("oltp size=32m log_size=16m", GIB), 0);
    assert_int_equal(check("lsm", 4 * GIB), -1);              // 1.5 GB of keys, 0.5 of base, 28 files, four memtables
    assert_int_equal(check("lsm", 5 * GIB), 0);
    assert_int_equal(check("btree", 1650000000), -1);         // 95 326 leaves of 16k, 271 pages over them, and the log
    assert_int_equal(check("btree", 1680000000), 0);
    assert_int_equal(check("fileserver", 5250000000), -1);      // 10 000 of 512k, a journal of 32m, inodes
    assert_int_equal(check("fileserver", 5300000000), 0);
}

// Each row and its default are taken as words, so that what is listed works.
static void test_every_model_takes_its_own_defaults(void **state)
{
    (void)state;
    for (const struct model_ops *const *model = model_registry; *model != NULL; model++) {
        char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);
        fputs((*model)->name, to);
        for (const struct word_row *row = (*model)->rows; row->name != NULL; row++)
            fprintf(to, " %s=%s", row->name, row->fallback);
        fclose(to);
        workload_destroy(bench_jobs((const char *const *)&text, 1));
        free(text);
    }
}

// --- operations ----------------------------------------------------------------------------------------------------

// 10 us of the processor, three reads one after the other, and the commit, whose last step is a flush or not there.
static void test_an_operation_takes_the_sum_of_its_steps(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double expected_us;
    } cases[] = {
        {"oltp clients=1 reads=3 number_ops=100 commit=fua", 50},
        {"oltp clients=1 reads=3 number_ops=100 commit=flush", 60},
        {"oltp clients=1 reads=3 number_ops=100 commit=none", 40},
        {"oltp clients=1 reads=0 number_ops=100 commit=fua optime=5us", 15},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct bench bench;
        run(&bench, cases[i].text);
        assert_int_equal(told(&bench, "ops.operations"), 100);
        assert_true(told(&bench, "ops.mean") == cases[i].expected_us);
        expect_near(told(&bench, "ops.longest"), cases[i].expected_us, 0.001); // a bucket
        expect_near(told(&bench, "ops.operations_per_s"), 1e6 / cases[i].expected_us, 1e-9);
        bench_destroy(&bench);
    }
}

static void test_clients_think_between_operations(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "oltp clients=2 reads=1 commit=none thinktime=70us number_ops=200");
    assert_true(told(&bench, "ops.mean") == 20);
    expect_near(told(&bench, "ops.operations_per_s"), 2e6 / 90, 0.01);
    bench_destroy(&bench);
}

// Every 25 us one comes, and each takes 50 of the only client: the k-th is done 25 k + 50 us after it came.
static void test_operations_of_a_rate_wait_for_a_client(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "oltp clients=1 reads=3 rate_ops=40000 rate_process=linear number_ops=100");
    assert_true(told(&bench, "ops.mean") == 50 + 25 * 99 / 2.0);
    bench_destroy(&bench);
    run(&bench, "oltp clients=1 reads=3 rate_ops=1000 rate_process=linear number_ops=100");
    assert_true(told(&bench, "ops.mean") == 50);
    expect_near(told(&bench, "ops.operations_per_s"), 1000, 0.02);
    bench_destroy(&bench);
}

// A single server of constant service time D at load rho: a mean of D (1 + rho / (2 (1 - rho))) (Pollaczek and
// Khinchine).
static void test_operations_at_random_wait_as_in_a_queue(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "oltp clients=1 reads=3 rate_ops=10000 number_ops=100000");
    expect_near(told(&bench, "ops.mean"), 50 * (1 + 0.5 / (2 * 0.5)), 0.03);
    bench_destroy(&bench);
}

static void test_what_is_of_the_ramp_is_not_counted(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "oltp clients=1 reads=3 ramp_ops=10 number_ops=20",
        "oltp clients=1 reads=3 ramp_time=500us number_ops=20",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct bench bench;
        run(&bench, texts[i]);
        assert_int_equal(told(&bench, "ops.operations"), 20);
        assert_int_equal(told(&bench, "oltp.pages_read"), 60);
        assert_int_equal(count_of(&bench, IO_READ), 60);
        expect_near(told(&bench, "ops.operations_per_s"), 20000, 0.03);
        bench_destroy(&bench);
    }
}

static void test_nothing_is_issued_after_runtime(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "oltp clients=1 reads=3 runtime=1020us");
    assert_int_equal(told(&bench, "ops.operations"), 20);
    assert_int_equal(count_of(&bench, IO_READ), 61); // at 1010 us one more
    assert_int_equal(bench.stats.end - bench.stats.origin, 1020 * TICKS_PER_US);
    bench_destroy(&bench);
}

static void test_a_model_is_measured_beside_a_job(void **state)
{
    (void)state;
    struct bench bench;
    run_all(&bench, (const char *const[]){"oltp clients=1 reads=3 number_ops=100 name=db exitall", "rw=randread"}, 2);
    assert_int_equal(told(&bench, "jobs.db.ops.operations"), 100);
    assert_int_equal(host_get_group(bench.host, 0).commands->kinds[IO_READ].count, 300);
    assert_in_range(host_get_group(bench.host, 1).commands->kinds[IO_READ].count, 499, 501); // 5 ms of it
    bench_destroy(&bench);
}

static void test_a_seed_gives_one_run(void **state)
{
    (void)state;
    double sums[2];
    for (int i = 0; i < 2; i++) {
        struct bench bench;
        run(&bench, "oltp clients=7 rate_ops=50000 number_ops=2000");
        sums[i] = told(&bench, "ops.mean") + (double)bench.stats.end;
        bench_destroy(&bench);
    }
    assert_true(sums[0] == sums[1]);
}

// --- oltp ----------------------------------------------------------------------------------------------------------

// The first commit is written by itself; while that takes place the three others come together; and so on in turns.
static void test_commits_that_wait_are_written_together(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "oltp clients=4 reads=0 log_record=512 number_ops=400");
    assert_int_equal(told(&bench, "oltp.log_commits"), 400);
    assert_in_range((uint64_t)told(&bench, "oltp.log_writes"), 199, 201);
    assert_int_equal(told(&bench, "oltp.log_bytes"), 400 * 512);
    bench_destroy(&bench);
}

// Of records of 200 bytes each write begins with the block that is not full yet. 249 blocks end before the last record
// does, nine of them with a record: the other 240 are crossed, each by a write of two blocks.
static void test_the_log_is_written_in_whole_blocks(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "oltp clients=1 reads=0 log_record=200 number_ops=640");
    assert_int_equal(told(&bench, "oltp.log_writes"), 640);
    assert_int_equal(told(&bench, "oltp.log_bytes"), 512 * (640 + 240));
    bench_destroy(&bench);
}

static void test_pages_are_written_as_their_ratio_says(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "oltp clients=4 reads=4 ratio=1.9 number_ops=1900");
    assert_in_range((uint64_t)told(&bench, "oltp.pages_read"), 7600, 7603);
    assert_in_range((uint64_t)told(&bench, "oltp.pages_written"), 3980, 4001); // 4000, but for what was left at the end
    assert_int_equal(told(&bench, "oltp.stalls"), 0);
    bench_destroy(&bench);
}

// Four transactions leave ten pages each, which are written one by one. When one is left, after 390 us, they go on, and
// come with ten more each after 120: four in 510 us.
static void test_transactions_wait_for_changed_pages(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "oltp clients=4 reads=10 ratio=1 writers=1 dirty=1 number_ops=1000");
    expect_near(told(&bench, "ops.operations_per_s"), 4e6 / 510, 0.01);
    assert_true(told(&bench, "oltp.stalls") > 900);
    bench_destroy(&bench);
}

// --- file systems --------------------------------------------------------------------------------------------------

// Eight operations of 10 us of the processor. Both reads take 10 more; both calls of fsync write the data, the journal
// and the block that commits it, 30 more, and with a cache that must be flushed another 10.
static void test_mail_is_on_the_drive_when_fsync_returns(void **state)
{
    (void)state;
    for (has_cache = false;; has_cache = true) {
        struct bench bench;
        run(&bench, "varmail clients=1 number_ops=800");
        assert_true(told(&bench, "ops.mean") == (has_cache ? 22.5 : 20));
        assert_int_equal(told(&bench, "varmail.fsyncs"), 200);
        assert_int_equal(told(&bench, "varmail.log_writes"), 200);
        assert_int_equal(told(&bench, "varmail.log_bytes"), 100 * 4 * 2 * 4096 + 200 * 4096); // four changes a round
        assert_int_equal(count_of(&bench, IO_WRITE), 200 + 200);
        assert_int_equal(count_of(&bench, IO_WRITE_FUA), 200);
        assert_int_equal(count_of(&bench, IO_READ), 200);
        bench_destroy(&bench);
        if (has_cache)
            break;
    }
    has_cache = false;
}

// Six operations, of which one reads; what is written waits for nobody.
static void test_a_file_server_waits_for_reads_alone(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "fileserver clients=1 files=500 number_ops=600");
    assert_true(told(&bench, "ops.mean") > 11.666 && told(&bench, "ops.mean") < 11.667);
    assert_int_equal(told(&bench, "fileserver.files_created"), 100);
    assert_int_equal(told(&bench, "fileserver.files_deleted"), 100);
    assert_int_equal(told(&bench, "fileserver.stalls"), 0);
    bench_destroy(&bench);
}

// Ten reads to each append. Sizes rounded up to 4 KiB and cut at 64 KiB of a gamma distribution of shape 3/2 and mean
// 16 KiB have a mean of 18 349 bytes: its distribution function is erf(sqrt x) - 2 sqrt(x / pi) e^-x.
static void test_pages_of_a_web_server_have_the_mean_size(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "webserver files=8000 number_ops=33000 cached=50%");
    double read = told(&bench, "webserver.files_read"), bytes = told(&bench, "webserver.bytes_read");
    expect_near(read, 30000, 0.01);
    expect_near((double)count_of(&bench, IO_READ), 15000, 0.02);
    expect_near(bytes / (double)count_of(&bench, IO_READ), 18349, 0.02);
    bench_destroy(&bench);
}

// The one writer has 16 KiB at a time, every 10 us, written back: 1.64 GB/s, and two clients want to write more.
static void test_writers_wait_for_what_is_written_back(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "fileserver clients=16 files=500 writers=1 iosize=16k dirty=1m cached=100% number_ops=12000");
    double seconds = 12000 / told(&bench, "ops.operations_per_s");
    double rate = told(&bench, "fileserver.bytes_written") / seconds;
    assert_true(told(&bench, "fileserver.stalls") > 1000);
    assert_true(rate < 16384 / 10e-6 * 1.01);
    assert_true(rate > 16384 / 10e-6 * 0.8); // the last piece of a file is smaller
    bench_destroy(&bench);
}

// --- log-structured merge tree -------------------------------------------------------------------------------------

// 1 KiB each; levels of 1, 10 and 100 % of the keys.
#define TREE "keys=100000 skew=0 memtable=256k base=1100k file=256k ratio=10 cache=0 "

// A key that is in the file of a level costs a block of it. Without filters each level is looked into until the key is
// found, the last one after 0.99 * 0.9 of all; a filter of 5 bits is wrong with 0.6185^5 = 0.0905 where a level does
// not have it.
static void test_reads_go_from_level_to_level(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double blocks, tolerance;
    } cases[] = {
        {"lsm mix=c clients=1 number_ops=5000 bloom=64 " TREE, 1, 0},
        {"lsm mix=c clients=1 number_ops=20000 bloom=0 " TREE, 0.01 + 2 * 0.99 * 0.1 + 3 * 0.99 * 0.9, 0.01},
        {"lsm mix=c clients=1 number_ops=20000 bloom=5 " TREE, 1 + 0.0905 * (0.99 * 0.1 + 2 * 0.99 * 0.9), 0.02},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct bench bench;
        run(&bench, cases[i].text);
        expect_near(told(&bench, "ops.mean"), 10 + 10 * cases[i].blocks, cases[i].tolerance);
        expect_near(told(&bench, "lsm.blocks_read") / told(&bench, "lsm.reads"), cases[i].blocks, cases[i].tolerance);
        bench_destroy(&bench);
    }
}

// Half of the operations write 1024 bytes to the log and to memory. What is there when a memtable is full is written:
// of 100 000 keys 256 hardly ever meet.
static void test_writes_become_files(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "lsm mix=a clients=4 number_ops=100000 commit=fua " TREE);
    double updates = told(&bench, "lsm.updates"), user = told(&bench, "lsm.user_bytes");
    expect_near(updates, 50000, 0.02);
    assert_true(user == updates * 1024);
    assert_true(told(&bench, "lsm.log_commits") == updates);
    expect_near(told(&bench, "lsm.flushes"), updates / 256, 0.02);
    expect_near(told(&bench, "lsm.flushed"), user, 0.02);
    assert_true(told(&bench, "lsm.compaction_read") > told(&bench, "lsm.compaction_written")); // the same keys go
    expect_near(told(&bench, "lsm.trimmed"), told(&bench, "lsm.compaction_read"), 0.02);
    assert_true(count_of(&bench, IO_TRIM) > 1000);
    bench_destroy(&bench);
}

static void test_what_fits_into_the_cache_is_read_once(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "lsm mix=c clients=1 number_ops=20000 keys=1000 skew=0 cache=8m memtable=64k base=1m file=256k");
    double read = told(&bench, "lsm.blocks_read");
    assert_in_range((uint64_t)read, 238, 250); // of 250, e^-4 have no key
    assert_true(told(&bench, "lsm.cache_hits") == 20000 - read);
    bench_destroy(&bench);
}

static void test_mixes_have_their_proportions(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        double percent;
    } cases[] = {
        {"lsm mix=b number_ops=20000 " TREE, "lsm.updates", 5},
        {"lsm mix=d number_ops=20000 " TREE, "lsm.inserts", 5},
        {"lsm mix=e number_ops=5000 " TREE, "lsm.scans", 95},
        {"lsm mix=f number_ops=20000 " TREE, "lsm.modifies", 50},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct bench bench;
        run(&bench, cases[i].text);
        double all = told(&bench, "ops.operations");
        expect_near(told(&bench, cases[i].name), all * cases[i].percent / 100, 0.07);
        bench_destroy(&bench);
    }
}

// Two memtables of 64 records, and files of 64 KiB that take a write, a read and more each: nobody can write without
// end.
static void test_writers_wait_for_compaction(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "lsm mix=f clients=64 optime=1us number_ops=40000 keys=20000 skew=0 memtable=64k base=256k file=64k "
                "io=4k depth=1 l0_trigger=2 l0_stop=2 cache=64m");
    assert_true(told(&bench, "lsm.stalls") > 1000);
    double seconds = 40000 / told(&bench, "ops.operations_per_s");
    double moved = told(&bench, "lsm.compaction_read") + told(&bench, "lsm.compaction_written");
    expect_near(moved / seconds, 4096 / 10e-6, 0.1); // as fast as one piece after the other goes
    bench_destroy(&bench);
}

// --- B-tree --------------------------------------------------------------------------------------------------------

// A leaf for each of 20 000 records, 114 pages over them, and the root.
enum { LEAVES = 20000, NODES = 114, POOL = 4000 };
#define BTREE "keys=20000 value=4000 page=8k "

// Chance that a page, used once in 1 / p operations, has been used in the last `time` of them.
static double is_there(double p, double time)
{
    return 1 - exp(-p * time);
}

// Pages in the pool if it keeps what was used in the last `time` operations, and how many of an operation's three are
// not.
static double pages_there(const double *shares, double time, double *misses)
{
    double there = 1, hits = 0;
    for (int k = 0; k < LEAVES; k++) {
        there += is_there(shares[k], time);
        hits += shares[k] * is_there(shares[k], time);
    }
    *misses = 2 - hits - is_there(1.0 / NODES, time);
    return there + NODES * is_there(1.0 / NODES, time);
}

static double expected_misses(void)
{
    static double shares[LEAVES];
    double sum = 0, low = 0, high = 1e6, misses = 0;
    for (int k = 0; k < LEAVES; k++)
        sum += shares[k] = pow(k + 1, -0.99);
    for (int k = 0; k < LEAVES; k++)
        shares[k] /= sum;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        *(pages_there(shares, middle, &misses) < POOL ? &low : &high) = middle;
    }
    return misses;
}

// Che, Tung and Wang's approximation: a page stays for as many operations as it takes to fill the pool with others
// (IEEE JSAC 20(7), 2002).
static void test_misses_of_the_pool_are_those_of_the_approximation(void **state)
{
    (void)state;
    struct bench bench;
    double misses = expected_misses();
    run(&bench, "btree mix=c clients=1 pool=32000k ramp_ops=30000 number_ops=60000 " BTREE); // 4000 pages
    double each = told(&bench, "btree.page_misses") / 60000;
    expect_near(each, misses, 0.02);
    expect_near(told(&bench, "btree.cache_hit_share"), 1 - misses / 3, 0.01);
    expect_near(told(&bench, "ops.mean"), 10 + 10 * each, 1e-6);
    bench_destroy(&bench);
}

// All pages are in the pool: a read takes the processor's 10 us, an update writes the log, and flushes it.
static void test_an_update_waits_for_the_log(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "btree mix=a clients=1 keys=2000 pool=64m ramp_ops=20000 number_ops=20000");
    assert_int_equal(told(&bench, "btree.page_misses"), 0);
    expect_near(told(&bench, "ops.mean"), 10 + 20 * told(&bench, "btree.updates") / 20000, 1e-6);
    bench_destroy(&bench);
}

// Updates of 1 KiB, all leaves alike. A clean leaf waits L updates for its change, L being the number of leaves, and
// then until three quarters of the log, n updates, have come over it: one in L + n updates of it writes the page, L /
// (L + n) of all.
static void test_the_log_has_pages_written(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "btree mix=f skew=0 keys=22000 pool=64m log_size=4m dirty=100 commit=none clients=1 optime=50us "
                "ramp_ops=20000 number_ops=40000"); // eleven a leaf
    double updates = told(&bench, "btree.modifies"), leaves = 2000, over = 3 * 1024;
    expect_near(told(&bench, "btree.pages_written") / updates, leaves / (leaves + over), 0.04);
    assert_int_equal(told(&bench, "btree.pages_evicted"), 0);
    assert_int_equal(told(&bench, "btree.stalls"), 0);
    bench_destroy(&bench);
}

static void test_pages_go_by_way_of_the_doublewrite_buffer(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "btree mix=a clients=4 pool=2000k dirty=90 doublewrite number_ops=20000 " BTREE);
    double written = told(&bench, "btree.pages_written") + told(&bench, "btree.pages_evicted");
    assert_true(told(&bench, "btree.pages_evicted") > 1000);
    expect_near(told(&bench, "btree.doublewrites"), written, 0.01);
    assert_true(written <= told(&bench, "btree.updates"));
    bench_destroy(&bench);
}

// Pages are written one by one, 10 us each, and 64 clients change more. With the log full to fifteen sixteenths, n
// updates of 2 KiB, a page is written for L / (L + n) of them.
static void test_writers_wait_for_a_full_log(void **state)
{
    (void)state;
    struct bench bench;
    run(&bench, "btree mix=a skew=0 clients=64 optime=1us keys=20000 value=2024 page=4k pool=128m log_size=4m "
                "dirty=100 writers=1 commit=none number_ops=40000 ramp_ops=100000");
    double seconds = 40000 / told(&bench, "ops.operations_per_s"), leaves = 20000, over = 2048 * 15 / 16.0;
    assert_true(told(&bench, "btree.stalls") > 1000);
    expect_near(told(&bench, "btree.updates") / seconds, 1e5 * (leaves + over) / leaves, 0.05);
    bench_destroy(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_have_a_place_and_a_suggestion),
        cmocka_unit_test(test_the_space_must_be_on_the_drive_and_large_enough),
        cmocka_unit_test(test_every_model_takes_its_own_defaults),
        cmocka_unit_test(test_an_operation_takes_the_sum_of_its_steps),
        cmocka_unit_test(test_clients_think_between_operations),
        cmocka_unit_test(test_operations_of_a_rate_wait_for_a_client),
        cmocka_unit_test(test_operations_at_random_wait_as_in_a_queue),
        cmocka_unit_test(test_what_is_of_the_ramp_is_not_counted),
        cmocka_unit_test(test_nothing_is_issued_after_runtime),
        cmocka_unit_test(test_a_model_is_measured_beside_a_job),
        cmocka_unit_test(test_a_seed_gives_one_run),
        cmocka_unit_test(test_commits_that_wait_are_written_together),
        cmocka_unit_test(test_the_log_is_written_in_whole_blocks),
        cmocka_unit_test(test_pages_are_written_as_their_ratio_says),
        cmocka_unit_test(test_transactions_wait_for_changed_pages),
        cmocka_unit_test(test_mail_is_on_the_drive_when_fsync_returns),
        cmocka_unit_test(test_a_file_server_waits_for_reads_alone),
        cmocka_unit_test(test_pages_of_a_web_server_have_the_mean_size),
        cmocka_unit_test(test_writers_wait_for_what_is_written_back),
        cmocka_unit_test(test_reads_go_from_level_to_level),
        cmocka_unit_test(test_writes_become_files),
        cmocka_unit_test(test_what_fits_into_the_cache_is_read_once),
        cmocka_unit_test(test_mixes_have_their_proportions),
        cmocka_unit_test(test_writers_wait_for_compaction),
        cmocka_unit_test(test_misses_of_the_pool_are_those_of_the_approximation),
        cmocka_unit_test(test_an_update_waits_for_the_log),
        cmocka_unit_test(test_the_log_has_pages_written),
        cmocka_unit_test(test_pages_go_by_way_of_the_doublewrite_buffer),
        cmocka_unit_test(test_writers_wait_for_a_full_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
