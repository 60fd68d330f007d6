/* Reads: parameters, every kind of response, every kind of field. */
#include <math.h>

#include "fixture.h"
#include "number_fields.h"

#define MOOD(X)                     \
    X(MOOD_CALM, 0, "calm")         \
    X(MOOD_CHEERFUL, 1, "cheerful") \
    X(MOOD_GLOOMY, -7, "gloomy")
ATR_ENUM(mood, MOOD);
ATR_ENUM_IMPL(mood, MOOD);

#define NOTE(F) \
    F(i64, id)  \
    F(str, text)
ATR_MODEL(note, NOTE);
ATR_MODEL_IMPL(note, NOTE);

#define WIDE(F)                         \
    NUMBER_FIELDS(F)                    \
    F(enumeration(mood), mood)          \
    F(enumeration(mood), named)         \
    F(str, text)                        \
    F(bytes, data)                      \
    OPT_NUMBER_FIELDS(F)                \
    F(opt(enumeration(mood)), opt_mood) \
    F(opt(str), opt_text)               \
    F(opt(bytes), opt_data)
#define WIDE_ATTRS(A)         \
    A(named, .by_name = true) \
    A(text, .column = "title")
ATR_MODEL(wide, WIDE);
ATR_MODEL_IMPL_WITH(wide, WIDE, WIDE_ATTRS, .atr = ATR_HEAD(wide));

#define WITH_DEFAULT(F)        \
    F(i64, id)                 \
    F(i32, priority)           \
    F(str, text)               \
    F(enumeration(mood), mood) \
    F(opt(f64), weight)
static const atr_str untitled = ATR_STR_INIT("untitled");
ATR_MODEL(with_default, WITH_DEFAULT);
ATR_MODEL_IMPL_WITH(with_default, WITH_DEFAULT, ATR_NO_ATTRS, .priority = 3, .text = &untitled,
                    .mood = MOOD_GLOOMY, .weight = {true, 0.5});

#define SELECT_WIDE                                                                                \
    "SELECT :flag AS flag, :small AS small, :natural AS natural, :big AS big, :real AS real, :at " \
    "AS "                                                                                          \
    "at, :mood AS mood, @named AS named, :text AS title, :data AS data, :opt_flag AS opt_flag, "   \
    ":opt_small AS opt_small, :opt_natural AS opt_natural, :opt_big AS opt_big, :opt_real AS "     \
    "opt_real, :opt_at AS opt_at, :opt_mood AS opt_mood, :opt_text AS opt_text, :opt_data AS "     \
    "opt_data"

ATR_QUERY(echo, WIDE, ref(wide));
ATR_SQLITE_QUERY(echo, WIDE, ref(wide), test_db, SELECT_WIDE);

#define LIMIT(F) F(i64, count)
#define COUNT_TO(columns)                                                                          \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :count) SELECT " columns \
    " FROM n WHERE i <= :count"
ATR_QUERY(list_notes, LIMIT, vec(note));
ATR_SQLITE_QUERY(list_notes, LIMIT, vec(note), test_db, COUNT_TO("'note ' || i AS Text, i AS ID"));
ATR_QUERY(list_words, LIMIT, vec(str));
ATR_SQLITE_QUERY(list_words, LIMIT, vec(str), test_db, COUNT_TO("'word ' || i"));
ATR_QUERY(list_numbers, LIMIT, vec(i64));
ATR_SQLITE_QUERY(list_numbers, LIMIT, vec(i64), test_db, COUNT_TO("i * i"));
ATR_QUERY(list_reals, LIMIT, vec(f64));
ATR_SQLITE_QUERY(list_reals, LIMIT, vec(f64), test_db, COUNT_TO("i / 2.0"));
ATR_QUERY(one_note, LIMIT, ref(note));
ATR_SQLITE_QUERY(one_note, LIMIT, ref(note), test_db, COUNT_TO("i AS id, '' AS text"));
ATR_QUERY(maybe_note, LIMIT, opt(ref(note)));
ATR_SQLITE_QUERY(maybe_note, LIMIT, opt(ref(note)), test_db, COUNT_TO("i AS id, 'x' AS text"));
ATR_QUERY(one_number, LIMIT, i64);
ATR_SQLITE_QUERY(one_number, LIMIT, i64, test_db, COUNT_TO("i + 41"));
ATR_QUERY(nothing, LIMIT, unit);
ATR_SQLITE_QUERY(nothing, LIMIT, unit, test_db, COUNT_TO("i"));
ATR_QUERY(defaults, NO_INPUTS, ref(with_default));
ATR_SQLITE_QUERY(defaults, NO_INPUTS, ref(with_default), test_db, "SELECT 5 AS id");

