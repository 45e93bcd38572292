// Recordings that are wrong, each with all that is said of it: the traps of each format, as a user meets them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixture.h"
#include "trace/trace_internal.h"

#define OWN "time_ns,cpu,kind,offset,bytes,fua,latency_ns,more\n"
#define FIO3 "fio version 3 iolog\n"
#define FIO2 "fio version 2 iolog\n"
#define SNOOP "TIME(s)     COMM           PID    DISK    T SECTOR     BYTES  LAT(ms)\n"
#define SYSTOR "Timestamp,Response,IOType,LUN,Offset,Size\n"
#define MSR "128166372011600556,mds,0,"
#define FIU "89968195792462 20782 gzip "
#define FIRST "259,0    0        1     0.000000000   767  "
#define SECOND "259,0    0        2     0.000000005   767  "
#define HEAD "a-7 [001] ..... 1.000000: "

#define REMEDY "t: warning: --skip-bad 1 passes over so many malformed records or lines and reads the rest\n"
#define COLUMNS "\"columns: time=1:us offset=3:sectors bytes=4 op=5:R,W\""
#define SUCH_AS "; such as " COLUMNS "\n"
#define DESCRIBE "; --from " COLUMNS " tells what they hold\n"

enum { LEAST_ROWS = 80 };

