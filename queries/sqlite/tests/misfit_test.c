/* Rows that do not fit the response: each is an error that names row, column, model and field. */
#include <math.h>

#include "fixture.h"

#define LEVEL(X)           \
    X(LEVEL_LOW, 0, "low") \
    X(LEVEL_HIGH, 9, "high")
ATR_ENUM(level, LEVEL);
ATR_ENUM_IMPL(level, LEVEL);

#define ENTRY(F)                 \
    F(i64, id)                   \
    F(str, title)                \
    F(bool, done)                \
    F(i32, small)                \
    F(u32, natural)              \
    F(f64, weight)               \
    F(time, at)                  \
    F(bytes, data)               \
    F(enumeration(level), level) \
    F(enumeration(level), named) \
    F(opt(str), note)
#define ENTRY_ATTRS(A) A(named, .by_name = true)
ATR_MODEL(entry, ENTRY);
ATR_MODEL_IMPL_WITH(entry, ENTRY, ENTRY_ATTRS, .atr = ATR_HEAD(entry));

ATR_QUERY(load, NO_INPUTS, vec(entry));
ATR_SQLITE_QUERY(load, NO_INPUTS, vec(entry), test_db, "SELECT * FROM entry ORDER BY id");

/* Columns without a type keep what is put into them. */
static const char table[] =
    "CREATE TABLE entry (id, title, done, small, natural, weight, at, data, level, named, note);"
    "INSERT INTO entry VALUES (1, 'a', 0, 0, 0, 0.5, 0, x'00', 0, 'low', NULL);"
    "INSERT INTO entry VALUES (2, 'b', 1, 1, 1, 1, 1, x'01', 9, 'high', 'n');"
    "INSERT INTO entry VALUES (3, 'c', 1, 1, 1, 1, 1, x'01', 9, 'high', 'n')";

/* Set one column of the second row, load, and expect a refusal. */
static void expect(const char *column, const char *value, int code, const char *text)
{
    char sql[256];
    raw_script(table);
    snprintf(sql, sizeof sql, "UPDATE entry SET %s = %s WHERE id = 2", column, value);
    raw_script(sql);
    fixture_open(NULL);

    RUN(load);

    assert_non_null(fx.error);
    assert_int_equal(fx.error->domain, ATR_DOMAIN_ATRIUM);
    assert_string_equal(atr_code_name(fx.error->code), atr_code_name(code));
    assert_message(text);
    assert_true(atr_str_is(fx.error->detail, "SELECT * FROM entry ORDER BY id"));
    assert_false(fx.error->retryable);
}

static void rows_that_fit_are_read(void **state)
{
    raw_script(table);
    fixture_open(NULL);

    RUN(load);

    assert_success();
    assert_int_equal(entry_vec_count(fx.value.as.ref), 3);
}

static void null_into_a_required_field(void **state)
{
    expect("title", "NULL", ATR_E_REFUSED,
           "row 2: column title for entry.title, which is required, is NULL");
}

static void null_into_a_required_number(void **state)
{
    expect("small", "NULL", ATR_E_REFUSED, "row 2: column small for entry.small");
}

static void text_in_an_integer_column(void **state)
{
    expect("small", "'12'", ATR_E_TYPE,
           "row 2: column small for entry.small of kind i32 holds text");
}

static void a_real_in_an_integer_column(void **state)
{
    expect("natural", "1.5", ATR_E_TYPE,
           "column natural for entry.natural of kind u32 holds a real");
}

static void a_blob_in_an_integer_column(void **state)
{
    expect("at", "x'00'", ATR_E_TYPE, "column at for entry.at of kind time holds a blob");
}

static void an_integer_in_a_text_column(void **state)
{
    expect("title", "5", ATR_E_TYPE, "column title for entry.title of kind str holds an integer");
}

static void a_blob_in_a_text_column(void **state)
{
    expect("note", "x'41'", ATR_E_TYPE, "column note for entry.note of kind str holds a blob");
}

static void text_in_a_blob_column(void **state)
{
    expect("data", "'A'", ATR_E_TYPE, "column data for entry.data of kind bytes holds text");
}

static void text_in_a_real_column(void **state)
{
    expect("weight", "'1.5'", ATR_E_TYPE, "column weight for entry.weight of kind f64 holds text");
}

