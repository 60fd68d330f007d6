/* Columns whose text is not the JSON of their field: each is an error that names row, column, model,
 * field and the path inside; inputs that JSON has no form for; bounds. */
#include <math.h>

#include "fixture.h"

#define COLOUR(X)           \
    X(COLOUR_RED, 0, "red") \
    X(COLOUR_BLUE, 4, "blue")
ATR_ENUM(colour, COLOUR);
ATR_ENUM_IMPL(colour, COLOUR);

#define PART(F)                    \
    F(i64, id)                     \
    F(str, title)                  \
    F(enumeration(colour), colour) \
    F(opt(time), due)
#define PART_ATTRS(A)        \
    A(title, .json = "text") \
    A(colour, .by_name = false)
ATR_MODEL(part, PART);
ATR_MODEL_IMPL_WITH(part, PART, PART_ATTRS, .atr = ATR_HEAD(part));

#define STRANGER(F) F(i64, id)
ATR_MODEL(stranger, STRANGER);
ATR_MODEL_IMPL(stranger, STRANGER);

static const atr_model *const models[] = {&part_model};

#define ONE_PART(F) \
    F(i64, id)      \
    F(ref(part), part)
ATR_MODEL(one_part, ONE_PART);
ATR_MODEL_IMPL(one_part, ONE_PART);
#define MAYBE_PART(F) \
    F(i64, id)        \
    F(opt(ref(part)), part)
ATR_MODEL(maybe_part, MAYBE_PART);
ATR_MODEL_IMPL(maybe_part, MAYBE_PART);
#define TAGGED(F) \
    F(i64, id)    \
    F(vec(str), tags)
ATR_MODEL(tagged, TAGGED);
ATR_MODEL_IMPL(tagged, TAGGED);
#define HOLDER(F) \
    F(i64, id)    \
    F(any, thing)
ATR_MODEL(holder, HOLDER);
ATR_MODEL_IMPL(holder, HOLDER);

/* The second of three rows has the value under test; as a blob, if it is to be one. */
#define VALUE(F)   \
    F(bytes, text) \
    F(i64, as)
enum { AS_TEXT, AS_BLOB, AS_NULL, AS_INTEGER, AS_REAL };
#define ROWS_WITH(column, good)                                                             \
    "SELECT 1 AS id, " good " AS " column " UNION ALL SELECT 2, CASE :as WHEN 0 THEN CAST(" \
    ":text AS TEXT) WHEN 1 THEN :text WHEN 2 THEN NULL WHEN 3 THEN 5 ELSE 0.5 END "         \
    "UNION ALL SELECT 3, " good
#define GOOD_PART "'{\"id\":1,\"text\":\"\",\"colour\":\"red\"}'"
ATR_QUERY(one_parts, VALUE, vec(one_part));
ATR_SQLITE_QUERY(one_parts, VALUE, vec(one_part), test_db, ROWS_WITH("part", GOOD_PART));
ATR_QUERY(maybe_parts, VALUE, vec(maybe_part));
ATR_SQLITE_QUERY(maybe_parts, VALUE, vec(maybe_part), test_db, ROWS_WITH("part", GOOD_PART));
ATR_QUERY(taggeds, VALUE, vec(tagged));
ATR_SQLITE_QUERY(taggeds, VALUE, vec(tagged), test_db, ROWS_WITH("tags", "'[\"a\"]'"));
ATR_QUERY(holders, VALUE, vec(holder));
ATR_SQLITE_QUERY(holders, VALUE, vec(holder), test_db, ROWS_WITH("thing", "'null'"));

#define LOAD(Q, text_, as_) \
    RUN(Q, .text = atr_bytes_new(e.s, (text_), sizeof(text_) - 1), .as = (as_))

/* The last outcome: refused because of JSON, with code, JSON's own code and path. */
static void expect_json(int code, int json_code, const char *path, const char *text)
{
    assert_non_null(fx.error);
    assert_message(text);
    assert_string_equal(atr_code_name(fx.error->code), atr_code_name(code));
    assert_int_equal(fx.error->domain, ATR_DOMAIN_ATRIUM);
    assert_non_null(strstr(fx.error->detail->bytes, "SELECT"));
    assert_non_null(fx.error->cause);
    assert_int_equal(fx.error->cause->domain, ATR_DOMAIN_JSON);
    assert_int_equal(fx.error->cause->code, json_code);
    assert_string_equal(fx.error->cause->detail->bytes, path);
    assert_non_null(fx.error->cause->payload);
}

