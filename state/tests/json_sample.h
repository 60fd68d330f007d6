/* What the tests of JSON share: more models, reading and writing in one line, expected errors. */
#ifndef ATR_STATE_TESTS_JSON_SAMPLE_H
#define ATR_STATE_TESTS_JSON_SAMPLE_H

#include "sample.h"

#include <stdio.h>
#include <string.h>

#include <atrium/json.h>

static inline void expect_error(atr_scope *s, int code, const char *path, const char *words)
{
    const atr_error *error = atr_scope_take_error(s);
    assert_non_null(error);
    if (!atr_error_is(error, ATR_DOMAIN_JSON, code) ||
        strstr(error->message->bytes, words) == NULL) {
        fail_msg("code %d, \"%s\" instead of %d, \"%s\"", (int)error->code, error->message->bytes,
                 code, words);
    }
    if (path != NULL) {
        assert_string_equal(error->detail->bytes, path);
    }
}

/* In a scope of its own: nothing of a failure stays in memory but the error. */
static inline const void *read_text(atr_scope *s, const atr_model *model, const char *text)
{
    const void *value = atr_from_json(s, model, text, strlen(text), NULL);
    if (atr_scope_error(s) != NULL) {
        assert_ptr_equal(value, model->prototype);
    }
    return value;
}

#endif
