// Records of vscsi made by hand, of either version.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "trace/format.h"

struct scsi {
    uint64_t time_us, block;
    uint32_t bytes;
    uint16_t command;
    uint64_t response_us;
};

static void add_v1(struct recording *r, struct scsi x)
{
    const uint64_t fields[][2] = {{7, 4},      {x.bytes, 4}, {1, 4},        {x.command, 2},
                                  {0x0100, 2}, {x.block, 8}, {x.time_us, 8}};
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        record_put(r, 0, fields[i][0], fields[i][1]);
        r->size += fields[i][1];
    }
}

static void add_v2(struct recording *r, struct scsi x)
{
    const uint64_t fields[][2] = {{x.command, 2}, {0x0200, 2}, {7, 4},        {x.bytes, 4},
                                  {1, 4},         {x.block, 8}, {x.time_us, 8}, {x.response_us, 8}};
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        record_put(r, 0, fields[i][0], fields[i][1]);
        r->size += fields[i][1];
    }
}

static void open_requests(struct fixture *f)
{
    f->trace = record_open(&f->recording, f->diag, 'D', 0);
}

static void test_version_1_has_no_latencies(void **state)
{
    struct fixture *f = *state;
    add_v1(&f->recording, (struct scsi){1000, 16, 4096, 0x28, 0});
    add_v1(&f->recording, (struct scsi){1030, 8, 512, 0x2a, 0});
    open_requests(f);
    assert_non_null(f->trace);
    assert_string_equal(trace_get_info(f->trace)->format, "vscsi");
    assert_int_equal(trace_get_info(f->trace)->requests, 2);
    const struct trace_request *read = request_at(f->trace, 0), *write = request_at(f->trace, 1);
    assert_int_equal(read->kind, IO_READ);
    assert_int_equal(read->offset, 8192);
    assert_int_equal(read->bytes, 4096);
    assert_true(read->latency_ns == TRACE_LATENCY_UNKNOWN);
    assert_int_equal(write->kind, IO_WRITE);
    assert_int_equal(write->time_ns, 30000);
}

static void test_version_2_has_latencies_and_is_put_in_order(void **state)
{
    struct fixture *f = *state;
    add_v2(&f->recording, (struct scsi){2000, 16, 4096, 0x8a, 25});
    add_v2(&f->recording, (struct scsi){1990, 8, 512, 0x88, 40});
    add_v2(&f->recording, (struct scsi){2001, 0, 0, 0x35, 3});
    add_v2(&f->recording, (struct scsi){2002, 0, 24, 0x42, 1}); // UNMAP
    open_requests(f);
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->requests, 3);
    assert_int_equal(trace_get_info(f->trace)->disordered, 1);
    assert_int_equal(trace_get_info(f->trace)->unsupported, 1);
    assert_int_equal(request_at(f->trace, 0)->kind, IO_READ);
    assert_int_equal(request_at(f->trace, 0)->latency_ns, 40000);
    assert_int_equal(request_at(f->trace, 1)->time_ns, 10000);
    assert_int_equal(request_at(f->trace, 2)->kind, IO_FLUSH);
}

static void test_a_bad_record_is_named(void **state)
{
    struct fixture *f = *state;
    for (uint64_t i = 0; i < 17; i++)
        add_v1(&f->recording, (struct scsi){i, i, 512, 0x28, 0});
    f->recording.bytes[16 * 32 + 15] = 9;
    open_requests(f);
    assert_null(f->trace);
    char *text = printed(f->diag);
    assert_non_null(strstr(text, "memory: error: record at byte 512: it is not of version 1"));
    free(text);
}

static void test_no_other_format_takes_them(void **state)
{
    struct fixture *f = *state;
    for (uint64_t i = 0; i < 3; i++)
        add_v2(&f->recording, (struct scsi){i, i, 512, 0x28, 0});
    for (size_t i = 0; trace_formats[i] != NULL; i++) {
        bool found = trace_formats[i]->probe(trace_formats[i], f->recording.bytes, f->recording.size);
        assert_int_equal(found, strcmp(trace_formats[i]->name, "vscsi") == 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_version_1_has_no_latencies),
        TEST(test_version_2_has_latencies_and_is_put_in_order),
        TEST(test_a_bad_record_is_named),
        TEST(test_no_other_format_takes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