static void text_that_is_not_json(void **state)
{
    fixture_open(NULL);

    LOAD(taggeds, "[\"a\", oops]", AS_TEXT);

    expect_json(ATR_E_TYPE, ATR_JSON_E_SYNTAX, "$[1]",
                "row 2: column tags for tagged.tags: $[1]: a value was expected (line 1, column 7, "
                "byte 6)");
}

static void an_empty_text(void **state)
{
    fixture_open(NULL);

    LOAD(taggeds, "", AS_TEXT);

    expect_json(ATR_E_TYPE, ATR_JSON_E_SYNTAX, "$", "row 2: column tags for tagged.tags: $: there");
}

static void json_of_another_form(void **state)
{
    fixture_open(NULL);

    LOAD(one_parts, "{\"id\":1,\"text\":5,\"colour\":\"red\"}", AS_TEXT);
    expect_json(ATR_E_TYPE, ATR_JSON_E_TYPE, "$.text",
                "row 2: column part for one_part.part: $.text: text was expected");
    LOAD(one_parts, "{\"id\":1,\"text\":\"\",\"colour\":4}", AS_TEXT);
    expect_json(ATR_E_TYPE, ATR_JSON_E_TYPE, "$.colour", "a name as text was expected");
    LOAD(one_parts, "{\"id\":1,\"text\":\"\",\"colour\":\"pink\"}", AS_TEXT);
    expect_json(ATR_E_TYPE, ATR_JSON_E_NAME, "$.colour", "\"pink\" is not one of red, blue");
    LOAD(one_parts, "{\"id\":1,\"text\":\"\",\"colour\":\"red\",\"due\":1000}", AS_TEXT);
    expect_json(ATR_E_TYPE, ATR_JSON_E_TYPE, "$.due", "a time as text was expected");
    LOAD(one_parts, "{\"id\":1,\"title\":\"\",\"colour\":\"red\"}", AS_TEXT);
    expect_json(ATR_E_TYPE, ATR_JSON_E_UNKNOWN, "$.title", "not a field of the model");
    LOAD(one_parts, "{\"id\":9223372036854775808}", AS_TEXT);
    expect_json(ATR_E_TYPE, ATR_JSON_E_RANGE, "$.id", "beyond the range of i64");
}

static void null_in_a_required_ref(void **state)
{
    fixture_open(NULL);

    LOAD(one_parts, "", AS_NULL);
    assert_refused(ATR_E_REFUSED);
    assert_message("row 2: column part for one_part.part, which is required, is NULL");

    LOAD(one_parts, "null", AS_TEXT);
    expect_json(ATR_E_TYPE, ATR_JSON_E_TYPE, "$", "an object was expected, not null");
}

static void null_in_an_opt(void **state)
{
    fixture_open(NULL);

    LOAD(maybe_parts, "", AS_NULL);
    assert_success();
    assert_null(maybe_part_vec_at(fx.value.as.ref, 1)->part);
    assert_non_null(maybe_part_vec_at(fx.value.as.ref, 2)->part);

    LOAD(maybe_parts, "null", AS_TEXT);
    assert_success();
    assert_null(maybe_part_vec_at(fx.value.as.ref, 1)->part);

    LOAD(maybe_parts, "nul", AS_TEXT);
    assert_refused(ATR_E_TYPE);
}

static void bytes_that_are_not_utf8(void **state)
{
    fixture_open(NULL);

    LOAD(taggeds, "[\"a\xff\"]", AS_TEXT);

    expect_json(ATR_E_UTF8, ATR_JSON_E_SYNTAX, "$",
                "row 2: column tags for tagged.tags: $: not UTF-8 (line 1, column 4, byte 3)");
}

static void a_blob_is_not_read_as_json(void **state)
{
    fixture_open(NULL);

    LOAD(taggeds, "[\"a\"]", AS_BLOB);

    assert_refused(ATR_E_TYPE);
    assert_message("row 2: column tags for tagged.tags of kind vec holds a blob, not JSON as text");
    assert_message("json()");
}

static void a_number_is_not_read_as_json(void **state)
{
    fixture_open(NULL);

    LOAD(taggeds, "", AS_INTEGER);
    assert_refused(ATR_E_TYPE);
    assert_message("of kind vec holds an integer, not JSON as text");

    LOAD(one_parts, "", AS_REAL);
    assert_refused(ATR_E_TYPE);
    assert_message("of kind ref holds a real, not JSON as text");
}