static void an_integer_beyond_i32(void **state)
{
    expect("small", "2147483648", ATR_E_TYPE,
           "column small for entry.small holds 2147483648, out of the range of i32");
}

static void an_integer_below_i32(void **state)
{
    expect("small", "-2147483649", ATR_E_TYPE, "holds -2147483649, out of the range of i32");
}

static void an_integer_beyond_u32(void **state)
{
    expect("natural", "4294967296", ATR_E_TYPE, "holds 4294967296, out of the range of u32");
}

static void a_negative_integer_in_u32(void **state)
{
    expect("natural", "-1", ATR_E_TYPE, "holds -1, out of the range of u32");
}

static void a_bool_other_than_0_and_1(void **state)
{
    expect("done", "2", ATR_E_TYPE, "column done for entry.done holds 2, out of the range of bool");
}

static void an_integer_that_no_double_holds(void **state)
{
    expect("weight", "9007199254740993", ATR_E_TYPE,
           "column weight for entry.weight holds 9007199254740993, which is not exact as f64");
}

static void the_largest_integer_is_no_double(void **state)
{
    expect("weight", "9223372036854775807", ATR_E_TYPE, "not exact as f64");
}

static void an_unlisted_number_of_an_enumeration(void **state)
{
    expect("level", "3", ATR_E_TYPE,
           "column level for entry.level holds 3, which is not listed by its enumeration");
}

static void a_name_where_the_number_is_stored(void **state)
{
    expect("level", "'high'", ATR_E_TYPE,
           "column level for entry.level of kind enumeration holds text");
}

static void an_unknown_name_of_an_enumeration(void **state)
{
    expect("named", "'higher'", ATR_E_TYPE,
           "column named for entry.named holds \"higher\", no name of enumeration level");
}

static void a_number_where_the_name_is_stored(void **state)
{
    expect("named", "9", ATR_E_TYPE,
           "column named for entry.named of kind enumeration holds an integer");
}

static void invalid_utf8_in_text(void **state)
{
    expect("title", "CAST(x'6162ff63' AS TEXT)", ATR_E_UTF8,
           "row 2: column title for entry.title: text is not UTF-8: byte 2 of 4 is 0xff");
}

static void invalid_utf8_in_a_name(void **state)
{
    expect("named", "CAST(x'6c6f77ff' AS TEXT)", ATR_E_TYPE, "no name of enumeration level");
}

/* ---- columns ---- */

static void a_column_is_missing(void **state)
{
    raw_script(table);
    raw_script("ALTER TABLE entry DROP COLUMN weight");
    fixture_open(NULL);

    RUN(load);

    assert_refused(ATR_E_DEFINITION);
    assert_message("load: no column for entry.weight");
}

static void a_column_no_field_wants(void **state)
{
    raw_script(table);
    raw_script("ALTER TABLE entry ADD COLUMN extra");
    fixture_open(NULL);

    RUN(load);

    assert_refused(ATR_E_DEFINITION);
    assert_message("load: entry has no field for the column extra");
}

#define PAIR(F) F(i64, id)
ATR_MODEL(pair, PAIR);
ATR_MODEL_IMPL(pair, PAIR);
ATR_QUERY(twice, NO_INPUTS, ref(pair));
ATR_SQLITE_QUERY(twice, NO_INPUTS, ref(pair), test_db, "SELECT 1 AS id, 2 AS ID");

static void two_columns_for_one_field(void **state)
{
    fixture_open(NULL);

    RUN(twice);

    assert_refused(ATR_E_DEFINITION);
    assert_message("twice: two columns for pair.id");
}

static void columns_are_looked_at_again_when_the_schema_changes(void **state)
{
    raw_script(table);
    fixture_open(NULL);
    RUN(load);
    assert_success();

    raw_script("ALTER TABLE entry ADD COLUMN extra");
    RUN(load);
    assert_refused(ATR_E_DEFINITION);
    RUN(load);
    assert_refused(ATR_E_DEFINITION);

    raw_script("ALTER TABLE entry DROP COLUMN extra; ALTER TABLE entry DROP COLUMN id;"
               "ALTER TABLE entry ADD COLUMN id; UPDATE entry SET id = rowid");
    RUN(load);
    assert_success();
    assert_int_equal(entry_vec_at(fx.value.as.ref, 2)->id, 3);
    assert_true(atr_str_is(entry_vec_at(fx.value.as.ref, 2)->title, "c"));
}

