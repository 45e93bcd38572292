// Plugs of a recording's processes: from each order of a process' events, what becomes of its requests.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "spec/blktrace.h"
#include "trace/build/plugs.h"
#include "util/macros.h"

enum { REQUESTS_MAX = 8 };

struct fates {
    unsigned of[REQUESTS_MAX];
};

static void tell(void *context, uint64_t request, unsigned fate)
{
    struct fates *fates = context;
    if ((fate & (PLUG_CLOSED | PLUG_ENDS | PLUG_SLEEPS)) != 0)
        fates->of[request] &= ~(unsigned)PLUG_OPEN;
    fates->of[request] |= fate & ~(unsigned)PLUG_CLOSED;
}

// Events by blkparse's letters, T for UT; `wanted` has a word for each Q: H held, E the plug ends after it, S its process
// sleeps after it, s it slept before it had its place, o what ends the plug is not known; - nothing.
static void check(const char *events, const char *wanted)
{
    static const char letters[] = "?QMFGSRDCPUTIX";
    struct plugs plugs;
    struct fates fates = {{0}};
    char found[64] = "";
    uint64_t count = 0;
    plugs_init(&plugs);
    for (const char *event = events; *event != '\0'; event++) {
        unsigned action = (unsigned)(strchr(letters, *event) - letters);
        count += action == BLKTRACE_QUEUE;
        plugs_note(&plugs, 100, 0, action, count - 1, tell, &fates);
    }
    plugs_destroy(&plugs);
    for (uint64_t i = 0; i < count; i++) {
        unsigned fate = fates.of[i];
        bool open = (fate & (PLUG_OPEN | PLUG_HELD)) == (PLUG_OPEN | PLUG_HELD);
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s%s%s%s ", fate & PLUG_HELD ? "H" : "-",
                 fate & PLUG_ENDS ? "E" : "", fate & PLUG_SLEEPS ? "S" : "", fate & PLUG_SLEPT ? "s" : "",
                 open ? "o" : "");
    }
    assert_string_equal(found, wanted);
}

static void test_requests_without_a_plug_are_issued_as_they_come(void **state)
{
    (void)state;
    check("QGDQGD", "- - ");
    check("QXGDGD", "- "); // in two parts
}

static void test_a_plug_ends_where_its_process_issues_what_it_holds(void **state)
{
    (void)state;
    check("QGPD", "HE ");
    check("QGPQMQMD", "H H HE ");
    check("QGPQGDDQGD", "H HE - "); // the second one went in without a word
    check("QGPQGDD", "H Ho ");      // full, or ended: not known yet
}

static void test_a_full_plug_is_emptied_and_the_next_begins(void **state)
{
    (void)state;
    check("QGPQGDPD", "H HE ");
    check("QGPQGUPD", "H HE "); // with a scheduler
    check("QXGPGDPTI", "HS ");
}

static void test_a_process_that_sleeps_empties_its_plug(void **state)
{
    (void)state;
    check("QGPTID", "HS ");
    check("QGPQTIGPTI", "H HSs "); // in the middle of the second one
}

static void test_others_events_are_others(void **state)
{
    (void)state;
    struct plugs plugs;
    struct fates fates = {{0}};
    plugs_init(&plugs);
    plugs_note(&plugs, 1, 0, BLKTRACE_QUEUE, 0, tell, &fates);
    plugs_note(&plugs, 1, 0, BLKTRACE_GETRQ, 0, tell, &fates);
    plugs_note(&plugs, 1, 0, BLKTRACE_PLUG, 0, tell, &fates);
    plugs_note(&plugs, 2, 0, BLKTRACE_ISSUE, 0, tell, &fates); // another process,
    plugs_note(&plugs, 1, 9, BLKTRACE_ISSUE, 0, tell, &fates); // another device,
    plugs_note(&plugs, 0, 0, BLKTRACE_ISSUE, 0, tell, &fates); // nobody
    assert_int_equal(fates.of[0], PLUG_HELD | PLUG_OPEN);
    plugs_note(&plugs, 1, 0, BLKTRACE_ISSUE, 0, tell, &fates);
    assert_int_equal(fates.of[0], PLUG_HELD | PLUG_ENDS);
    plugs_destroy(&plugs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_without_a_plug_are_issued_as_they_come),
        cmocka_unit_test(test_a_plug_ends_where_its_process_issues_what_it_holds),
        cmocka_unit_test(test_a_full_plug_is_emptied_and_the_next_begins),
        cmocka_unit_test(test_a_process_that_sleeps_empties_its_plug),
        cmocka_unit_test(test_others_events_are_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