static void no_rows_are_the_empty_vector(void **state)
{
    fixture_open(NULL);

    RUN(list_notes, .count = 0);

    assert_success();
    assert_int_equal(fx.value.kind, ATR_KIND_VEC);
    assert_null(fx.value.as.ref);
}

static void rows_come_in_order_whatever_their_number(void **state)
{
    static const int64_t counts[] = {1, 2, 255, 256, 257, 5000};
    fixture_open(NULL);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        RUN(list_notes, .count = counts[i]);

        assert_success();
        const note_vec *rows = fx.value.as.ref;
        assert_int_equal(note_vec_count(rows), counts[i]);
        for (int64_t at = 0; at < counts[i]; at++) {
            char text[32];
            snprintf(text, sizeof text, "note %lld", (long long)at + 1);
            assert_int_equal(note_vec_at(rows, (size_t)at)->id, at + 1);
            assert_true(atr_str_is(note_vec_at(rows, (size_t)at)->text, text));
        }
    }
}

static void vectors_of_text_and_numbers_take_one_column(void **state)
{
    fixture_open(NULL);

    RUN(list_words, .count = 300);
    assert_success();
    assert_int_equal(atr_str_vec_count(fx.value.as.ref), 300);
    assert_true(atr_str_is(atr_str_vec_at(fx.value.as.ref, 299), "word 300"));

    RUN(list_numbers, .count = 3);
    assert_success();
    assert_int_equal(atr_i64_vec_at(fx.value.as.ref, 2), 9);

    RUN(list_reals, .count = 3);
    assert_success();
    assert_true(atr_f64_vec_at(fx.value.as.ref, 2) == 1.5);
}

static void a_ref_wants_exactly_one_row(void **state)
{
    fixture_open(NULL);

    RUN(one_note, .count = 1);
    assert_success();
    assert_int_equal(((const note *)fx.value.as.ref)->id, 1);

    RUN(one_note, .count = 0);
    assert_refused(ATR_E_NOT_FOUND);

    RUN(one_note, .count = 2);
    assert_refused(ATR_E_LIMIT);
    assert_message("more than one row");
}

static void an_optional_ref_may_have_no_row(void **state)
{
    fixture_open(NULL);

    RUN(maybe_note, .count = 1);
    assert_success();
    assert_non_null(fx.value.as.ref);

    RUN(maybe_note, .count = 0);
    assert_success();
    assert_null(fx.value.as.ref);

    RUN(maybe_note, .count = 2);
    assert_refused(ATR_E_LIMIT);
}

static void a_scalar_wants_exactly_one_row(void **state)
{
    fixture_open(NULL);

    RUN(one_number, .count = 1);
    assert_success();
    assert_int_equal(fx.value.as.i64, 42);

    RUN(one_number, .count = 0);
    assert_refused(ATR_E_NOT_FOUND);

    RUN(one_number, .count = 2);
    assert_refused(ATR_E_LIMIT);
}

static void a_unit_does_not_look_at_rows(void **state)
{
    fixture_open(NULL);

    RUN(nothing, .count = 7);

    assert_success();
    assert_int_equal(fx.value.kind, ATR_KIND_UNIT);
}