static void any_holds_what_the_options_list(void **state)
{
    fixture_open(&(atr_sqlite_options){.json = {.models = models, .model_count = 1}});

    LOAD(holders, "{\"part\":{\"id\":1,\"text\":\"\",\"colour\":\"red\"}}", AS_TEXT);
    assert_success();
    assert_ptr_equal(((const atr_head *)holder_vec_at(fx.value.as.ref, 1)->thing)->model,
                     &part_model);
    LOAD(holders, "{\"atr_i64_vec\":[1]}", AS_TEXT);
    assert_success();

    LOAD(holders, "{\"stranger\":{\"id\":1}}", AS_TEXT);
    expect_json(ATR_E_TYPE, ATR_JSON_E_NAME, "$.stranger", "not a model that the options list");
}

/* ---- bounds, names ---- */

static void each_text_is_bounded(void **state)
{
    fixture_open(&(atr_sqlite_options){.json = {.max_depth = 1}});
    LOAD(one_parts, "{\"id\":1,\"text\":\"\",\"colour\":\"red\"}", AS_TEXT);
    assert_success();
    LOAD(holders, "{\"atr_i64_vec\":[1]}", AS_TEXT);
    expect_json(ATR_E_LIMIT, ATR_JSON_E_LIMIT, "$.atr_i64_vec", "deeper than max_depth");
    fixture_close();

    fixture_open(&(atr_sqlite_options){.json = {.max_bytes = 10}});
    LOAD(taggeds, "[\"123456\"]", AS_TEXT);
    assert_success();
    LOAD(taggeds, "[\"1234567\"]", AS_TEXT);
    expect_json(ATR_E_LIMIT, ATR_JSON_E_LIMIT, "$", "longer than max_bytes");
    fixture_close();

    fixture_open(&(atr_sqlite_options){.json = {.max_elements = 2}});
    LOAD(taggeds, "[\"a\",\"b\",\"c\"]", AS_TEXT);
    expect_json(ATR_E_LIMIT, ATR_JSON_E_LIMIT, "$", "more than max_elements");
    fixture_close();

    fixture_open(&(atr_sqlite_options){.json = {.max_string_bytes = 3}});
    LOAD(taggeds, "[\"abcd\"]", AS_TEXT);
    expect_json(ATR_E_LIMIT, ATR_JSON_E_LIMIT, "$[0]", "max_string_bytes");
}

static void a_depth_that_nobody_means(void **state)
{
    static const char begin[] = "{\"id\":1,\"more\":";
    char text[20000];
    memset(text, '[', sizeof text);
    memcpy(text, begin, sizeof begin - 1);
    fixture_open(&(atr_sqlite_options){.json = {.ignore_unknown = true}});

    RUN(one_parts, .text = atr_bytes_new(e.s, text, sizeof text));

    assert_refused(ATR_E_LIMIT);
    assert_message("deeper than max_depth");
}

static void json_counts_for_the_bytes_of_an_answer(void **state)
{
    fixture_open(&(atr_sqlite_options){.byte_limit = 20});

    LOAD(taggeds, "[\"12345678\"]", AS_TEXT);

    assert_refused(ATR_E_LIMIT);
    assert_message("row 3: column tags for tagged.tags: more than 20 bytes in one answer");
}

#define DATED(F) F(time, due_date)
ATR_MODEL(dated, DATED);
ATR_MODEL_IMPL(dated, DATED);
#define ONE_DATED(F) F(ref(dated), thing)
ATR_MODEL(one_dated, ONE_DATED);
ATR_MODEL_IMPL(one_dated, ONE_DATED);
ATR_QUERY(echo_dated, ONE_DATED, ref(one_dated));
ATR_SQLITE_QUERY(echo_dated, ONE_DATED, ref(one_dated), test_db,
                 "SELECT :thing AS thing WHERE :thing ->> '$.dueDate' = '1970-01-01T00:00:00Z'");

static void names_follow_the_options(void **state)
{
    fixture_open(&(atr_sqlite_options){.json = {.names = ATR_JSON_NAMES_CAMEL}});

    RUN(echo_dated, .thing = &dated_default);

    assert_success();
}

#define CLASHING(F)  \
    F(i64, due_date) \
    F(i64, dueDate)
