#include "sample.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "text.h"

#define SECRET(F) \
    F(str, name)  \
    F(opt(str), password)
#define SECRET_ATTRS(A) A(password, .redacted = true)
ATR_MODEL(secret, SECRET);
ATR_MODEL_IMPL_WITH(secret, SECRET, SECRET_ATTRS, .atr = ATR_HEAD(secret));

static void a_model_is_printed_on_one_line(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_string_equal(atr_print(s, sample_item(s, 1, "milk"))->bytes,
                        "todo_item{id: 1, title: \"milk\", done: false}");
    atr_scope_close(s);
}

static void every_kind_is_printed(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_string_equal(
        atr_print(s, sample_everything(s, 1))->bytes,
        "everything{flag: true, small: -1, natural: 4000000000, big: 1, real: 1.5, "
        "at: 2023-11-14T22:13:20.000001Z, shown: done, text: \"text 1\", "
        "raw: bytes(3)\"000102\", item: todo_item{id: 1, title: \"item\", done: false}, "
        "items: [todo_item{id: 1, title: \"item\", done: false}], words: [\"text 1\"], "
        "numbers: [8], reals: [1.5], "
        "by_id: {1: todo_item{id: 1, title: \"item\", done: false}}, "
        "by_name: {\"text 1\": todo_item{id: 1, title: \"item\", done: false}}, "
        "counts: {\"text 1\": 1}, ids: {1}, tags: {\"text 1\"}, opt_flag: false, opt_small: 1, "
        "opt_natural: 3, opt_big: 1, opt_real: 0.25, opt_at: 1970-01-01T00:00:00.000001Z, "
        "opt_shown: hidden, opt_text: \"text 1\", opt_raw: bytes(3)\"000102\", "
        "opt_item: todo_item{id: 1, title: \"item\", done: false}, "
        "other: todo_item{id: 1, title: \"item\", done: false}}");
    atr_scope_close(s);
}

static void what_is_absent_is_printed_as_none_null_or_empty(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_string_equal(
        atr_print(s, &everything_default)->bytes,
        "everything{flag: false, small: 0, natural: 0, big: 0, real: 0, "
        "at: 1970-01-01T00:00:00Z, shown: all, text: \"\", raw: bytes(0)\"\", "
        "item: todo_item{id: 0, title: \"\", done: false}, items: [], words: [], numbers: [], "
        "reals: [], by_id: {}, by_name: {}, counts: {}, ids: {}, tags: {}, opt_flag: none, "
        "opt_small: none, opt_natural: none, opt_big: none, opt_real: none, opt_at: none, "
        "opt_shown: none, opt_text: none, opt_raw: none, opt_item: none, other: null}");
    assert_string_equal(atr_print(s, NULL)->bytes, "null");
    atr_scope_close(s);
}

static void entries_come_in_the_order_of_their_keys(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_set *ids = NULL;
    const atr_i64_str_map *counts = NULL;

    for (int i = 0; i < 5; i++) {
        ids = atr_i64_set_add(s, ids, (i * 7 + 3) % 5 - 2);
        counts = atr_i64_str_map_set(s, counts, atr_str_format(s, "%c", 'a' + (i * 3) % 5), i);
    }

    assert_string_equal(atr_print(s, ids)->bytes, "{-2, -1, 0, 1, 2}");
    assert_string_equal(atr_print(s, counts)->bytes,
                        "{\"a\": 0, \"b\": 2, \"c\": 4, \"d\": 1, \"e\": 3}");
    atr_scope_close(s);
}

