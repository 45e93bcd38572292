// Text by described columns, and the known formats of it: what each line of a sample is was worked out by hand from the
// published descriptions (sources: trace/read/columns_known.h).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "trace/format.h"

#define NO_LATENCY TRACE_LATENCY_UNKNOWN

struct expected {
    uint64_t time_ns;
    enum io_kind kind;
    uint64_t offset, bytes, latency_ns;
};

struct sample {
    const char *format;
    const char *text;
    uint64_t count;
    struct expected requests[3];
};

static const struct sample samples[] = {
    {"csv", "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more,device,pid\n"
            "7,0,write,4096,4096,1,250,0,259:1,142\n10,1,flush,0,0,0,,0,259:1,0\n20,1,trim,8192,512,0,3,0,259:1,7\n",
     3, {{7, IO_WRITE, 4096, 4096, 250}, {10, IO_FLUSH, 0, 0, NO_LATENCY}, {20, IO_TRIM, 8192, 512, 3}}},
    {"csv-8", "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more\n"
            "7,0,write,4096,4096,1,250,0\n10,1,flush,0,0,0,,0\n20,1,trim,8192,512,0,3,0\n",
     3, {{7, IO_WRITE, 4096, 4096, 250}, {10, IO_FLUSH, 0, 0, NO_LATENCY}, {20, IO_TRIM, 8192, 512, 3}}},
    // Opening is no request; a sync has no range.
    {"fio-iolog-3", "fio version 3 iolog\n2 /dev/x add\n3 /dev/x open\n100 /dev/x read 4096 8192\n"
                    "250 /dev/x sync 0 0\n300 /dev/x trim 0 4096\n301 /dev/x close\n",
     3, {{100000, IO_READ, 4096, 8192, NO_LATENCY}, {250000, IO_FLUSH, 0, 0, NO_LATENCY},
         {300000, IO_TRIM, 0, 4096, NO_LATENCY}}},
    // Waits add up; the first request comes at once.
    {"fio-iolog-2", "fio version 2 iolog\nf add\nf open\nf write 512 1024\nf wait 100 0\nf wait 50 0\nf read 0 512\n"
                    "f datasync 0 0\nf close\n",
     3, {{0, IO_WRITE, 512, 1024, NO_LATENCY}, {150000, IO_READ, 0, 512, NO_LATENCY},
         {150000, IO_FLUSH, 0, 0, NO_LATENCY}}},
    // Times are of completions: 1.0 s less 0.5 ms, and 1.001 s less 0.25 ms, 1.25 ms later. A name has a blank.
    {"biosnoop", "TIME(s)     COMM           PID     DISK      T  SECTOR     BYTES  LAT(ms)\n"
                 "1.000000    my prog        12      sda       R  8          4096   0.50\n"
                 "1.001000    b              13      sda       W  16         512    0.25\n",
     2, {{0, IO_READ, 4096, 4096, 500000}, {1250000, IO_WRITE, 8192, 512, 250000}}},
    // Requests of no bytes have no disk, nor a place; with an operation that biosnoop does not know neither.
    {"biosnoop", "TIME(s)     COMM           PID    DISK    T SECTOR     BYTES  LAT(ms)\n"
                 "0.000000    kworker/23:1   9126           R 18446744073709551615 0         0.61\n"
                 "1.000000    ThreadPoolFore 5270   nvme0n1 W 8          4096   0.48\n"
                 "1.000300    ?              0              N 0          0      0.21\n",
     1, {{1000000000 - 480000, IO_WRITE, 4096, 4096, 480000}}},
    {"biosnoop-q", "TIME(s)     COMM           PID     DISK      T  SECTOR     BYTES  QUE(ms) LAT(ms)\n"
                   "2.000000    b              12      sda       RA 8          4096   0.10 0.50\n",
     1, {{0, IO_READ, 4096, 4096, 500000}}},
    // 100 ns: 1000 of them are 100 us.
    {"msr", "128166372011600556,mds,0,Write,3201662976,20480,45361\n128166372011601556,mds,0,Read,512,512,7\n",
     2, {{0, IO_WRITE, 3201662976, 20480, 4536100}, {100000, IO_READ, 512, 512, 700}}},
    // No response was seen for the last.
    {"systor", "Timestamp,Response,IOType,LUN,Offset,Size\n1456095145.133076000,0.000806000,R,0,899056122368,131072\n"
               "1456095145.133077000,,W,0,512,1024\n1456095145.133079000,,,0,512,1024\n",
     2, {{0, IO_READ, 899056122368, 131072, 806000}, {1000, IO_WRITE, 512, 1024, NO_LATENCY}}},
    {"alibaba", "0,R,126703644672,4096,1577808000000626\n0,W,8192,512,1577808000000629\n",
     2, {{0, IO_READ, 126703644672, 4096, NO_LATENCY}, {3000, IO_WRITE, 8192, 512, NO_LATENCY}}},
    // 0 is a read; sectors.
    {"tencent", "1538323200,42655744,8,0,1283\n1538323201,16,1,1,1283\n",
     2, {{0, IO_READ, UINT64_C(42655744) * 512, 4096, NO_LATENCY}, {1000000000, IO_WRITE, 8192, 512, NO_LATENCY}}},
    // Optional fields; any case of the operation; a size that is no whole number of sectors is extended.
    {"spc", "0,20941264,8192,W,0.551706,Alpha/NT\n0, 16, 1000, r, 0.551716\n",
     2, {{0, IO_WRITE, UINT64_C(20941264) * 512, 8192, NO_LATENCY}, {10000, IO_READ, 8192, 1024, NO_LATENCY}}},
    {"fiu", "89968195792462 20782 gzip 283193184 8 R 6 0 56f11b711d91a065a2b6458eca924523\n"
            "89968195792562 20782 two words 8 16 W 6 0 56f11b711d91a065a2b6458eca924523\n",
     2, {{0, IO_READ, UINT64_C(283193184) * 512, 4096, NO_LATENCY}, {100, IO_WRITE, 4096, 8192, NO_LATENCY}}},
    {"fiu-visa", "0.000100 12 1 httpd 800 8 W 8 0\n0.000300 12 1 httpd 8 8 R 8 0\n",
     2, {{0, IO_WRITE, 409600, 4096, NO_LATENCY}, {200000, IO_READ, 4096, 4096, NO_LATENCY}}},
    // Milliseconds; bit 0 of the flags, which are hexadecimal, is a read.
    {"disksim", "5265.313 0 6357144 8 0\n5265.314\t0\t16\t8\t1d\n",
     2, {{0, IO_WRITE, UINT64_C(6357144) * 512, 4096, NO_LATENCY}, {1000, IO_READ, 8192, 4096, NO_LATENCY}}},
    // 0 is a write.
    {"ssdsim", "26214000 0 303574 7 0\n26214100 0 16 8 1\n",
     2, {{0, IO_WRITE, UINT64_C(303574) * 512, 3584, NO_LATENCY}, {100, IO_READ, 8192, 4096, NO_LATENCY}}},
};

