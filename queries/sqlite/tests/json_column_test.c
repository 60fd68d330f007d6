/* References, collections and any: text with JSON in their column, both ways. */
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
ATR_OMAP(part, time);
ATR_OMAP_IMPL(part, time);

#define WHOLE(F)              \
    F(ref(part), first)       \
    F(opt(ref(part)), second) \
    F(vec(part), parts)       \
    F(vec(str), tags)         \
    F(map(i64, part), by_id)  \
    F(map(str, i64), counts)  \
    F(set(i64), ids)          \
    F(omap(time, part), log)  \
    F(oset(str), words)       \
    F(any, other)
#define WHOLE_ATTRS(A)          \
    A(tags, .column = "labels") \
    A(counts, .redacted = true)
ATR_MODEL(whole, WHOLE);
ATR_MODEL_IMPL_WITH(whole, WHOLE, WHOLE_ATTRS, .atr = ATR_HEAD(whole));

static const char *const scripts[] = {
    "CREATE TABLE whole (first TEXT NOT NULL, second TEXT, parts TEXT NOT NULL, labels TEXT NOT "
    "NULL, by_id TEXT NOT NULL, counts TEXT NOT NULL, ids TEXT NOT NULL, log TEXT NOT NULL, words "
    "TEXT NOT NULL, other TEXT)",
    NULL};

static const atr_model *const models[] = {&part_model};

ATR_QUERY(store, WHOLE, ref(whole));
ATR_SQLITE_WRITE(store, WHOLE, ref(whole), test_db,
                 "INSERT INTO whole VALUES (:first, :second, :parts, :tags, :by_id, :counts, :ids, "
                 ":log, :words, :other) RETURNING *");
ATR_QUERY(load, NO_INPUTS, vec(whole));
ATR_SQLITE_QUERY(load, NO_INPUTS, vec(whole), test_db, "SELECT * FROM whole ORDER BY rowid");

static void open_it(void)
{
    fixture_open(
        &(atr_sqlite_options){.migrations = scripts, .json = {.models = models, .model_count = 1}});
}

static const part *part_of(atr_scope *s, int64_t id, const char *title)
{
    return ATR_NEW(s, part, .id = id, .title = atr_str_new(s, title), .colour = COLOUR_BLUE,
                   .due = ATR_SOME(time, 1000000));
}

static whole full(atr_scope *s)
{
    const part *a = part_of(s, 1, "a\"b"), *b = part_of(s, 2, "\xc3\xa9");
    whole v = whole_default;
    v.first = a;
    v.second = b;
    v.parts = part_vec_push(s, part_vec_push(s, NULL, b), a);
    v.tags = atr_str_vec_push(s, NULL, ATR_STR(s, "tag"));
    v.by_id = part_map_set(s, part_map_set(s, NULL, 10, a), 9, b);
    v.counts = atr_i64_str_map_set(s, NULL, ATR_STR(s, "secret"), INT64_MAX);
    v.ids = atr_i64_set_add(s, atr_i64_set_add(s, NULL, -1), 5);
    v.log = part_time_omap_set(s, NULL, 0, a);
    v.words = atr_str_oset_add(s, NULL, ATR_STR(s, "w"));
    v.other = b;
    return v;
}

#define STORE(draft)                                                                     \
    RUN(store, .first = (draft).first, .second = (draft).second, .parts = (draft).parts, \
        .tags = (draft).tags, .by_id = (draft).by_id, .counts = (draft).counts,          \
        .ids = (draft).ids, .log = (draft).log, .words = (draft).words, .other = (draft).other)