ATR_MODEL(clashing, CLASHING);
ATR_MODEL_IMPL(clashing, CLASHING);
#define ONE_CLASHING(F) F(ref(clashing), thing)
ATR_QUERY(bind_clashing, ONE_CLASHING, unit);
ATR_SQLITE_QUERY(bind_clashing, ONE_CLASHING, unit, test_db, "SELECT :thing");

static void names_that_clash_are_a_wrong_definition(void **state)
{
    fixture_open(&(atr_sqlite_options){.json = {.names = ATR_JSON_NAMES_CAMEL}});

    RUN(bind_clashing, .thing = &clashing_default);

    expect_json(
        ATR_E_DEFINITION, ATR_JSON_E_MODEL, "$",
        "bind_clashing.thing: $: clashing: the fields due_date and dueDate have the same JSON name "
        "dueDate");
}

/* ---- redacted columns ---- */

#define HIDDEN(F)            \
    F(map(str, i64), counts) \
    F(i32, pin)              \
    F(enumeration(colour), colour)
#define HIDDEN_ATTRS(A)         \
    A(counts, .redacted = true) \
    A(pin, .redacted = true)    \
    A(colour, .redacted = true, .by_name = true)
ATR_MODEL(hidden, HIDDEN);
ATR_MODEL_IMPL_WITH(hidden, HIDDEN, HIDDEN_ATTRS, .atr = ATR_HEAD(hidden));
#define HIDDEN_ROW(F) \
    F(str, counts)    \
    F(i64, pin)       \
    F(str, colour)
ATR_QUERY(read_hidden, HIDDEN_ROW, ref(hidden));
ATR_SQLITE_QUERY(read_hidden, HIDDEN_ROW, ref(hidden), test_db,
                 "SELECT :counts AS counts, :pin AS pin, :colour AS colour");

static void expect_nothing_told(const char *message)
{
    assert_message(message);
    assert_null(strstr(fx.error->message->bytes, "s3cret"));
    assert_null(strstr(fx.error->message->bytes, "4711"));
}

static void nothing_is_told_of_what_redacted_columns_hold(void **state)
{
    fixture_open(NULL);

    RUN(read_hidden, .counts = ATR_STR(e.s, "{\"s3cret\":4711.5}"), .pin = 1,
        .colour = ATR_STR(e.s, "red"));
    expect_json(ATR_E_TYPE, ATR_JSON_E_TYPE, "$[<redacted>]",
                "column counts for hidden.counts: $[<redacted>]: <redacted> has a point");
    expect_nothing_told("<redacted>");
    RUN(read_hidden, .counts = ATR_STR(e.s, "{}"), .pin = 47114711471,
        .colour = ATR_STR(e.s, "red"));
    expect_nothing_told("column pin for hidden.pin holds <redacted>, out of the range of i32");
    RUN(read_hidden, .counts = ATR_STR(e.s, "{}"), .pin = 1, .colour = ATR_STR(e.s, "s3cret"));
    expect_nothing_told("hidden.colour holds <redacted>, no name of enumeration colour");
}

/* ---- inputs without a form ---- */

#define REALS(F) F(vec(f64), reals)
ATR_QUERY(bind_reals, REALS, unit);
ATR_SQLITE_QUERY(bind_reals, REALS, unit, test_db, "SELECT :reals");

static void inputs_that_json_has_no_form_for(void **state)
{
    fixture_open(NULL);

    RUN(bind_reals, .reals = atr_f64_vec_push(e.s, atr_f64_vec_push(e.s, NULL, 1), NAN));
    expect_json(ATR_E_REFUSED, ATR_JSON_E_VALUE, "$[1]",
                "bind_reals.reals: $[1]: JSON has no form for NaN");

    RUN(echo_dated, .thing = ATR_NEW(e.s, dated, .due_date = INT64_MAX));
    expect_json(ATR_E_REFUSED, ATR_JSON_E_RANGE, "$.due_date", "outside of the years");

    RUN(bind_reals, .reals = NULL);
    assert_success();
}

/* ---- what could not be read again is not written ---- */

static const char *const keep_scripts[] = {"CREATE TABLE kept (thing)", NULL};

#define ONE_THING(F) F(any, thing)
ATR_QUERY(keep_thing, ONE_THING, unit);
ATR_SQLITE_WRITE(keep_thing, ONE_THING, unit, test_db,
                 "INSERT INTO kept VALUES ('first'); INSERT INTO kept VALUES (:thing)");
ATR_QUERY(compare_thing, ONE_THING, i64);
ATR_SQLITE_QUERY(compare_thing, ONE_THING, i64, test_db,
                 "SELECT count(*) FROM kept WHERE thing = :thing");