static void read_as(struct fixture *f, const char *text, const char *format)
{
    struct trace_options options = {.format = format};
    trace_close(f->trace);
    f->trace = trace_open_memory(f->diag, "t", text, strlen(text), &options);
}

static void expect_request(const struct trace_request *got, const struct expected *wanted, const char *name)
{
    if (got->time_ns != wanted->time_ns || got->kind != wanted->kind || got->offset != wanted->offset ||
        got->bytes != wanted->bytes || got->latency_ns != wanted->latency_ns)
        fail_msg("%s: %llu %s %llu + %llu, %llu", name, (unsigned long long)got->time_ns, io_kind_name(got->kind),
                 (unsigned long long)got->offset, (unsigned long long)got->bytes,
                 (unsigned long long)got->latency_ns);
}

static void expect_sample(struct fixture *f, const struct sample *sample, const char *format)
{
    read_as(f, sample->text, format);
    if (f->trace == NULL)
        fail_msg("%s: %s", sample->format, printed(f->diag));
    assert_string_equal(trace_get_info(f->trace)->format, sample->format);
    assert_int_equal(trace_get_info(f->trace)->requests, sample->count);
    for (uint64_t i = 0; i < sample->count; i++)
        expect_request(request_at(f->trace, i), &sample->requests[i], sample->format);
}

static void test_each_format_is_read(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
        expect_sample(*state, &samples[i], samples[i].format);
}

static void test_each_format_is_found_by_content(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
        expect_sample(*state, &samples[i], NULL);
}

static void test_each_sample_is_of_one_format_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
        for (size_t f = 0; trace_formats[f] != NULL; f++) {
            const struct trace_format_ops *ops = trace_formats[f];
            const char *text = samples[i].text;
            bool found = ops->probe(ops, (const uint8_t *)text, strlen(text));
            if (found != (strcmp(ops->name, samples[i].format) == 0))
                fail_msg("%s is %s%s", samples[i].format, found ? "" : "not ", ops->name);
        }
}

