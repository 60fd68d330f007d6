#include "sample.h"

static void every_code_has_a_name_and_a_text(void **state)
{
    for (int code = ATR_E_FAULT; code <= ATR_OK; code++) {
        assert_string_not_equal(atr_code_name(code), "ATR_E_?");
        assert_string_not_equal(atr_code_text(code), "unknown code");
    }
    assert_string_equal(atr_code_name(ATR_E_TIMEOUT), "ATR_E_TIMEOUT");
    assert_string_equal(atr_code_name(1), "ATR_E_?");
    assert_string_equal(atr_code_text(ATR_E_FAULT - 1), "unknown code");
}

static void an_error_is_a_value(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const atr_error *a = atr_error_make(s, ATR_DOMAIN_SQLITE, 5, "busy: %s", "todo.db");
    const atr_error *b = atr_error_make(s, ATR_DOMAIN_SQLITE, 5, "busy: %s", "todo.db");

    assert_true(atr_equal(a, b));
    assert_string_equal(a->message->bytes, "busy: todo.db");
    assert_true(atr_error_is(a, ATR_DOMAIN_SQLITE, 5));
    assert_false(atr_error_is(a, ATR_DOMAIN_SQLITE, 6));
    assert_false(atr_error_is(a, ATR_DOMAIN_CURL, 5));
    assert_false(atr_error_is(NULL, ATR_DOMAIN_CURL, 5));
    atr_scope_close(s);
}

static void making_an_error_latches_nothing(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    atr_error_make(s, ATR_DOMAIN_APP, 1, "not latched");

    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void bytes_that_are_no_text_become_question_marks_in_a_message(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const atr_error *error = atr_error_make(s, ATR_DOMAIN_APP, 1, "no file %s", "\xe4\xf6.txt\xc3");

    assert_string_equal(error->message->bytes, "no file ??.txt?");
    assert_int_equal(error->code, 1);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void an_unknown_domain_counts_as_the_application(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const atr_error *error = atr_error_make(s, (atr_domain)99, 3, "somewhere");

    assert_int_equal(error->domain, ATR_DOMAIN_APP);
    assert_string_equal(error->message->bytes, "somewhere");
    atr_scope_close(s);
}

static void without_a_scope_the_error_is_that_of_a_full_memory(void **state)
{
    assert_ptr_equal(atr_error_make(NULL, ATR_DOMAIN_APP, 1, "x"), &atr_error_no_memory);
    assert_int_equal(atr_refuse(NULL, ATR_E_LIMIT, "x"), ATR_E_LIMIT);
    assert_int_equal(atr_scope_fail(NULL, &atr_error_no_memory), ATR_E_NO_MEMORY);
}

static void the_error_of_a_full_memory_is_static(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    size_t values = atr_memory_now().values;

    atr_scope_fail(s, &atr_error_no_memory);

    assert_int_equal(atr_memory_now().values, values);
    assert_string_equal(atr_error_no_memory.message->bytes, "out of memory");
    assert_true(atr_error_is(&atr_error_no_memory, ATR_DOMAIN_ATRIUM, ATR_E_NO_MEMORY));
    atr_scope_close(s);
}

static void errors_have_causes(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const atr_error *cause = atr_error_make(s, ATR_DOMAIN_UV, -111, "connection refused");
    const atr_error *error = ATR_NEW(s, atr_error, .domain = ATR_DOMAIN_HTTP, .code = -1,
                                     .message = ATR_STR(s, "cannot load"), .cause = cause,
                                     .payload = cause, .retryable = true);

    assert_true(atr_str_is(error->cause->message, "connection refused"));
    assert_string_equal(
        atr_print(s, error)->bytes,
        "atr_error{domain: http, code: -1, message: \"cannot load\", detail: none, "
        "detail_number: 0, retryable: true, cause: atr_error{domain: uv, code: -111, "
        "message: \"connection refused\", detail: none, detail_number: 0, retryable: false, "
        "cause: none, payload: null}, payload: atr_error{domain: uv, code: -111, "
        "message: \"connection refused\", detail: none, detail_number: 0, retryable: false, "
        "cause: none, payload: null}}");
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(every_code_has_a_name_and_a_text),
        BOTH(an_error_is_a_value),
        BOTH(making_an_error_latches_nothing),
        BOTH(bytes_that_are_no_text_become_question_marks_in_a_message),
        BOTH(an_unknown_domain_counts_as_the_application),
        BOTH(without_a_scope_the_error_is_that_of_a_full_memory),
        BOTH(the_error_of_a_full_memory_is_static),
        BOTH(errors_have_causes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