static void ordered_maps_and_opaque_values_are_printed(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_f64_oset *reals = atr_f64_oset_add(s, NULL, (double)NAN);

    reals = atr_f64_oset_add(s, atr_f64_oset_add(s, reals, 10), -0.0);
    assert_string_equal(
        atr_print(s, sample_ladder(s, 1))->bytes,
        "ladder{by_id: {1: todo_item{id: 1, title: \"item\", done: false}}, by_weight: {1.5: 1}, "
        "log: {1970-01-01T00:00:00.000001Z: \"text 1\"}, rates: {\"text 1\": 1.25}, ids: {1}, "
        "weights: {1.5}, times: {1970-01-01T00:00:00.000001Z}, tags: {\"text 1\"}, "
        "items: {todo_item{id: 1, title: \"item\", done: false}}, image: opaque(image)}");
    assert_string_equal(atr_print(s, &ladder_default)->bytes,
                        "ladder{by_id: {}, by_weight: {}, log: {}, rates: {}, ids: {}, "
                        "weights: {}, times: {}, tags: {}, items: {}, image: none}");
    assert_string_equal(atr_print(s, reals)->bytes, "{0, 10, nan}");
    atr_scope_close(s);
}

static void text_is_quoted_and_escaped(void **state)
{
    static const struct {
        const char *text, *printed;
    } rows[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
        {"\xc3\xa4\xe2\x82\xac", "\"\xc3\xa4\xe2\x82\xac\""},
    };
    atr_scope *s = atr_scope_open(NULL);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(atr_print(s, atr_str_new(s, rows[i].text))->bytes, rows[i].printed);
    }
    assert_string_equal(atr_print(s, atr_str_new_n(s, "a\0b", 3))->bytes, "\"a\\u0000b\"");
    atr_scope_close(s);
}

static void long_bytes_are_cut(void **state)
{
    unsigned char raw[33] = {0};
    atr_scope *s = atr_scope_open(NULL);
    raw[0] = 0xab;

    const atr_str *whole = atr_print(s, atr_bytes_new(s, raw, 32));
    const atr_str *cut = atr_print(s, atr_bytes_new(s, raw, 33));

    assert_string_equal(
        whole->bytes,
        "bytes(32)\"ab00000000000000000000000000000000000000000000000000000000000000\"");
    assert_string_equal(
        cut->bytes,
        "bytes(33)\"ab00000000000000000000000000000000000000000000000000000000000000...\"");
    atr_scope_close(s);
}

static void real_numbers_are_short_and_read_back_the_same(void **state)
{
    static const struct {
        double value;
        const char *printed;
    } rows[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {1.0, "1"},
        {0.1, "0.1"},
        {-2.5, "-2.5"},
        {1e100, "1e+100"},
        {NAN, "nan"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {0.1 + 0.2, "0.30000000000000004"},
        {123456789012345680.0, "1.2345678901234568e+17"},
    };
    static const double others[] = {1.0 / 3, DBL_MAX, DBL_MIN, DBL_EPSILON, 5e-324, 2.0 / 3e200};
    atr_scope *s = atr_scope_open(NULL);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        atr_text text = {0};
        atr_text_f64(&text, rows[i].value);
        assert_string_equal(atr_text_finish(&text, s)->bytes, rows[i].printed);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        atr_text text = {0};
        atr_text_f64(&text, others[i]);
        assert_true(strtod(atr_text_finish(&text, s)->bytes, NULL) == others[i]);
    }
    atr_scope_close(s);
}

/* Where no locale with a comma is installed this shows little, but breaks nothing. */
static void numbers_do_not_depend_on_the_locale(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C"};
    atr_scope *s = atr_scope_open(NULL);
    atr_text text = {0};

    for (size_t i = 0; i < 3 && setlocale(LC_NUMERIC, names[i]) == NULL; i++) {
    }
    atr_text_f64(&text, -1234.5e-20);
    setlocale(LC_NUMERIC, "C");

    assert_string_equal(atr_text_finish(&text, s)->bytes, "-1.2345e-17");
    atr_scope_close(s);
}