// Pieces of one file, as split(1) makes them, have no header but the first.
static void test_a_header_may_be_missing_where_times_tell_the_format(void **state)
{
    struct fixture *f = *state;
    read_as(f, "1456095145.133076000,0.000806000,R,0,899056122368,131072\n", NULL);
    assert_string_equal(trace_get_info(f->trace)->format, "systor");
    read_as(f, "Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime\n10,hm,0,Read,0,512,7\n", NULL);
    assert_string_equal(trace_get_info(f->trace)->format, "msr");
    assert_int_equal(request_at(f->trace, 0)->latency_ns, 700);
}

static void test_every_described_format_has_a_sample(void **state)
{
    (void)state;
    for (size_t f = 0; trace_formats[f] != NULL; f++) {
        bool found = trace_formats[f]->columns == NULL || trace_formats[f]->columns[0] == '\0';
        for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
            found = found || strcmp(samples[i].format, trace_formats[f]->name) == 0;
        if (!found)
            fail_msg("%s", trace_formats[f]->name);
    }
}

static void expect_message(struct fixture *f, const char *part)
{
    char *text = printed(f->diag);
    if (strstr(text, part) == NULL)
        fail_msg("'%s' not in: %s", part, text);
    free(text);
}

static void test_any_text_by_its_columns(void **state)
{
    struct fixture *f = *state;
    const char *text = "begin;what;where;size;took\n# a remark\n\n1.5;GET;3;2;0.25\n2;PUT;0x10;1;\n";
    read_as(f, text, "columns: separator=semicolon time=1:ms op=2:GET,PUT offset=3:4KiB bytes=4:KiB latency=-1:us");
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->requests, 2);
    const struct expected expected[] = {{0, IO_READ, 12288, 2048, 250}, {500000, IO_WRITE, 65536, 1024, NO_LATENCY}};
    for (int i = 0; i < 2; i++)
        expect_request(request_at(f->trace, (uint64_t)i), &expected[i], "columns");
}

static void test_a_known_format_with_other_columns(void **state)
{
    struct fixture *f = *state;
    read_as(f, "10 0 8 8 1\n12 0 16 8 0\n", "ssdsim: time=1:us");
    assert_non_null(f->trace);
    assert_int_equal(request_at(f->trace, 1)->time_ns, 2000);
}

static void test_both_times_give_the_latency(void **state)
{
    struct fixture *f = *state;
    read_as(f, "10 14 8 R\n", "columns: time=1:us end=2:us offset=3:sectors bytes=3 op=4");
    assert_non_null(f->trace);
    assert_int_equal(request_at(f->trace, 0)->latency_ns, 4000);
}

static void test_out_of_order_is_sorted_and_told(void **state)
{
    struct fixture *f = *state;
    read_as(f, "30 0 8 8 1\n10 0 16 8 0\n20 0 24 8 0\n10 0 32 8 0\n", NULL);
    assert_non_null(f->trace);
    const uint64_t sectors[] = {16, 32, 24, 8};
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(request_at(f->trace, i)->offset, sectors[i] * 512);
    assert_int_equal(trace_get_info(f->trace)->disordered, 2);
    expect_message(f, "2 requests stood behind later ones: they were put in order of time");
}

static void test_no_bytes_and_odd_bytes_are_counted(void **state)
{
    struct fixture *f = *state;
    read_as(f, "0,1,0,W,0.1\n0,1,513,W,0.2\n", NULL);
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->unsupported, 1);
    assert_int_equal(trace_get_info(f->trace)->unaligned, 1);
    assert_int_equal(request_at(f->trace, 0)->bytes, 1024);
}

static void test_a_range_across_sectors_is_extended_at_both_ends(void **state)
{
    struct fixture *f = *state;
    read_as(f, "1000 100 R\n", "columns: offset=1 bytes=2 op=3");
    assert_non_null(f->trace);
    assert_int_equal(request_at(f->trace, 0)->offset, 512);
    assert_int_equal(request_at(f->trace, 0)->bytes, 1024);
}

static void test_lines_of_one_request_are_joined(void **state)
{
    struct fixture *f = *state;
    read_as(f, "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more\n5,0,flush,0,0,0,,1\n5,0,write,512,512,1,9,0\n"
               "6,0,trim,0,512,0,,1\n6,0,trim,4096,1024,0,7,0\n", NULL);
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->requests, 2);
    const struct trace_request *write = request_at(f->trace, 0), *trim = request_at(f->trace, 1);
    assert_true(write->preflush && write->fua);
    assert_int_equal(write->latency_ns, 9);
    assert_int_equal(trim->range_count, 2);
    assert_int_equal(trim->bytes, 1536);
    assert_int_equal(trim->ranges[1].offset, 4096);
    assert_int_equal(trim->latency_ns, 7);
}