#define TAGS(F) F(vec(str), tags)
ATR_QUERY(keep_tags, TAGS, unit);
ATR_SQLITE_WRITE(keep_tags, TAGS, unit, test_db,
                 "INSERT INTO kept VALUES ('first'); INSERT INTO kept VALUES (:tags)");
ATR_QUERY(count_kept, NO_INPUTS, i64);
ATR_SQLITE_QUERY(count_kept, NO_INPUTS, i64, test_db, "SELECT count(*) FROM kept");

static void expect_kept(int64_t rows)
{
    RUN(count_kept);
    assert_success();
    assert_int_equal(fx.value.as.i64, rows);
}

static void a_write_keeps_no_model_that_is_not_listed(void **state)
{
    fixture_open(&(atr_sqlite_options){.migrations = keep_scripts,
                                       .json = {.models = models, .model_count = 1}});

    RUN(keep_thing, .thing = ATR_NEW(e.s, stranger, .id = 1));
    assert_refused(ATR_E_REFUSED);
    assert_message("keep_thing.thing: $.stranger: ");
    assert_int_equal(fx.error->cause->code, ATR_JSON_E_NAME);
    expect_kept(0);

    RUN(compare_thing, .thing = ATR_NEW(e.s, stranger, .id = 1)); /* keeps nothing */
    assert_success();
    RUN(keep_thing, .thing = ATR_NEW(e.s, part, .id = 1, .title = ATR_STR(e.s, "")));
    assert_success();
}

static void a_write_keeps_no_text_beyond_the_bounds(void **state)
{
    static const struct {
        atr_json_options json;
        const char *message;
    } rows[] = {
        {{.max_bytes = 10}, "max_bytes"},
        {{.max_string_bytes = 6}, "max_string_bytes"},
        {{.max_elements = 1}, "max_elements"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture_open(&(atr_sqlite_options){.migrations = keep_scripts, .json = rows[i].json});

        RUN(keep_tags,
            .tags = atr_str_vec_push(e.s, atr_str_vec_push(e.s, NULL, ATR_STR(e.s, "1234567")),
                                     ATR_STR(e.s, "")));
        assert_refused(ATR_E_LIMIT);
        assert_message("keep_tags.tags: $");
        assert_message(rows[i].message);
        expect_kept(2 * (int64_t)i);

        RUN(keep_tags, .tags = atr_str_vec_push(e.s, NULL, ATR_STR(e.s, "123456")));
        assert_success();
        fixture_close();
    }
}

static void a_write_keeps_nothing_too_deep(void **state)
{
    fixture_open(&(atr_sqlite_options){
        .migrations = keep_scripts, .json = {.models = models, .model_count = 1, .max_depth = 1}});

    RUN(keep_thing, .thing = ATR_NEW(e.s, part, .id = 1, .title = ATR_STR(e.s, "")));

    assert_refused(ATR_E_LIMIT);
    expect_kept(0);
}

static void the_list_of_models_is_copied(void **state)
{
    const atr_model *list_of_one[] = {&part_model};
    fixture_open(&(atr_sqlite_options){.json = {.models = list_of_one, .model_count = 1}});
    list_of_one[0] = &stranger_model;

    LOAD(holders, "{\"part\":{\"id\":1,\"text\":\"\",\"colour\":\"red\"}}", AS_TEXT);

    assert_success();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(text_that_is_not_json),
        TEST(an_empty_text),
        TEST(json_of_another_form),
        TEST(null_in_a_required_ref),
        TEST(null_in_an_opt),
        TEST(bytes_that_are_not_utf8),
        TEST(a_blob_is_not_read_as_json),
        TEST(a_number_is_not_read_as_json),
        TEST(any_holds_what_the_options_list),
        TEST(each_text_is_bounded),
        TEST(a_depth_that_nobody_means),
        TEST(json_counts_for_the_bytes_of_an_answer),
        TEST(names_follow_the_options),
        TEST(names_that_clash_are_a_wrong_definition),
        TEST(nothing_is_told_of_what_redacted_columns_hold),
        TEST(inputs_that_json_has_no_form_for),
        TEST(a_write_keeps_no_model_that_is_not_listed),
        TEST(a_write_keeps_no_text_beyond_the_bounds),
        TEST(a_write_keeps_nothing_too_deep),
        TEST(the_list_of_models_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
