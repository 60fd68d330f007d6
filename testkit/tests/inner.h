/* Tests inside tests: an inner one fails on purpose, its failures are read. Included last. */
#ifndef ATR_TESTKIT_TESTS_INNER_H
#define ATR_TESTKIT_TESTS_INNER_H

#include <stdio.h>
#include <string.h>

#include <atrium/testkit_cmocka.h>

#include "todo.h"

#include <cmocka.h>

/* What the hook of the inner test was told, one failure a line, and how often. */
typedef struct told {
    char text[4096];
    int times;
} told;

static inline void tell(void *user, const atr_test_failure *failures, size_t count)
{
    told *to = user;
    to->times++;
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(to->text);
        snprintf(to->text + used, sizeof to->text - used, "%s\n", failures[i].text);
    }
}

static inline atr_test *inner_open(told *to)
{
    const atr_test_options options = {
        .components = ATR_COMPONENTS(&todos_component), .fail = tell, .fail_user = to};
    atr_test *t;
    memset(to, 0, sizeof *to);
    t = atr_test_open(&options);
    assert_non_null(t);
    return t;
}

static inline int inner_close(atr_test *t)
{
    int failures = atr_test_end(t);
    atr_test_free(t);
    return failures;
}

#endif
