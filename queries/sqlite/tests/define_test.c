/* Classes whose model, SQL and parameters do not go together are refused, at registration where
 * that is possible, else by their first use. */
#include "fixture.h"

#define PART(F) F(i64, id)
ATR_MODEL(part, PART);
ATR_MODEL_IMPL(part, PART);

/* Every kind that needs JSON, and behind each, at any depth, what has none. */
#define COMPOSED(F)             \
    F(ref(part), part)          \
    F(opt(ref(composed)), more) \
    F(vec(part), parts)         \
    F(map(i64, part), by_id)    \
    F(set(i64), ids)            \
    F(omap(i64, str), names)    \
    F(oset(str), words)         \
    F(any, thing)
ATR_MODEL(composed, COMPOSED);
ATR_MODEL_IMPL(composed, COMPOSED);

#define IMAGE(F) \
    F(i64, id)   \
    F(opaque, pixels)
ATR_MODEL(image, IMAGE);
ATR_MODEL_IMPL(image, IMAGE);
ATR_OMAP(image, i64);
ATR_OMAP_IMPL(image, i64);
#define ALBUM(F) F(vec(image), images)
ATR_MODEL(album, ALBUM);
ATR_MODEL_IMPL(album, ALBUM);
#define IN_REF(F)    \
    F(ref(part), id) \
    F(ref(album), album)
ATR_MODEL(in_ref, IN_REF);
ATR_MODEL_IMPL(in_ref, IN_REF);
#define IN_OPT(F) F(opt(ref(album)), album)
ATR_MODEL(in_opt, IN_OPT);
ATR_MODEL_IMPL(in_opt, IN_OPT);
#define IN_MAP(F) F(map(str, album), albums)
ATR_MODEL(in_map, IN_MAP);
ATR_MODEL_IMPL(in_map, IN_MAP);
#define IN_OMAP(F) F(omap(i64, image), images)
ATR_MODEL(in_omap, IN_OMAP);
ATR_MODEL_IMPL(in_omap, IN_OMAP);

#define READ(name, response, sql)         \
    ATR_QUERY(name, NO_INPUTS, response); \
    ATR_SQLITE_QUERY(name, NO_INPUTS, response, test_db, sql)
READ(load_composed, vec(composed), "SELECT 1");
READ(load_opaque, ref(image), "SELECT 1");
READ(load_in_ref, vec(in_ref), "SELECT 1");
READ(load_in_opt, opt(ref(in_opt)), "SELECT 1");
READ(load_in_map, ref(in_map), "SELECT 1");
READ(load_in_omap, ref(in_omap), "SELECT 1");
READ(answer_map, map(i64, part), "SELECT 1");
READ(answer_set, set(str), "SELECT 1");
READ(answer_any, any, "SELECT 1");
READ(answer_done, ref(atr_sqlite_done), "SELECT 1");
READ(empty_text, unit, "");
READ(only_comment, unit, " -- nothing here\n ");
READ(fine, i64, "SELECT 1");

/* Register one class; the code, and what the log says. */
static int registers(const atr_query_class *query_class)
{
    const atr_query_class *classes[] = {query_class, NULL};
    atr_component component = {.name = "tested", .classes = classes};
    return atr_app_register(fx.app, &component);
}

static void refused_at_registration(const atr_query_class *query_class, const char *text)
{
    atr_scope *s = atr_scope_open(NULL);
    fixture_open(NULL);

    assert_int_equal(registers(query_class), ATR_E_DEFINITION);
    assert_int_equal(atr_sqlite_check(s, query_class), ATR_E_DEFINITION);

    assert_non_null(strstr(atr_scope_error(s)->message->bytes, text));
    atr_scope_close(s);
}

static void a_good_class_registers(void **state)
{
    fixture_open(NULL);

    assert_int_equal(registers(&fine_class), ATR_OK);
}

static void a_model_with_kinds_that_need_json_registers(void **state)
{
    fixture_open(NULL);

    assert_int_equal(registers(&load_composed_class), ATR_OK);
}

static void a_model_with_opaque(void **state)
{
    refused_at_registration(
        &load_opaque_class,
        "load_opaque: image.pixels is of kind opaque, which SQLite cannot hold");
}

