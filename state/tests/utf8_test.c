/* Tables from RFC 3629 and the stress test of Markus Kuhn. */
#include "sample.h"

#include <atrium/str.h>

typedef struct row {
    const char *name;
    const char *text;
    size_t size;
    size_t valid; /* what the check returns */
} row;

#define GOOD(name, text)                               \
    {                                                  \
        name, text, sizeof(text) - 1, sizeof(text) - 1 \
    }
#define BAD(name, text, valid)              \
    {                                       \
        name, text, sizeof(text) - 1, valid \
    }

static void check(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t valid = atr_utf8_check(rows[i].text, rows[i].size);
        if (valid != rows[i].valid) {
            fail_msg("%s: %zu instead of %zu", rows[i].name, valid, rows[i].valid);
        }
    }
}

static void valid_text_is_accepted(void **state)
{
    static const row rows[] = {
        GOOD("empty", ""),
        GOOD("ASCII", "milk"),
        GOOD("NUL inside", "a\0b"),
        GOOD("first of two bytes", "\xc2\x80"),
        GOOD("last of two bytes", "\xdf\xbf"),
        GOOD("first of three bytes", "\xe0\xa0\x80"),
        GOOD("before the surrogates", "\xed\x9f\xbf"),
        GOOD("after the surrogates", "\xee\x80\x80"),
        GOOD("last of three bytes", "\xef\xbf\xbf"),
        GOOD("first of four bytes", "\xf0\x90\x80\x80"),
        GOOD("last of all", "\xf4\x8f\xbf\xbf"),
        GOOD("long ASCII", "0123456789abcdefghijklmnopqrstuvwxyz"),
        GOOD("across words", "1234567\xc3\xa4"
                             "1234567\xe2\x82\xac"),
    };
    check(rows, sizeof rows / sizeof *rows);
}

static void overlong_forms_are_refused(void **state)
{
    static const row rows[] = {
        BAD("NUL in two bytes", "\xc0\x80", 0),
        BAD("slash in two bytes", "a\xc0\xaf", 1),
        BAD("last overlong of two bytes", "\xc1\xbf", 0),
        BAD("slash in three bytes", "\xe0\x80\xaf", 0),
        BAD("last overlong of three bytes", "\xe0\x9f\xbf", 0),
        BAD("slash in four bytes", "\xf0\x80\x80\xaf", 0),
        BAD("last overlong of four bytes", "\xf0\x8f\xbf\xbf", 0),
        BAD("five bytes", "\xf8\x88\x80\x80\x80", 0),
        BAD("six bytes", "\xfc\x84\x80\x80\x80\x80", 0),
    };
    check(rows, sizeof rows / sizeof *rows);
}

static void surrogates_are_refused(void **state)
{
    static const row rows[] = {
        BAD("first high", "\xed\xa0\x80", 0),
        BAD("last high", "\xed\xaf\xbf", 0),
        BAD("first low", "\xed\xb0\x80", 0),
        BAD("last low", "\xed\xbf\xbf", 0),
        BAD("a pair", "ab\xed\xa0\x80\xed\xb0\x80", 2),
    };
    check(rows, sizeof rows / sizeof *rows);
}

static void what_lies_above_the_last_code_point_is_refused(void **state)
{
    static const row rows[] = {
        BAD("U+110000", "\xf4\x90\x80\x80", 0),
        BAD("F5", "\xf5\x80\x80\x80", 0),
        BAD("FE", "\xfe", 0),
        BAD("FF", "\xff", 0),
    };
    check(rows, sizeof rows / sizeof *rows);
}

static void truncated_and_misplaced_bytes_are_refused_where_they_begin(void **state)
{
    static const row rows[] = {
        BAD("two bytes, one there", "\xc3", 0),
        BAD("three bytes, two there", "x\xe2\x82", 1),
        BAD("four bytes, three there", "xy\xf0\x9f\x98", 2),
        BAD("second byte missing",
            "\xc3"
            "a",
            0),
        BAD("third byte missing",
            "\xe2\x82"
            "a",
            0),
        BAD("fourth byte missing",
            "\xf0\x9f\x98"
            "a",
            0),
        BAD("continuation alone", "\x80", 0),
        BAD("continuation behind a word", "12345678\xbf", 8),
        BAD("continuation too many", "\xc3\xa4\xa4", 2),
    };
    check(rows, sizeof rows / sizeof *rows);
}

/* A bad byte at each place of text longer than two words. */
static void a_bad_byte_is_found_at_any_place(void **state)
{
    for (size_t size = 1; size <= 40; size++) {
        for (size_t at = 0; at < size; at++) {
            char text[40];
            memset(text, 'a', sizeof text);
            text[at] = (char)0xff;

            assert_int_equal(atr_utf8_check(text, size), at);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(valid_text_is_accepted),
        PLAIN(overlong_forms_are_refused),
        PLAIN(surrogates_are_refused),
        PLAIN(what_lies_above_the_last_code_point_is_refused),
        PLAIN(truncated_and_misplaced_bytes_are_refused_where_they_begin),
        PLAIN(a_bad_byte_is_found_at_any_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