static void every_kind_comes_back_as_it_went(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    fixture_open(NULL);
    const wide *sent =
        ATR_NEW(s, wide, .flag = true, .small = INT32_MIN, .natural = UINT32_MAX, .big = INT64_MIN,
                .real = -0.25, .at = 1700000000000001, .mood = MOOD_GLOOMY, .named = MOOD_CHEERFUL,
                .text = atr_str_new_n(s, "a\0b\xc3\xa9", 5), .data = atr_bytes_new(s, "\0\xff", 2),
                .opt_flag = ATR_SOME(bool, false), .opt_small = ATR_SOME(i32, -1),
                .opt_natural = ATR_SOME(u32, 4000000000u), .opt_big = ATR_SOME(i64, INT64_MAX),
                .opt_real = ATR_SOME(f64, HUGE_VAL), .opt_at = ATR_SOME(time, -1),
                .opt_mood = {true, MOOD_CHEERFUL}, .opt_text = ATR_STR(s, ""),
                .opt_data = atr_bytes_new(s, "", 0));

    RUN(echo, .flag = sent->flag, .small = sent->small, .natural = sent->natural, .big = sent->big,
        .real = sent->real, .at = sent->at, .mood = sent->mood, .named = sent->named,
        .text = atr_copy(e.s, sent->text), .data = atr_copy(e.s, sent->data),
        .opt_flag = sent->opt_flag, .opt_small = sent->opt_small, .opt_natural = sent->opt_natural,
        .opt_big = sent->opt_big, .opt_real = sent->opt_real, .opt_at = sent->opt_at,
        .opt_mood = sent->opt_mood, .opt_text = atr_copy(e.s, sent->opt_text),
        .opt_data = atr_copy(e.s, sent->opt_data));

    assert_success();
    if (!atr_equal(sent, fx.value.as.ref)) {
        fail_msg("%s", atr_diff_print(s, sent, fx.value.as.ref, 0)->bytes);
    }
    atr_scope_close(s);
}

static void absent_options_are_null_both_ways(void **state)
{
    fixture_open(NULL);

    RUN(echo, .text = ATR_STR(e.s, "required"), .data = &atr_bytes_default);

    assert_success();
    const wide *got = fx.value.as.ref;
    assert_false(got->opt_flag.has || got->opt_small.has || got->opt_natural.has ||
                 got->opt_big.has || got->opt_real.has || got->opt_at.has || got->opt_mood.has);
    assert_null(got->opt_text);
    assert_null(got->opt_data);
    assert_int_equal(got->data->size, 0);
    assert_int_equal(got->named, MOOD_CALM);
}

static void fields_with_a_default_need_no_column(void **state)
{
    fixture_open(NULL);

    RUN(defaults);

    assert_success();
    const with_default *got = fx.value.as.ref;
    assert_int_equal(got->id, 5);
    assert_int_equal(got->priority, 3);
    assert_true(atr_str_is(got->text, "untitled"));
    assert_int_equal(got->mood, MOOD_GLOOMY);
    assert_true(got->weight.has && got->weight.value == 0.5);
}

/* ---- scalars ---- */

#define SCALAR(name, kind, sql)       \
    ATR_QUERY(name, NO_INPUTS, kind); \
    ATR_SQLITE_QUERY(name, NO_INPUTS, kind, test_db, sql)
SCALAR(get_bool, bool, "SELECT 1");
SCALAR(get_i32, i32, "SELECT -5");
SCALAR(get_u32, u32, "SELECT 4294967295");
SCALAR(get_f64, f64, "SELECT 1.5");
SCALAR(get_whole_f64, f64, "SELECT 3");
SCALAR(get_time, time, "SELECT 1700000000000000");
SCALAR(get_str, str, "SELECT 'abc'");
SCALAR(get_bytes, bytes, "SELECT x'0102'");
SCALAR(get_mood, enumeration(mood), "SELECT -7");
SCALAR(get_mood_by_name, enumeration(mood), "SELECT 'cheerful'");
SCALAR(get_opt_bool, opt(bool), "SELECT 1");
SCALAR(get_opt_i64, opt(i64), "SELECT max(column1) FROM (VALUES (NULL))");
SCALAR(get_opt_str, opt(str), "SELECT 'x' WHERE 0");
SCALAR(get_opt_bytes, opt(bytes), "SELECT x''");
SCALAR(get_opt_mood, opt(enumeration(mood)), "SELECT 'gloomy'");

