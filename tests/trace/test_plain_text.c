// What terminals and editors put into text goes, and nothing else does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/input/plain_text.h"
#include "util/macros.h"

// The same in pieces: wherever one ends, the whole comes out.
static void expect_pieces(const char *from, size_t size, size_t piece, const char *wanted, size_t wanted_size)
{
    struct plain_text text = {0};
    uint8_t *bytes = malloc(size + 1);
    size_t plain = 0, left = 0, at = 0;
    do {
        size_t more = MIN(at == 0 ? MAX(piece, (size_t)PLAIN_TEXT_FIRST) : piece, size - at);
        memcpy(bytes + plain + left, from + at, more);
        at += more;
        plain += plain_text_part(&text, bytes + plain, left + more, at == size, &left);
    } while (at < size);
    assert_int_equal(plain, wanted_size);
    assert_memory_equal(bytes, wanted, wanted_size);
    free(bytes);
}

// In memory of exactly that size, so that reading beyond it is noticed.
static void expect_bytes(const char *from, size_t size, const char *wanted, size_t wanted_size)
{
    uint8_t *bytes = malloc(size);
    memcpy(bytes, from, size);
    assert_int_equal(plain_text(bytes, size), wanted_size);
    assert_memory_equal(bytes, wanted, wanted_size);
    free(bytes);
    for (size_t piece = 1; piece < 8; piece++)
        expect_pieces(from, size, piece, wanted, wanted_size);
}

#define EXPECT(from, wanted) expect_bytes(from, sizeof from - 1, wanted, sizeof wanted - 1)

static void test_control_sequences_go(void **state)
{
    (void)state;
    EXPECT("a \33[01;31m\33[K D \33[m\33[Kb\n", "a  D b\n"); // grep --color
    EXPECT("\33[?2004l\r8,0\n", "\r8,0\n");                    // a shell's bracketed paste
    EXPECT("\33]0;root@host: ~\7# x\n", "# x\n");              // a title, ended by BEL
    EXPECT("\33]0;title\33\\# x\n", "# x\n");                  // and by ST
    EXPECT("\33(B\33[mx\33=y\33" "7z\n", "xyz\n");             // character set, keypad, cursor
}

static void test_cut_off_sequences_take_no_more_than_their_line(void **state)
{
    (void)state;
    EXPECT("a\33", "a");
    EXPECT("a\33[", "a");
    EXPECT("a\33[31", "a");
    EXPECT("a\33]0;t", "a");
    EXPECT("a\33\nb", "a\nb");
    EXPECT("a\33[3\nb", "a\nb");
    EXPECT("a\33]0;t\nb", "a\nb");
    EXPECT("a\33]0;t\33", "a");
}

static void test_utf_16_becomes_plain(void **state)
{
    (void)state;
    EXPECT("\xff\xfe" "8\0,\0\xe4\0\x01\x30\n\0", "8,??\n");
    EXPECT("\xfe\xff" "\0" "8\0,\0\xe4\x30\x01\0\n", "8,??\n");
    EXPECT("\xff\xfe" "8\0,", "8");
    EXPECT("\xff\xfe" "\33\0[\0m\0x\0", "x");
    EXPECT("\xff\xfe", "");
}

#define LONG "8,0    1        1     0.000000000   697  D   R 8 + 8 [dd]\n"

static void test_pieces_may_end_anywhere(void **state)
{
    (void)state;
    EXPECT(LONG "a\33[01;31mb\33]0;title\33\\c\33(Bd\n" LONG "\33[m\n", LONG "abcd\n" LONG "\n");
    EXPECT("\xff\xfe" "8\0,\0" "1\0" "2\0" "3\0" "4\0" "5\0" "6\0" "7\0" "8\0" "9\0" "0\0" "1\0" "2\0" "3\0" "4\0"
           "5\0" "6\0" "7\0" "8\0" "9\0" "0\0" "1\0" "2\0" "3\0" "4\0" "\33\0[\0" "3\0" "1\0m\0x\0\x01\x30y\0\33\0[\0m\0",
           "8,123456789012345678901234x?y");
}

static void test_the_rest_stays(void **state)
{
    (void)state;
    EXPECT("8,0 0\r\n\xef\xbb\xbf\xe4", "8,0 0\r\n\xef\xbb\xbf\xe4");
    EXPECT("\7\164ae\1\0\0\0\33[m\33[K", "\7\164ae\1\0\0\0\33[m\33[K"); // a record of blktrace
    EXPECT("\xff", "\xff");
    assert_int_equal(plain_text(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_control_sequences_go),
        cmocka_unit_test(test_cut_off_sequences_take_no_more_than_their_line),
        cmocka_unit_test(test_utf_16_becomes_plain),
        cmocka_unit_test(test_pieces_may_end_anywhere),
        cmocka_unit_test(test_the_rest_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
