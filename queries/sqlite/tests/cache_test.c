/* Statements stay prepared, as many as the limit allows. */
#include "connection.h"
#include "fixture.h"

#define NUMBER(name, n)              \
    ATR_QUERY(name, NO_INPUTS, i64); \
    ATR_SQLITE_QUERY(name, NO_INPUTS, i64, test_db, "SELECT " #n)
NUMBER(first, 1);
NUMBER(second, 2);
NUMBER(third, 3);
ATR_QUERY(same_text, NO_INPUTS, str);
ATR_SQLITE_QUERY(same_text, NO_INPUTS, str, test_db,
                 "SELECT "
                 "1");

/* Run a class; how many statements were prepared for it. */
#define PREPARED_FOR(Q) (prepared_before(), run_##Q(), fx.world.asked)
static void prepared_before(void)
{
    fixture_fail_at("sqlite.prepare", 0, 0);
}
#define RUNNER(Q)             \
    static void run_##Q(void) \
    {                         \
        RUN(Q);               \
    }
RUNNER(first)
RUNNER(second)
RUNNER(third)

static void a_statement_is_prepared_once(void **state)
{
    fixture_open_in_world(NULL);

    assert_int_equal(PREPARED_FOR(first), 1);
    assert_int_equal(PREPARED_FOR(first), 0);
    assert_success();
    assert_int_equal(fx.value.as.i64, 1);
}

static void the_one_unused_for_longest_goes_first(void **state)
{
    fixture_open_in_world(&(atr_sqlite_options){.statement_limit = 2});

    assert_int_equal(PREPARED_FOR(first), 1);
    assert_int_equal(PREPARED_FOR(second), 1);
    assert_int_equal(PREPARED_FOR(first), 0);
    assert_int_equal(PREPARED_FOR(third), 1); /* second goes */
    assert_int_equal(PREPARED_FOR(first), 0);
    assert_int_equal(PREPARED_FOR(second), 1);
    assert_int_equal(PREPARED_FOR(third), 1);
}

static void a_limit_of_one(void **state)
{
    fixture_open_in_world(&(atr_sqlite_options){.statement_limit = 1});

    assert_int_equal(PREPARED_FOR(first), 1);
    assert_int_equal(PREPARED_FOR(first), 0);
    assert_int_equal(PREPARED_FOR(second), 1);
    assert_int_equal(PREPARED_FOR(first), 1);
}

static void classes_of_one_text_do_not_share(void **state)
{
    fixture_open_in_world(NULL);
    RUN(first);
    assert_success();

    RUN(same_text);

    assert_refused(ATR_E_TYPE);
    assert_message("column 1 for the response of same_text of kind str holds an integer");
}

/* ---- the list and the chains themselves ---- */

enum { CLASSES = 300 };

static void any_number_of_classes_is_found_again(void **state)
{
    static atr_query_class classes[CLASSES];
    atr_sqlite_cache cache;
    memset(&cache, 0, sizeof cache);
    for (int i = 0; i < CLASSES; i++) {
        atr_sqlite_plan *plan = atr_memory_take(sizeof *plan);
        memset(plan, 0, sizeof *plan);
        plan->query_class = &classes[i];
        atr_sqlite_cache_add(&cache, plan, 200);
    }

    assert_int_equal(cache.count, 200);
    for (int i = 0; i < CLASSES; i++) {
        atr_sqlite_plan *plan = atr_sqlite_cache_find(&cache, &classes[i]);
        assert_true((plan != NULL) == (i >= CLASSES - 200));
        assert_true(plan == NULL || plan->query_class == &classes[i]);
    }

    atr_sqlite_cache_clear(&cache);
    assert_int_equal(cache.count, 0);
    assert_null(cache.newest);
    assert_int_equal(atr_memory_now().blocks, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_statement_is_prepared_once),
        TEST(the_one_unused_for_longest_goes_first),
        TEST(a_limit_of_one),
        TEST(classes_of_one_text_do_not_share),
        TEST(any_number_of_classes_is_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