static const struct bad {
    const char *text, *format, *message;
} bad_inputs[] = {
    {"1 0 8 8 1\nx 0 8 8 1\n2 0 8 8 1\n", "ssdsim", "t:2: error: column 1: 'x' is no time"},
    {"1 0 8 8 1\n1 0 8 8 7\n", "ssdsim", "t:2: error: column 5: '7' is no operation"},
    {"1 0 8 8 1\n1 0 8 8\n", "ssdsim", "t:2: error: 4 fields, expected 5"},
    {"1 0 8 -8 1\n", "ssdsim", "t:1: error: column 4: '-8' is no size"},
    {"1 0 99999999999999999999 8 1\n", "ssdsim", "t:1: error: column 3: '99999999999999999999' is no offset"},
    {"1 0 18014398509481984 8 1\n", "ssdsim", "t:1: error: absurd range"},
    {"9 1 512 R\n", "columns: time=1 end=2 offset=3 bytes=3 op=4", "t:1: error: it is complete before it begins"},
    {"1 8 R\n", "colums", "--from: error: unknown format 'colums' of a recording; did you mean 'columns'?"},
    {"1 8 R\n", "columns: ofset=1", "--from: error: unknown word 'ofset' of a description of columns; did you mean "
                                    "'offset'?"},
    {"1 8 R\n", "columns: offset=1 bytes=2", "--from: error: no column is said to hold op"},
    {"1 8 R\n", "columns: time=1:h", "--from: error: 'h': is no unit"},
    {"1 8 R\n", "columns: time=one", "--from: error: 'one': is no column"},
    {"1 8 R\n", "columns: cpu=1:us", "--from: error: '1:us': takes no unit"},
    {"1 8 R\n", "columns: op=1:a,b,c,d,e,f,g,h", "has more words than"},
    {"1 8 R\n", "columns: separator=dot", "--from: error: 'dot': is no separator"},
    {"1 8 R\n", "columns: fields=few", "--from: error: 'few': is no number of fields"},
    {"1 8 R\n", "columns: offset", "--from: error: 'offset': expected WHAT=COLUMN"},
    {"1 8 R\n", "vscsi: time=1", "--from: error: format vscsi takes no description"},
    {"1 8 R\n", NULL, "but text of 3 columns: 1 '1', 2 '8', 3 'R'; --from \"columns: time=1:us"},
};

static void test_bad_input_is_named(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_SIZE(bad_inputs); i++) {
        diag_destroy(f->diag);
        f->diag = diag_create();
        read_as(f, bad_inputs[i].text, bad_inputs[i].format);
        if (f->trace != NULL)
            fail_msg("accepted: %s as %s", bad_inputs[i].text, bad_inputs[i].format);
        expect_message(f, bad_inputs[i].message);
    }
}

static void test_a_last_line_that_is_cut_off_is_passed_over(void **state)
{
    struct fixture *f = *state;
    read_as(f, "26214000 0 303574 7 0\n26214100 0 1", NULL);
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->requests, 1);
    expect_message(f, "t:2: warning: the last line is cut off and passed over");
}

static void test_the_busiest_device_is_replayed(void **state)
{
    struct fixture *f = *state;
    read_as(f, "1 4 8 8 1\n2 7 8 8 1\n3 7 16 8 1\n", NULL);
    assert_non_null(f->trace);
    assert_int_equal(trace_get_info(f->trace)->device, 7);
    assert_int_equal(trace_get_info(f->trace)->other_devices, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_format_is_read),
        TEST(test_each_format_is_found_by_content),
        TEST(test_each_sample_is_of_one_format_only),
        TEST(test_every_described_format_has_a_sample),
        TEST(test_a_header_may_be_missing_where_times_tell_the_format),
        TEST(test_any_text_by_its_columns),
        TEST(test_a_known_format_with_other_columns),
        TEST(test_both_times_give_the_latency),
        TEST(test_out_of_order_is_sorted_and_told),
        TEST(test_no_bytes_and_odd_bytes_are_counted),
        TEST(test_a_range_across_sectors_is_extended_at_both_ends),
        TEST(test_lines_of_one_request_are_joined),
        TEST(test_bad_input_is_named),
        TEST(test_a_last_line_that_is_cut_off_is_passed_over),
        TEST(test_the_busiest_device_is_replayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