/* A text from the file, by another connection. */
static void assert_in_file(const char *column, const char *wanted)
{
    char sql[100];
    sqlite3_stmt *statement = NULL;
    sqlite3 *raw = raw_open(fx.path);
    snprintf(sql, sizeof sql, "SELECT %s FROM whole", column);
    assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    if (wanted == NULL) {
        assert_int_equal(sqlite3_column_type(statement, 0), SQLITE_NULL);
    } else {
        assert_string_equal((const char *)sqlite3_column_text(statement, 0), wanted);
    }
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* ---- what fits ---- */

static void every_kind_comes_back_as_it_went(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const whole *sent = whole_new(s, full(s));
    open_it();

    STORE(full(e.s));
    assert_success();
    assert_true(atr_equal(sent, fx.value.as.ref));

    RUN(load);
    assert_success();
    assert_true(atr_equal(sent, whole_vec_at(fx.value.as.ref, 0)));
    atr_scope_close(s);
}

static void it_is_stored_as_canonical_json(void **state)
{
    open_it();

    STORE(full(e.s));

    assert_in_file("typeof(first)", "text");
    assert_in_file("first", "{\"colour\":\"blue\",\"due\":\"1970-01-01T00:00:01Z\",\"id\":1,"
                            "\"text\":\"a\\\"b\"}");
    assert_in_file("labels", "[\"tag\"]");
    assert_in_file("by_id ->> '$.10.id'", "1");
    assert_in_file("ids", "[-1,5]");
    assert_in_file("log ->> '$.1970-01-01T00:00:00Z.text'", "a\"b");
    assert_in_file("other ->> '$.part.text'", "\xc3\xa9");
}

static void redacted_fields_are_stored(void **state)
{
    open_it();

    STORE(full(e.s));

    assert_in_file("counts", "{\"secret\":9223372036854775807}");
    assert_success();
    atr_scope *s = atr_scope_open(NULL);
    assert_null(strstr(atr_print(s, fx.value.as.ref)->bytes, "secret"));
    atr_scope_close(s);
}

static void empty_collections_have_a_text_and_absent_ones_are_null(void **state)
{
    open_it();

    STORE(whole_default);

    assert_success();
    assert_true(atr_equal(&whole_default, fx.value.as.ref));
    assert_in_file("parts", "[]");
    assert_in_file("by_id", "{}");
    assert_in_file("ids", "[]");
    assert_in_file("log", "{}");
    assert_in_file("words", "[]");
    assert_in_file("second", NULL);
    assert_in_file("other", NULL);
}

ATR_QUERY(bare, NO_INPUTS, ref(whole));
ATR_SQLITE_QUERY(bare, NO_INPUTS, ref(whole), test_db,
                 "SELECT '{\"id\":7,\"text\":\"x\",\"colour\":\"red\"}' AS first, NULL AS second, "
                 "NULL AS parts, 'null' AS labels, ' { } ' AS by_id, NULL AS counts, '[ ]' AS ids, "
                 "'null' AS log, NULL AS words, 'null' AS other");

static void null_in_sql_and_in_json_is_empty_or_absent(void **state)
{
    open_it();

    RUN(bare);

    assert_success();
    const whole *got = fx.value.as.ref;
    assert_int_equal(got->first->id, 7);
    assert_null(got->second);
    assert_null(got->parts);
    assert_null(got->tags);
    assert_null(got->by_id);
    assert_null(got->counts);
    assert_null(got->ids);
    assert_null(got->log);
    assert_null(got->words);
    assert_null(got->other);
}

/* ---- children of a row, gathered by SQL ---- */

#define LIST(F)   \
    F(str, title) \
    F(vec(part), parts)
ATR_MODEL(list, LIST);
ATR_MODEL_IMPL(list, LIST);
ATR_QUERY(lists, NO_INPUTS, vec(list));
ATR_SQLITE_QUERY(lists, NO_INPUTS, vec(list), test_db,
                 "WITH list(id, title) AS (VALUES (1, 'one'), (2, 'two')), "
                 "part(list, id) AS (VALUES (2, 20), (1, 10), (2, 21)) "
                 "SELECT title, (SELECT json_group_array(json_object('id', id, 'text', 'p' || id, "
                 "'colour', 'red')) FROM part WHERE list = list.id) AS parts FROM list");

static void json_made_by_sql_is_read(void **state)
{
    fixture_open(NULL);

    RUN(lists);

    assert_success();
    const list *two = list_vec_at(fx.value.as.ref, 1);
    assert_int_equal(part_vec_count(two->parts), 2);
    assert_true(atr_str_is(part_vec_at(two->parts, 1)->title, "p21"));
}

#define NUMBERS(F) F(vec(i64), numbers)
ATR_QUERY(total, NUMBERS, i64);
ATR_SQLITE_QUERY(total, NUMBERS, i64, test_db, "SELECT sum(value) FROM json_each(:numbers)");

static void a_vector_may_be_a_list_in_sql(void **state)
{
    fixture_open(NULL);

    RUN(total, .numbers = atr_i64_vec_push(e.s, atr_i64_vec_push(e.s, NULL, 40), 2));

    assert_true(fx.succeeded && fx.value.as.i64 == 42);
}

static const part usual_part = {ATR_HEAD(part), .id = 3, .title = &atr_str_default};
#define WITH_DEFAULTS(F) \
    F(i64, id)           \
    F(ref(part), part)   \
    F(any, other)
ATR_MODEL(with_defaults, WITH_DEFAULTS);
ATR_MODEL_IMPL_WITH(with_defaults, WITH_DEFAULTS, ATR_NO_ATTRS, .part = &usual_part,
                    .other = &usual_part);
ATR_QUERY(defaults, NO_INPUTS, ref(with_defaults));
ATR_SQLITE_QUERY(defaults, NO_INPUTS, ref(with_defaults), test_db, "SELECT 1 AS id");
#define WITHOUT_DEFAULTS(F) \
    F(i64, id)              \
    F(vec(part), parts)
ATR_MODEL(without_defaults, WITHOUT_DEFAULTS);
ATR_MODEL_IMPL(without_defaults, WITHOUT_DEFAULTS);
ATR_QUERY(no_defaults, NO_INPUTS, ref(without_defaults));
ATR_SQLITE_QUERY(no_defaults, NO_INPUTS, ref(without_defaults), test_db, "SELECT 1 AS id");

static void a_default_of_its_own_needs_no_column(void **state)
{
    fixture_open(NULL);

    RUN(defaults);
    assert_success();
    assert_int_equal(((const with_defaults *)fx.value.as.ref)->part->id, 3);
    assert_non_null(((const with_defaults *)fx.value.as.ref)->other);

    RUN(no_defaults);
    assert_refused(ATR_E_DEFINITION);
    assert_message("no_defaults: no column for without_defaults.parts");
}

static void json_of_a_utf16_file_is_read(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    raw_script("PRAGMA encoding = 'UTF-16'; CREATE TABLE t (x)");
    open_it();

    STORE(full(e.s));

    assert_success();
    assert_true(atr_equal(whole_new(s, full(s)), fx.value.as.ref));
    atr_scope_close(s);
}

static void what_could_not_be_read_again_is_not_stored(void **state)
{
    fixture_open(&(atr_sqlite_options){.migrations = scripts}); /* any may hold no part */

    STORE(full(e.s));

    assert_refused(ATR_E_REFUSED);
    assert_message(".other: $.part: not a model");
    fixture_close();
    sqlite3 *raw = raw_open(fx.path);
    assert_int_equal(raw_number(raw, "SELECT count(*) FROM whole"), 0);
    sqlite3_close(raw);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_kind_comes_back_as_it_went),
        TEST(it_is_stored_as_canonical_json),
        TEST(redacted_fields_are_stored),
        TEST(empty_collections_have_a_text_and_absent_ones_are_null),
        TEST(null_in_sql_and_in_json_is_empty_or_absent),
        TEST(json_made_by_sql_is_read),
        TEST(a_vector_may_be_a_list_in_sql),
        TEST(a_default_of_its_own_needs_no_column),
        TEST(json_of_a_utf16_file_is_read),
        TEST(what_could_not_be_read_again_is_not_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
