/** State tests under cmocka:
 *
 *      #include <atrium/testkit_cmocka.h>
 *      #include <cmocka.h>
 *
 *      static void added_item_is_in_the_state(atr_test *t)
 *      {
 *          ATR_CAN(t, add_todo, &milk);
 *
 *          ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
 *
 *          ATR_ASSERT_INT(t, 1, ATR_STATE(t, todos)->count);
 *      }
 *
 *      int main(void)
 *      {
 *          const atr_test_options todo = {.components = ATR_COMPONENTS(&todos_component)};
 *          const struct CMUnitTest tests[] = {
 *              atr_unit_test(added_item_is_in_the_state, &todo),
 *          };
 *          return cmocka_run_group_tests(tests, NULL, NULL);
 *      }
 *
 *  Each test gets an app of its own. It ends when the body has returned, still inside the test:
 *  what strictness forbids, an app that does not close and memory that is not given back are
 *  failures of it.
 *
 *  A failing assertion of the kit leaves the test's body; in a callback it is recorded and leaves
 *  the body when the step returns. cmocka's own assertions may be used beside them. One that fails
 *  in a callback jumps out of the engine: the app is abandoned then, and the next test is sound. */
#ifndef ATRIUM_TESTKIT_CMOCKA_H
#define ATRIUM_TESTKIT_CMOCKA_H

/* What cmocka.h wants before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <atrium/testkit.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A test and its options; made by atr_unit_test. */
typedef struct atr_cmocka_test {
    void (*fn)(atr_test *t);
    const atr_test_options *options; /**< its fail hook is not used. NULL: all defaults */
    const char *file;
    int line;
    atr_test *t;
} atr_cmocka_test;

/** An entry of a `struct CMUnitTest` table. @param fn void (atr_test *t). @param options borrowed
 *  until the group has run. C only. */
#define atr_unit_test(fn, options)                                                     \
    {                                                                                  \
#fn, atr_cmocka_run, atr_cmocka_setup, atr_cmocka_teardown, &(atr_cmocka_test) \
        {                                                                              \
            (fn), (options), __FILE__, __LINE__, NULL                                  \
        }                                                                              \
    }

/* ---- under the macro: the functions of a cmocka test whose state is an atr_cmocka_test ---- */

ATR_API int atr_cmocka_setup(void **state);
ATR_API void atr_cmocka_run(void **state);
ATR_API int atr_cmocka_teardown(void **state);

#ifdef __cplusplus
}
#endif
#endif