static void times_are_printed_in_utc(void **state)
{
    static const struct {
        int64_t time;
        const char *printed;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {1, "1970-01-01T00:00:00.000001Z"},
        {951782400000000, "2000-02-29T00:00:00Z"},
        {-2203977600000000, "1900-02-28T00:00:00Z"},
        {-2203891200000000, "1900-03-01T00:00:00Z"},
        {4107542400000000, "2100-03-01T00:00:00Z"},
        {1709210096789000, "2024-02-29T12:34:56.789000Z"},
        {-62135596800000000, "0001-01-01T00:00:00Z"},
        {-62135596800000001, "-62135596800000001"},
        {253402300799999999, "9999-12-31T23:59:59.999999Z"},
        {253402300800000000, "253402300800000000"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    atr_scope *s = atr_scope_open(NULL);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        atr_text text = {0};
        atr_text_time(&text, rows[i].time);
        assert_string_equal(atr_text_finish(&text, s)->bytes, rows[i].printed);
    }
    atr_scope_close(s);
}

static void redacted_fields_are_hidden(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const secret *login =
        ATR_NEW(s, secret, .name = ATR_STR(s, "jo"), .password = ATR_STR(s, "hunter2"));

    assert_string_equal(atr_print(s, login)->bytes, "secret{name: \"jo\", password: <redacted>}");
    assert_string_equal(atr_print(s, &secret_default)->bytes,
                        "secret{name: \"\", password: <redacted>}");
    atr_scope_close(s);
}

static void deep_values_end_in_dots(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *first = NULL;
    size_t levels = 0;
    for (int i = 0; i < 1000; i++) {
        first = ATR_NEW(s, knot, .number = i, .next = first);
    }

    const char *text = atr_print(s, first)->bytes;
    for (const char *at = text; (at = strstr(at, "knot{")) != NULL; at++) {
        levels++;
    }

    assert_int_equal(levels, 64);
    assert_non_null(strstr(text, "next: ..., other: none}"));
    atr_scope_close(s);
}

static void print_does_not_depend_on_the_making(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *all = sample_everything(s, 2);

    assert_true(atr_str_equal(atr_print(s, all), atr_print(s, atr_copy(s, all))));
    assert_true(atr_str_equal(atr_print(s, all), atr_print(s, sample_everything(s, 2))));
    atr_scope_close(s);
}

static void a_growing_text_keeps_its_bytes(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_text text = {0};

    for (int i = 0; i < 1000; i++) {
        atr_text_printf(&text, "%03d,", i);
    }
    atr_text_cut(&text, 3999);
    atr_text_cut(&text, 5000);
    const atr_str *v = atr_text_finish(&text, s);

    assert_int_equal(v->size, 3999);
    assert_memory_equal(v->bytes, "000,001,", 8);
    assert_string_equal(v->bytes + 3992, "998,999");
    assert_null(text.bytes);
    atr_scope_close(s);
}

static void dump_writes_indented_lines_to_stderr(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    FILE *file = tmpfile();
    char text[256] = "";
    assert_non_null(file);
    fflush(stderr);
    int saved = dup(fileno(stderr));
    dup2(fileno(file), fileno(stderr));

    atr_dump(ATR_NEW(s, knot, .number = 1, .next = ATR_NEW(s, knot, .number = 2)));

    fflush(stderr);
    dup2(saved, fileno(stderr));
    close(saved);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, "knot{\n"
                              "    number: 1,\n"
                              "    next: knot{\n"
                              "        number: 2,\n"
                              "        next: none,\n"
                              "        other: none\n"
                              "    },\n"
                              "    other: none\n"
                              "}\n");
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_model_is_printed_on_one_line),
        BOTH(every_kind_is_printed),
        BOTH(what_is_absent_is_printed_as_none_null_or_empty),
        BOTH(entries_come_in_the_order_of_their_keys),
        BOTH(ordered_maps_and_opaque_values_are_printed),
        BOTH(text_is_quoted_and_escaped),
        BOTH(long_bytes_are_cut),
        BOTH(real_numbers_are_short_and_read_back_the_same),
        PLAIN(numbers_do_not_depend_on_the_locale),
        BOTH(times_are_printed_in_utc),
        BOTH(redacted_fields_are_hidden),
        BOTH(deep_values_end_in_dots),
        BOTH(print_does_not_depend_on_the_making),
        BOTH(a_growing_text_keeps_its_bytes),
        PLAIN(dump_writes_indented_lines_to_stderr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