static const struct { const char *format, *text, *told; } rows[] = {
    // sqtail's own csv.
    {NULL, OWN "x,0,read,0,512,0,,0\n",
     "t:2: error: column 1: 'x' is no time\n" REMEDY},
    {NULL, OWN "1,65536,read,0,512,0,,0\n",
     "t:2: error: column 2: 65536 is no CPU\n" REMEDY},
    {NULL, OWN "1,0,erase,0,512,0,,0\n",
     "t:2: error: column 3: 'erase' is no operation\n" REMEDY},
    {NULL, OWN "1,0,read,-512,512,0,,0\n",
     "t:2: error: column 4: '-512' is no offset\n" REMEDY},
    {NULL, OWN "1,0,read,0,0x,0,,0\n",
     "t:2: error: column 5: '0x' is no size\n" REMEDY},
    {NULL, OWN "1,0,read,0,512,2,,0\n",
     "t:2: error: column 6: 2 is no flag, 0 or 1\n" REMEDY},
    {NULL, OWN "1,0,read,0,512,0,soon,0\n",
     "t:2: error: column 7: 'soon' is no latency\n" REMEDY},
    {NULL, OWN "1,0,read,0,512,0,,7\n",
     "t:2: error: column 8: 7 is no flag, 0 or 1\n" REMEDY},
    {NULL, OWN "1,0,read,0,512\n",
     "t:2: error: 5 fields, expected 8\n" REMEDY},
    {NULL, OWN "18446744073709551616,0,read,0,512,0,,0\n",
     "t:2: error: column 1: '18446744073709551616' is no time\n" REMEDY},
    {NULL, OWN "18446744073709551615,0,read,0,512,0,,0\n",
     "t:2: error: absurd time: 18446744073709551615 ns after the first event\n" REMEDY},
    {NULL, OWN,
     "t: error: no requests in it: 0 events, 0 of them 'D', 0 passthrough\n"},
    // fio's iologs.
    {NULL, FIO3 "0 f read 0\n",
     "t:2: error: column 5: '' is no size\n" REMEDY},
    {NULL, FIO3 "0 f write 0 -1\n",
     "t:2: error: column 5: '-1' is no size\n" REMEDY},
    {NULL, FIO3 "now f read 0 512\n",
     "t:2: error: column 1: 'now' is no time\n" REMEDY},
    {NULL, FIO3 "0 f erase 0 512\n",
     "t:2: error: column 3: 'erase' is no operation\n" REMEDY},
    {NULL, FIO3 "0 /my file read 0 512\n",
     "t:2: error: 6 fields, expected at most 5\n" REMEDY},
    {NULL, FIO3 "0 f add\n0 f open\n0 f close\n",
     "t: error: no requests in it: 0 events, 0 of them 'D', 0 passthrough\n"},
    {NULL, FIO2 "f wait long 0\n",
     "t:2: error: column 3: 'long' is no wait\n" REMEDY},
    {NULL, FIO2 "f read 99999999999999999999 512\n",
     "t:2: error: column 3: '99999999999999999999' is no offset\n" REMEDY},
    {NULL, FIO2 "f\n",
     "t:2: error: 1 fields, expected at least 2\n" REMEDY},
    // biosnoop.
    {NULL, SNOOP "1.0 a 12 sda R x 4096 0.5\n",
     "t:2: error: column 6: 'x' is no offset\n" REMEDY},
    {NULL, SNOOP "1.0 a 12 sda R 8 4096 fast\n",
     "t:2: error: column 8: 'fast' is no latency\n" REMEDY},
    {NULL, SNOOP "1.0 a 12 R 8\n",
     "t:2: error: 5 fields, expected at least 7\n" REMEDY},
    {NULL, SNOOP "1.0 a twelve sda R 8 4096 0.5\n",
     "t:2: error: column 3: 'twelve' is no process number\n" REMEDY},
    {NULL, SNOOP "0.5 kworker 91    R 18446744073709551615 0 0.61\n",
     "t: error: no requests in it: 1 events, 1 of them 'D', 0 passthrough\n"},
    // MSR Cambridge.
    {"msr", MSR "Delete,0,512,1\n",
     "t:1: error: column 4: 'Delete' is no operation\n" REMEDY},
    {"msr", MSR "Read,0,512\n",
     "t:1: error: 6 fields, expected 7\n" REMEDY},
    {"msr", ",mds,0,Read,0,512,1\n",
     "t:1: error: column 1: '' is no time\n" REMEDY},
    {"msr", MSR "Read,9223372036854775807,512,1\n",
     "t:1: error: absurd range: 9223372036854775807 + 512 bytes\n" REMEDY},
    {"msr", "1.5e9,mds,0,Read,0,512,1\n",
     "t:1: error: column 1: '1.5e9' is no time\n" REMEDY},
    {"msr", MSR "Read,0,512,-1\n",
     "t:1: error: column 7: '-1' is no latency\n" REMEDY},
    {"msr", MSR "Read,0,0,1\n",
     "t: error: no requests in it: 1 events, 1 of them 'D', 0 passthrough\n"},
    // SYSTOR '17.
    {NULL, SYSTOR "1456095145.133076000,x,R,0,0,512\n",
     "t:2: error: column 2: 'x' is no latency\n" REMEDY},
    {NULL, SYSTOR "1456095145.133076000,0.1,R,0,0\n",
     "t:2: error: 5 fields, expected 6\n" REMEDY},
    {NULL, SYSTOR "1456095145.133076000,,,0,512,1024\n",
     "t: error: no requests in it: 1 events, 1 of them 'D', 0 passthrough\n"},
    // Alibaba and Tencent.
    {"alibaba", "0,X,126703644672,4096,1577808000000626\n",
     "t:1: error: column 2: 'X' is no operation\n" REMEDY},
    {"alibaba", "0,R,126703644672,1577808000000626\n",
     "t:1: error: 4 fields, expected 5\n" REMEDY},
    {"alibaba", "0,R,126703644672,4 KiB,1577808000000626\n",
     "t:1: error: column 4: '4 KiB' is no size\n" REMEDY},
    {"tencent", "1538323200,42655744,8,2,1283\n",
     "t:1: error: column 4: '2' is no operation\n" REMEDY},
    {"tencent", "1538323200,start,8,0,1283\n",
     "t:1: error: column 2: 'start' is no offset\n" REMEDY},
    {"tencent", "1538323200,36028797018963968,8,0,1283\n",
     "t:1: error: column 2: '36028797018963968' is no offset\n" REMEDY},
    // SPC: a line of its own specification.
    {NULL, "0,20939840,8192,W,0.554041\n1,3436288,15872,W,1.250720,0x123,5.99,test\n2,30862016,4096,W,2 448003\n",
     "t: error: not a recording in a known format (sqtail list trace), but 2 of its first 3 lines are of spc; "
     "line 3 is not: column 5: '2 448003' is no time; --from spc --skip-bad N passes over N such lines\n"},
    {NULL, "0,20941264,8192,X,0.551706\n",
     "t: error: not a recording in a known format (sqtail list trace), but text of 5 columns: 1 '0', 2 "
     "'20941264', 3 '8192', 4 'X', 5 '0.551706'" DESCRIBE},
    {"spc", "0,20941264,8192,W\n",
     "t:1: error: 4 fields, expected at least 5\n" REMEDY},
    // FIU.
    {"fiu", FIU "283193184 8 R 6 0\n",
     "t:1: error: 8 fields, expected at least 9\n" REMEDY},
    {"fiu", FIU "283193184 8 E 6 0 56f11b\n",
     "t:1: error: column 6: 'E' is no operation\n" REMEDY},
    {"fiu", FIU "283193184 eight R 6 0 56f11b\n",
     "t:1: error: column 5: 'eight' is no size\n" REMEDY},
    {"fiu-visa", "0.000100 12 x httpd 800 8 W 8 0\n",
     "t:1: error: column 3: 'x' is no CPU\n" REMEDY},
    // DiskSim and ssdsim.
    {"disksim", "5265.313 0 6357144 8 zz\n",
     "t:1: error: column 5: 'zz' is no operation\n" REMEDY},
    {"disksim", "5265.313 0 6357144 8 0 0\n",
     "t:1: error: 6 fields, expected 5\n" REMEDY},
    {"disksim", "-1.0 0 6357144 8 0\n",
     "t:1: error: column 1: '-1.0' is no time\n" REMEDY},
    {"ssdsim", "26214000 0 303574 7 2\n",
     "t:1: error: column 5: '2' is no operation\n" REMEDY},
    {"ssdsim", "26214000 0 303574 7.x 0\n",
     "t:1: error: column 4: '7.x' is no size\n" REMEDY},
    {"ssdsim", "99999999999999999999999 0 303574 7 0\n",
     "t:1: error: column 1: '99999999999999999999999' is no time\n" REMEDY},
    // What is told of columns.
    {"columns", "1 8 R\n",
     "--from: error: no column is said to hold offset" SUCH_AS "--from: error: no column is said to hold bytes"
     SUCH_AS "--from: error: no column is said to hold op" SUCH_AS},
    {"columns: time=1:h offset=2 bytes=2 op=3", "1 8 R\n",
     "--from: error: 'h': is no unit: s, ms, us, 100ns, ns or ps of times, bytes, sectors, KiB, 4KiB or MiB "
     "of sizes\n"},
    {"columns: time=65 offset=2 bytes=2 op=3", "1 8 R\n",
     "--from: error: '65': is no column; they count from 1, or from -1 at the end\n"},
    {"columns: skip=-1 offset=2 bytes=2 op=3", "1 8 R\n",
     "--from: error: '-1': is no number of lines to pass over\n"},
    {"columns: zero=never offset=2 bytes=2 op=3", "1 8 R\n",
     "--from: error: 'never': zero of times is start, as they stand, or first, that of the first request\n"},
    {"columns: other=maybe offset=2 bytes=2 op=3", "1 8 R\n",
     "--from: error: 'maybe': other operations are bad (malformed), or they count, and are not replayed\n"},
    {"columns: fields=3-x offset=2 bytes=2 op=3", "1 8 R\n",
     "--from: error: '3-x': is no number of fields, such as 6, 5- or 8-9\n"},
    {"columns: op=3:&0 offset=2 bytes=2", "1 8 R\n",
     "--from: error: '&0': names no bits; &1: bit 0 tells a read\n"},
    {"columns: separator=dot offset=2 bytes=2 op=3", "1 8 R\n",
     "--from: error: 'dot': is no separator: blank, comma, tab, semicolon, bar or colon\n"},
    {"columns: tme=1 offset=2 bytes=2 op=3", "1 8 R\n",
     "--from: error: unknown word 'tme' of a description of columns; did you mean 'time'?\n"},
    {"columns: time=4 offset=2 bytes=2 op=3", "1 8 R\n",
     "t:1: error: column 4: '' is no time\n" REMEDY},
    {"columns: offset=2:4KiB bytes=1:MiB op=3", "9999999999999 8 R\n",
     "t:1: error: absurd range: 32768 + 10485759999998951424 bytes\n" REMEDY},
    {"msrr", "1 8 R\n",
     "--from: error: unknown format 'msrr' of a recording; did you mean 'msr'?\n"},
    {"vscsi: time=1", "1 8 R\n",
     "--from: error: format vscsi takes no description\n"},
    // blkparse's text.
    {NULL, FIRST "Q R 8 + 8 [a]\n259,1048576    0        2     0.000000005   767  D R 8 + 8 [a]\n",
     "t:2: error: bad device\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n259,0    0        2     0.000000005   x  D R 8 + 8 [a]\n",
     "t:2: error: bad process number\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n259,0    0        2     0.5   767  D R 8 + 8 [a]\n",
     "t:2: error: bad time: expected nine digits after the point\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n259,0    70000        2     0.000000005   767  D R 8 + 8 [a]\n",
     "t:2: error: bad CPU number\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n259,0    0   4294967296     0.000000005   767  D R 8 + 8 [a]\n",
     "t:2: error: bad sequence number\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n" SECOND "E R 8 + 8 [a]\n",
     "t:2: error: unknown action\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n" SECOND "D Q 8 + 8 [a]\n",
     "t:2: error: unknown rwbs\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n" SECOND "D R 8 + 8 a\n",
     "t:2: error: expected [process]\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n" SECOND "D R 8 + 8 [a\n",
     "t:2: error: expected ] after the process\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n" SECOND "X R 8 [a]\n",
     "t:2: error: expected / after the sector\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n" SECOND "A R 8 + 8 <- (259) 8\n",
     "t:2: error: bad device\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n" SECOND "C R 8 + 8 [99999]\n",
     "t:2: error: bad error number\n" REMEDY},
    {NULL, FIRST "Q R 8 + 8 [a]\n" SECOND "C R 8 + 8 [0]\n",
     "t: error: no requests in it: 2 events, 0 of them 'D', 0 passthrough; --action Q replays what was queued\n"},
    {NULL, FIRST "D N 36 (12 00 zz) [a]\n" SECOND "D R 8 + 8 [a]\n",
     "t:1: error: bad command of a passthrough request\n" REMEDY},
    {NULL, FIRST "D R 8 + 8 [a]\n" SECOND "D R 36028797018963968 + 8 [a]\n",
     "t:2: error: absurd range: sector 36028797018963968 + 8\n" REMEDY},
    // The kernel's own text.
    {NULL, HEAD "block_rq_issue: 8,0 R 4096 () 64 + 8 [a]\n" HEAD "block_rq_issue: 8,0 R 4096 () 64 [a]\n",
     "t:2: error: expected + after the sector\n" REMEDY},
    {NULL, HEAD "block_rq_issue: 8,0 R 4096 () 64 + 8 [a]\n" HEAD "block_rq_complete: 8,0 R () 64 + 8 [e]\n",
     "t:2: error: bad error number\n" REMEDY},
    {NULL, HEAD "block_bio_queue: 8,0 R 64 + 8 [a]\n",
     "t: error: no requests in it: 1 events, 0 of them 'D', 0 passthrough; --action Q replays what was queued\n"},
    {NULL, HEAD "block_rq_complete: 8,0 R () 64 + 8 [0]\n",
     "t: error: no requests in it: 1 events, 0 of them 'D', 0 passthrough; completions do not tell when a "
     "request began: record issues, too (without blktrace's or blkparse's -a complete)\n"},
    {"ftrace", HEAD "sched_switch: prev_comm=a\n",
     "t:1: warning: passed over, and with it every line that is no event: 1 in all\n"
     "t: error: no requests in it: 0 events, 0 of them 'D', 0 passthrough\n"},
    // No recording.
    {NULL, "\n",
     "t: error: not a recording in a known format (sqtail list trace)\n"},
    {NULL, "rw, 0, 4096\n",
     "t: error: not a recording in a known format (sqtail list trace), but text of 3 columns: 1 'rw', 2 '0', "
     "3 '4096'" DESCRIBE},
    {NULL, "a b c d e f g h i j\n",
     "t: error: not a recording in a known format (sqtail list trace), but text of 10 columns: 1 'a', 2 'b', "
     "3 'c', 4 'd', 5 'e', 6 'f', 7 'g', 8 'h', ..." DESCRIBE},
    {NULL, "\1\2\3\n",
     "t: error: not a recording in a known format (sqtail list trace)\n"},
    {NULL, "PERFILE2\1",
     "t: error: this is perf's data, which perf script --ns makes text of\n"},
    {NULL, "$$TR_IOREC-1.3 (IOAdaptor)\n",
     "t: error: this is HP's SRT, which is not read\n"},
    {NULL, "# tracer: nop\n#\n  cc1-10 3d..2. 12us+: block_rq_issue: 8,0 R 0 () 8 + 8 [a]\n",
     "t: error: this is ftrace's, but without a block event that has a time: context-info must be set among "
     "its options, and latency-format must not\n"},
    {NULL, "TIME(ms)     COMM           PID    LAT(ms)\n611  bash   4179   10\n",
     "t: error: this is bpftrace's biosnoop.bt, which does not say where requests went: bcc's biosnoop does\n"},
};

static void expect_told(struct fixture *f, const char *format, const char *text, const char *told)
{
    struct trace_options options = {.format = format};
    struct diag *diag = diag_create();
    f->trace = trace_open_memory(diag, "t", text, strlen(text), &options);
    if (f->trace != NULL)
        fail_msg("accepted: %s", text);
    char *said = printed(diag);
    if (strcmp(said, told) != 0)
        fail_msg("%s\nas %s: said:\n%s\nexpected:\n%s", text, format == NULL ? "it is" : format, said, told);
    free(said);
    diag_destroy(diag);
}

static void test_what_is_wrong_is_told_word_for_word(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        expect_told(*state, rows[i].format, rows[i].text, rows[i].told);
    assert_true(ARRAY_SIZE(rows) >= LEAST_ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_wrong_is_told_word_for_word, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
