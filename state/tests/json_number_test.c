/* Numbers and times in JSON that is read: exact, nearest or refused. */
#include "json_sample.h"

#include <locale.h>
#include <math.h>

/* ---- numbers ---- */

static const struct {
    const char *text;
    bool good;
    int64_t number;
} integers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"9007199254740993", true, 9007199254740993},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"18446744073709551616", false, 0},
    {"99999999999999999999999999999999999999", false, 0},
};

static void integers_are_exact_or_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    char text[100];
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        const atr_i64_vec *v;
        snprintf(text, sizeof text, "[%s]", integers[i].text);
        v = read_text(s, &atr_i64_vec_model, text);
        if (integers[i].good) {
            assert_null(atr_scope_error(s));
            assert_true(atr_i64_vec_at(v, 0) == integers[i].number);
        } else {
            expect_error(s, ATR_JSON_E_RANGE, "$[0]", "beyond the range of i64");
        }
    }
    atr_scope_close(s);
}

static const struct {
    const char *text;
    bool good;
} narrow[] = {
    {"{\"small\":2147483647}", true},   {"{\"small\":-2147483648}", true},
    {"{\"small\":2147483648}", false},  {"{\"small\":-2147483649}", false},
    {"{\"natural\":4294967295}", true}, {"{\"natural\":4294967296}", false},
    {"{\"natural\":-1}", false},        {"{\"natural\":-0}", true},
};

static void narrow_integers_keep_their_range(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options fill = {.fill_missing = true};
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) {
        atr_from_json(s, &everything_model, narrow[i].text, strlen(narrow[i].text), &fill);
        if (narrow[i].good) {
            assert_null(atr_scope_error(s));
        } else {
            expect_error(s, ATR_JSON_E_RANGE, NULL, "beyond the range");
        }
    }
    atr_scope_close(s);
}

static const struct {
    const char *text;
    double number;
} reals[] = {
    {"0", 0},
    {"-0", 0},
    {"-0.0", 0},
    {"1e400", INFINITY},
    {"-1e400", INFINITY},
    {"1e-400", 0},
    {"5e-324", 5e-324},
    {"1.7976931348623157e308", 1.7976931348623157e308},
    {"1.7976931348623159e308", INFINITY},
    {"0.1", 0.1},
    {"-123456789012345.5", -123456789012345.5},
    {"123456789012345678901234567890", 123456789012345678901234567890.0},
    {"2.2250738585072011e-308", 2.2250738585072011e-308},
    {"9007199254740993", 9007199254740992.0},
    {"1E+2", 100},
    {"0.000000000000000000000000000001", 1e-30},
};

static void reals_are_the_nearest_or_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    char text[100];
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        const atr_f64_vec *v;
        snprintf(text, sizeof text, "[%s]", reals[i].text);
        v = read_text(s, &atr_f64_vec_model, text);
        if (isinf(reals[i].number)) {
            expect_error(s, ATR_JSON_E_RANGE, "$[0]", "beyond the range of f64");
        } else {
            assert_null(atr_scope_error(s));
            assert_true(atr_f64_vec_at(v, 0) == reals[i].number);
            assert_false(signbit(atr_f64_vec_at(v, 0)) && reals[i].number == 0);
        }
    }
    atr_scope_close(s);
}

/* A locale with a comma, where the machine has one. */
static void the_locale_changes_nothing(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ps_AF.UTF-8"};
    atr_scope *s = atr_scope_open(NULL);
    const char *text = "[0.30000000000000004,1.5,1.7976931348623157e+308]";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (setlocale(LC_NUMERIC, names[i]) != NULL) {
            break;
        }
    }
    const atr_f64_vec *v = read_text(s, &atr_f64_vec_model, text);
    const atr_str *again = atr_to_json(s, v, NULL);
    setlocale(LC_NUMERIC, "C");

    assert_string_equal(again->bytes, text);
    atr_scope_close(s);
}

/* ---- times ---- */

static const struct {
    const char *text;
    int64_t time; /* 0: refused */
    const char *words;
} times[] = {
    {"1970-01-01T00:00:00.000001Z", 1, NULL},
    {"2023-11-14T22:13:20Z", 1700000000000000, NULL},
    {"2023-11-14t22:13:20.5z", 1700000000500000, NULL},
    {"2023-11-15T00:13:20+02:00", 1700000000000000, NULL},
    {"2023-11-14T16:43:20.000000-05:30", 1700000000000000, NULL},
    {"2023-11-14T22:13:20.123456000000Z", 1700000000123456, NULL},
    {"0001-01-01T00:00:00Z", -62135596800000000, NULL},
    {"9999-12-31T23:59:59.999999Z", 253402300799999999, NULL},
    {"2024-02-29T00:00:00Z", 1709164800000000, NULL},
    {"1900-03-01T00:00:00-00:00", -2203891200000000, NULL},
    {"0001-01-01T00:00:00+00:01", 0, "outside of the years"},
    {"9999-12-31T23:59:59-00:01", 0, "outside of the years"},
    {"0000-12-31T00:00:00Z", 0, "outside of the years"},
    {"2023-11-14T22:13:20.1234567Z", 0, "finer than a microsecond"},
    {"2023-02-29T00:00:00Z", 0, "no calendar"},
    {"2023-13-01T00:00:00Z", 0, "no calendar"},
    {"2023-00-01T00:00:00Z", 0, "no calendar"},
    {"2023-01-00T00:00:00Z", 0, "no calendar"},
    {"2023-01-01T24:00:00Z", 0, "no clock"},
    {"2023-01-01T00:60:00Z", 0, "no clock"},
    {"2016-12-31T23:59:60Z", 0, "leap second"},
    {"2023-01-01T00:00:00", 0, "no time"},
    {"2023-01-01 00:00:00Z", 0, "no time"},
    {"2023-01-01T00:00Z", 0, "no time"},
    {"2023-01-01T00:00:00.Z", 0, "no time"},
    {"2023-01-01T00:00:00,5Z", 0, "no time"},
    {"2023-01-01T00:00:00+2:00", 0, "no time"},
    {"2023-01-01T00:00:00+24:00", 0, "no time"},
    {"2023-01-01T00:00:00+0200", 0, "no time"},
    {"2023-01-01T00:00:00Zx", 0, "no time"},
    {"+2023-01-01T00:00:00Z", 0, "no time"},
    {"2023-1-1T00:00:00Z", 0, "no time"},
    {"2023-01-01", 0, "no time"},
    {"", 0, "no time"},
};

static void times_are_those_of_rfc_3339(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options fill = {.fill_missing = true};
    char text[100];
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        const everything *v;
        snprintf(text, sizeof text, "{\"at\":\"%s\"}", times[i].text);
        v = atr_from_json(s, &everything_model, text, strlen(text), &fill);
        if (times[i].time != 0) {
            assert_null(atr_scope_error(s));
            assert_true(v->at == times[i].time);
        } else {
            expect_error(s, ATR_JSON_E_FORM, "$.at", times[i].words);
        }
    }
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(integers_are_exact_or_refused),    PLAIN(narrow_integers_keep_their_range),
        PLAIN(reals_are_the_nearest_or_refused), PLAIN(the_locale_changes_nothing),
        PLAIN(times_are_those_of_rfc_3339),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