static void opaque_behind_a_field(void **state)
{
    static const struct {
        const atr_query_class *query_class;
        const char *text;
    } refused[] = {
        {&load_in_ref_class, "load_in_ref: in_ref.album: there is no JSON for image.pixels"},
        {&load_in_opt_class, "load_in_opt: in_opt.album: there is no JSON for image.pixels"},
        {&load_in_map_class, "load_in_map: in_map.albums: there is no JSON for image.pixels"},
        {&load_in_omap_class, "load_in_omap: in_omap.images: there is no JSON for image.pixels"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        refused_at_registration(refused[i].query_class, refused[i].text);
        fixture_close();
    }
}

static void a_map_as_response(void **state)
{
    refused_at_registration(&answer_map_class,
                            "answer_map: rows cannot become a response of kind map");
}

static void a_set_as_response(void **state)
{
    refused_at_registration(&answer_set_class, "response of kind set");
}

static void any_as_response(void **state)
{
    refused_at_registration(&answer_any_class, "response of kind any");
}

static void a_read_that_answers_what_it_changed(void **state)
{
    refused_at_registration(&answer_done_class,
                            "answer_done: only a write answers atr_sqlite_done");
}

static void a_class_without_sql(void **state)
{
    refused_at_registration(&empty_text_class, "empty_text has no SQL");
}

/* ---- at first use ---- */

static void a_class_that_was_not_registered_is_checked_by_its_first_use(void **state)
{
    fixture_open(NULL);

    RUN(load_in_ref);

    assert_refused(ATR_E_DEFINITION);
    assert_message("in_ref.album");
}

static void sql_that_is_a_comment(void **state)
{
    fixture_open(NULL);

    RUN(only_comment);

    assert_refused(ATR_E_DEFINITION);
    assert_message("only_comment has no SQL");
}

READ(broken, i64, "SELEC 1");
READ(no_table, i64, "SELECT id FROM nowhere");

static void a_syntax_error(void **state)
{
    fixture_open(NULL);

    RUN(broken);
    assert_sqlite_error(SQLITE_ERROR);
    assert_message("near \"SELEC\": syntax error");
    assert_true(atr_str_is(fx.error->detail, "SELEC 1"));

    RUN(no_table);
    assert_sqlite_error(SQLITE_ERROR);
    assert_message("no such table: nowhere");
}

READ(two_columns, i64, "SELECT 1, 2");
READ(two_statements, i64, "SELECT 1; SELECT 2");
READ(writing_read, i64, "INSERT INTO t VALUES (1) RETURNING 1");
READ(begins, unit, "BEGIN");
READ(saves, unit, "SAVEPOINT here");
READ(changes_a_setting, unit, "PRAGMA query_only = ON");
READ(changes_the_file, unit, "PRAGMA application_id = 7");
READ(optimizes, unit, "PRAGMA optimize");
READ(shrinks, unit, "PRAGMA shrink_memory");
READ(checkpoints, unit, "PRAGMA wal_checkpoint(TRUNCATE)");
READ(vacuums, unit, "PRAGMA Incremental_Vacuum");
READ(attaches, unit, "ATTACH ':memory:' AS other");
READ(looks, i64, "SELECT count(*) FROM pragma_table_info('sqlite_schema')");

static void a_scalar_of_two_columns(void **state)
{
    fixture_open(NULL);

    RUN(two_columns);

    assert_refused(ATR_E_DEFINITION);
    assert_message("two_columns answers one value a row, but its SQL gives 2 columns");
}

static void a_read_of_two_statements(void **state)
{
    fixture_open(NULL);

    RUN(two_statements);

    assert_refused(ATR_E_DEFINITION);
    assert_message("several statements");
}

static void a_read_that_writes(void **state)
{
    raw_script("CREATE TABLE t (x)");
    fixture_open(NULL);

    RUN(writing_read);

    assert_refused(ATR_E_DEFINITION);
    assert_message("writing_read writes: define it with ATR_SQLITE_WRITE");
}

static void a_statement_that_begins_a_transaction(void **state)
{
    fixture_open(NULL);

    RUN(begins);
    assert_refused(ATR_E_DEFINITION);
    assert_message("must not begin, commit or roll back");

    RUN(saves);
    assert_refused(ATR_E_DEFINITION);

    RUN(fine);
    assert_success();
}

#define WRITE(name, response, sql)        \
    ATR_QUERY(name, NO_INPUTS, response); \
    ATR_SQLITE_WRITE(name, NO_INPUTS, response, test_db, sql)
WRITE(reading_write, i64, "SELECT 1");
WRITE(rowless_write, i64, "INSERT INTO t VALUES (1)");
WRITE(committing_write, unit, "INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2)");

static void a_pragma_that_does_work(void **state)
{
    fixture_open(NULL);

    RUN(optimizes);
    assert_refused(ATR_E_DEFINITION);
    assert_message("the SQL must not run PRAGMA optimize");

    RUN(shrinks);
    assert_refused(ATR_E_DEFINITION);
    assert_message("the SQL must not run PRAGMA shrink_memory");

    RUN(checkpoints);
    assert_refused(ATR_E_DEFINITION);
    assert_message("the SQL must not run PRAGMA wal_checkpoint");

    RUN(vacuums);
    assert_refused(ATR_E_DEFINITION);
    assert_message("the SQL must not run PRAGMA Incremental_Vacuum");
}

static void a_statement_that_changes_the_connection(void **state)
{
    fixture_open(NULL);

    RUN(changes_a_setting);
    assert_refused(ATR_E_DEFINITION);
    assert_message("the SQL must not set PRAGMA query_only");

    RUN(changes_the_file);
    assert_refused(ATR_E_DEFINITION);
    assert_message("the SQL must not set PRAGMA application_id");

    RUN(attaches);
    assert_refused(ATR_E_DEFINITION);
    assert_message("the SQL must not attach or detach files");

    RUN(looks);
    assert_success();
    fixture_close();
}

static void a_write_that_only_reads(void **state)
{
    fixture_open(NULL);

    RUN(reading_write);

    assert_refused(ATR_E_DEFINITION);
    assert_message("reading_write only reads: define it with ATR_SQLITE_QUERY");
}

static void a_write_without_the_rows_of_its_response(void **state)
{
    raw_script("CREATE TABLE t (x)");
    fixture_open(NULL);

    RUN(rowless_write);
    assert_refused(ATR_E_DEFINITION);
    assert_message("rowless_write: its SQL gives no rows");
    fixture_close();

    sqlite3 *raw = raw_open(fx.path);
    assert_int_equal(raw_number(raw, "SELECT count(*) FROM t"), 0);
    sqlite3_close(raw);
}

static void a_write_that_commits_by_itself(void **state)
{
    raw_script("CREATE TABLE t (x)");
    fixture_open(NULL);

    RUN(committing_write);
    assert_refused(ATR_E_DEFINITION);
    fixture_close();

    sqlite3 *raw = raw_open(fx.path);
    assert_int_equal(raw_number(raw, "SELECT count(*) FROM t"), 0);
    sqlite3_close(raw);
}

/* ---- parameters ---- */

#define INPUTS(F)     \
    F(i64, id)        \
    F(opaque, pixels) \
    F(vec(image), images)
#define READ_BY(name, sql)        \
    ATR_QUERY(name, INPUTS, i64); \
    ATR_SQLITE_QUERY(name, INPUTS, i64, test_db, sql)
READ_BY(by_id, "SELECT :id");
READ_BY(by_unknown, "SELECT :idd");
READ_BY(by_place, "SELECT ?");
READ_BY(by_number, "SELECT ?7");
READ_BY(by_dollar, "SELECT $id");
READ_BY(by_opaque, "SELECT :pixels");
READ_BY(by_images, "SELECT :images");
READ_BY(by_name_of_number, "SELECT @id");

static void parameters_that_are_not_inputs(void **state)
{
    fixture_open(NULL);

    RUN(by_id, .id = 4);
    assert_true(fx.succeeded && fx.value.as.i64 == 4);

    RUN(by_unknown);
    assert_refused(ATR_E_DEFINITION);
    assert_message("by_unknown has no input for the parameter :idd");

    RUN(by_place);
    assert_refused(ATR_E_DEFINITION);
    assert_message("a parameter is written :name, not ?");

    RUN(by_number);
    assert_refused(ATR_E_DEFINITION);

    RUN(by_dollar);
    assert_refused(ATR_E_DEFINITION);
    assert_message("a parameter is written :name, not $id");
}

static void inputs_that_cannot_be_parameters(void **state)
{
    fixture_open(NULL);

    RUN(by_opaque);
    assert_refused(ATR_E_DEFINITION);
    assert_message("by_opaque.pixels is of kind opaque, which SQLite cannot hold");

    RUN(by_images);
    assert_refused(ATR_E_DEFINITION);
    assert_message("by_images.images: there is no JSON for image.pixels");

    RUN(by_name_of_number);
    assert_refused(ATR_E_DEFINITION);
    assert_message("@id is for enumerations by name");
}

static void a_slot_without_a_database(void **state)
{
    atr_app_options options = {.loop = &fx.loop};
    assert_int_equal(uv_loop_init(&fx.loop), 0);
    fx.app = atr_app_new(&options);

    START(fine);
    fixture_wait();

    assert_int_equal(atr_app_stats_now(fx.app).failed, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_good_class_registers),
        TEST(a_model_with_kinds_that_need_json_registers),
        TEST(a_model_with_opaque),
        TEST(opaque_behind_a_field),
        TEST(a_map_as_response),
        TEST(a_set_as_response),
        TEST(any_as_response),
        TEST(a_read_that_answers_what_it_changed),
        TEST(a_class_without_sql),
        TEST(a_class_that_was_not_registered_is_checked_by_its_first_use),
        TEST(sql_that_is_a_comment),
        TEST(a_syntax_error),
        TEST(a_scalar_of_two_columns),
        TEST(a_read_of_two_statements),
        TEST(a_read_that_writes),
        TEST(a_statement_that_begins_a_transaction),
        TEST(a_pragma_that_does_work),
        TEST(a_statement_that_changes_the_connection),
        TEST(a_write_that_only_reads),
        TEST(a_write_without_the_rows_of_its_response),
        TEST(a_write_that_commits_by_itself),
        TEST(parameters_that_are_not_inputs),
        TEST(inputs_that_cannot_be_parameters),
        TEST(a_slot_without_a_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