/* ---- bounds ---- */

#define COUNT(F) F(i64, count)
ATR_QUERY(numbers, COUNT, vec(i64));
ATR_SQLITE_QUERY(numbers, COUNT, vec(i64), test_db,
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :count) "
                 "SELECT i FROM n");
ATR_QUERY(blob, COUNT, bytes);
ATR_SQLITE_QUERY(blob, COUNT, bytes, test_db, "SELECT zeroblob(:count)");
ATR_QUERY(words, COUNT, vec(str));
ATR_SQLITE_QUERY(words, COUNT, vec(str), test_db,
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :count) "
                 "SELECT '0123456789' FROM n");

static void more_rows_than_the_limit(void **state)
{
    fixture_open(&(atr_sqlite_options){.row_limit = 1000});

    RUN(numbers, .count = 1000);
    assert_success();
    assert_int_equal(atr_i64_vec_count(fx.value.as.ref), 1000);

    RUN(numbers, .count = 1001);
    assert_refused(ATR_E_LIMIT);
    assert_message("numbers: more than 1000 rows in one answer");
}

static void more_bytes_than_the_limit(void **state)
{
    fixture_open(&(atr_sqlite_options){.byte_limit = 1000});

    RUN(blob, .count = 1000);
    assert_success();
    RUN(words, .count = 100);
    assert_success();

    RUN(blob, .count = 1001);
    assert_refused(ATR_E_LIMIT);
    assert_message("more than 1000 bytes in one answer");
    RUN(words, .count = 101);
    assert_refused(ATR_E_LIMIT);
    assert_message("row 101: column");
}

static void a_value_beyond_what_sqlite_allows(void **state)
{
    fixture_open(NULL);

    RUN(blob, .count = 2000000000);

    assert_sqlite_error(SQLITE_TOOBIG);
}

/* ---- inputs ---- */

#define REAL(F)   \
    F(f64, value) \
    F(opt(f64), maybe)
ATR_QUERY(store_real, REAL, i64);
ATR_SQLITE_QUERY(store_real, REAL, i64, test_db, "SELECT :value IS NULL OR :maybe IS NOT NULL");

static void nan_is_not_bound_as_null(void **state)
{
    fixture_open(NULL);

    RUN(store_real, .value = NAN);
    assert_refused(ATR_E_REFUSED);
    assert_message("store_real.value is NaN");

    RUN(store_real, .value = 1);
    assert_success();
    assert_int_equal(fx.value.as.i64, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(rows_that_fit_are_read),
        TEST(null_into_a_required_field),
        TEST(null_into_a_required_number),
        TEST(text_in_an_integer_column),
        TEST(a_real_in_an_integer_column),
        TEST(a_blob_in_an_integer_column),
        TEST(an_integer_in_a_text_column),
        TEST(a_blob_in_a_text_column),
        TEST(text_in_a_blob_column),
        TEST(text_in_a_real_column),
        TEST(an_integer_beyond_i32),
        TEST(an_integer_below_i32),
        TEST(an_integer_beyond_u32),
        TEST(a_negative_integer_in_u32),
        TEST(a_bool_other_than_0_and_1),
        TEST(an_integer_that_no_double_holds),
        TEST(the_largest_integer_is_no_double),
        TEST(an_unlisted_number_of_an_enumeration),
        TEST(a_name_where_the_number_is_stored),
        TEST(an_unknown_name_of_an_enumeration),
        TEST(a_number_where_the_name_is_stored),
        TEST(invalid_utf8_in_text),
        TEST(invalid_utf8_in_a_name),
        TEST(a_column_is_missing),
        TEST(a_column_no_field_wants),
        TEST(two_columns_for_one_field),
        TEST(columns_are_looked_at_again_when_the_schema_changes),
        TEST(more_rows_than_the_limit),
        TEST(more_bytes_than_the_limit),
        TEST(a_value_beyond_what_sqlite_allows),
        TEST(nan_is_not_bound_as_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
