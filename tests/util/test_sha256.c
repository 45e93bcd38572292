// SHA-256 against the example values of FIPS 180-4 as NIST publishes them, whatever pieces the bytes come in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/sha256.h"

static void hash_in_pieces(const char *bytes, size_t size, size_t piece, char hex[SHA256_HEX_SIZE])
{
    struct sha256 hash;
    sha256_init(&hash);
    for (size_t at = 0; at < size; at += piece)
        sha256_add(&hash, bytes + at, size - at < piece ? size - at : piece);
    sha256_finish(&hash, hex);
}

static void test_published_values(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
         "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char hex[SHA256_HEX_SIZE];
        hash_in_pieces(cases[i].text, strlen(cases[i].text), 1000, hex);
        assert_string_equal(hex, cases[i].hex);
    }
}

static void test_a_million_letters_in_any_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 3, 63, 64, 65, 127, 128, 4096, 1000000};
    char *text = malloc(1000000);
    memset(text, 'a', 1000000);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        char hex[SHA256_HEX_SIZE];
        hash_in_pieces(text, 1000000, pieces[i], hex);
        assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_values),
        cmocka_unit_test(test_a_million_letters_in_any_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