static void every_scalar_response(void **state)
{
    fixture_open(NULL);
    RUN(get_bool);
    assert_true(fx.succeeded && fx.value.as.boolean);
    RUN(get_i32);
    assert_true(fx.succeeded && fx.value.as.i32 == -5);
    RUN(get_u32);
    assert_true(fx.succeeded && fx.value.as.u32 == UINT32_MAX);
    RUN(get_f64);
    assert_true(fx.succeeded && fx.value.as.f64 == 1.5);
    RUN(get_whole_f64);
    assert_true(fx.succeeded && fx.value.as.f64 == 3);
    RUN(get_time);
    assert_true(fx.succeeded && fx.value.as.i64 == 1700000000000000);
    RUN(get_str);
    assert_true(fx.succeeded && atr_str_is(fx.value.as.ref, "abc"));
    RUN(get_bytes);
    assert_true(fx.succeeded && ((const atr_bytes *)fx.value.as.ref)->size == 2);
    RUN(get_mood);
    assert_true(fx.succeeded && fx.value.as.i32 == MOOD_GLOOMY);
    RUN(get_mood_by_name);
    assert_true(fx.succeeded && fx.value.as.i32 == MOOD_CHEERFUL);
}

static void optional_scalars_are_absent_for_null_and_for_no_row(void **state)
{
    fixture_open(NULL);
    RUN(get_opt_bool);
    assert_true(fx.succeeded && fx.value.has && fx.value.as.boolean);
    RUN(get_opt_i64);
    assert_true(fx.succeeded && !fx.value.has);
    RUN(get_opt_str);
    assert_true(fx.succeeded && fx.value.as.ref == NULL);
    RUN(get_opt_bytes);
    assert_true(fx.succeeded && ((const atr_bytes *)fx.value.as.ref)->size == 0);
    RUN(get_opt_mood);
    assert_true(fx.succeeded && fx.value.has && fx.value.as.i32 == MOOD_GLOOMY);
}

/* ---- a class with everything else in its table ---- */

static int64_t seen_by_finish;
#define SQUARE(F) F(i64, of)
ATR_QUERY(square, SQUARE, i64);
static void square_found(atr_finish *f, const square *self, int64_t response)
{
    seen_by_finish = response + self->of;
}
ATR_SQLITE_QUERY(square, SQUARE, i64, test_db, "SELECT :of * :of",
                 .finish_with_response = square_found, .timeout_ms = 60000,
                 .on_close = ATR_ON_CLOSE_FINISH);

static void entries_of_the_class_stand_behind_the_sql(void **state)
{
    fixture_open(NULL);

    RUN(square, .of = 9);

    assert_success();
    assert_int_equal(seen_by_finish, 90);
    assert_int_equal(square_class.policy->timeout_ms, 60000);
    assert_int_equal(square_class.policy->on_close, ATR_ON_CLOSE_FINISH);
    assert_false(square_class.policy->is_write);
    assert_ptr_equal(square_class.policy->service, &test_db_service);
    assert_string_equal((const char *)square_class.policy->extra, "SELECT :of * :of");
}

static void text_of_a_utf16_file_is_utf8(void **state)
{
    raw_script("PRAGMA encoding = 'UTF-16'; CREATE TABLE t (x)");
    fixture_open(NULL);

    RUN(get_str);
    assert_success();
    assert_true(atr_str_is(fx.value.as.ref, "abc"));

    RUN(list_words, .count = 2);
    assert_success();
    assert_true(atr_str_is(atr_str_vec_at(fx.value.as.ref, 1), "word 2"));

    RUN(get_mood_by_name);
    assert_true(fx.succeeded && fx.value.as.i32 == MOOD_CHEERFUL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(no_rows_are_the_empty_vector),
        TEST(rows_come_in_order_whatever_their_number),
        TEST(vectors_of_text_and_numbers_take_one_column),
        TEST(a_ref_wants_exactly_one_row),
        TEST(an_optional_ref_may_have_no_row),
        TEST(a_scalar_wants_exactly_one_row),
        TEST(a_unit_does_not_look_at_rows),
        TEST(every_kind_comes_back_as_it_went),
        TEST(absent_options_are_null_both_ways),
        TEST(fields_with_a_default_need_no_column),
        TEST(every_scalar_response),
        TEST(optional_scalars_are_absent_for_null_and_for_no_row),
        TEST(entries_of_the_class_stand_behind_the_sql),
        TEST(text_of_a_utf16_file_is_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
