/* JSON of values whose type is known from a description only: as a field of that type, both ways. */
#include "json_sample.h"

static const atr_type of_bool = ATR_TYPE_bool;
static const atr_type of_i32 = ATR_TYPE_i32;
static const atr_type of_u32 = ATR_TYPE_u32;
static const atr_type of_i64 = ATR_TYPE_i64;
static const atr_type of_f64 = ATR_TYPE_f64;
static const atr_type of_time = ATR_TYPE_time;
static const atr_type of_filter = ATR_TYPE_enumeration(filter);
static const atr_type of_opt_i32 = ATR_TYPE_opt(i32);
static const atr_type of_str = ATR_TYPE_str;
static const atr_type of_opt_str = ATR_TYPE_opt(str);
static const atr_type of_ref = ATR_TYPE_ref(todo_item);
static const atr_type of_opt_ref = ATR_TYPE_opt(ref(todo_item));
static const atr_type of_vec = ATR_TYPE_vec(todo_item);
static const atr_type of_map = ATR_TYPE_map(str, i64);
static const atr_type of_set = ATR_TYPE_set(i64);
static const atr_type of_any = ATR_TYPE_any;
static const atr_type of_opaque = ATR_TYPE_opaque;
static const atr_type of_unit = ATR_TYPE_unit;

static const atr_model *const models[] = {&todo_item_model};
static const atr_json_options listed = {.models = models, .model_count = 1};

static bool same(const atr_type *type, atr_value a, atr_value b)
{
    if (a.kind != b.kind || a.has != b.has) {
        return false;
    }
    switch (type->kind) {
    case ATR_KIND_UNIT: return true;
    case ATR_KIND_BOOL: return a.as.boolean == b.as.boolean;
    case ATR_KIND_I32:
    case ATR_KIND_ENUMERATION: return a.as.i32 == b.as.i32;
    case ATR_KIND_U32: return a.as.u32 == b.as.u32;
    case ATR_KIND_F64: return a.as.f64 == b.as.f64;
    case ATR_KIND_I64:
    case ATR_KIND_TIME: return a.as.i64 == b.as.i64;
    default: return atr_equal(a.as.ref, b.as.ref);
    }
}

static void expect_both_ways(atr_scope *s, const atr_type *type, atr_value value, const char *text)
{
    atr_value read;
    assert_string_equal(atr_to_json_as(s, type, value, NULL)->bytes, text);
    assert_int_equal(atr_from_json_as(s, type, text, strlen(text), &listed, &read), ATR_OK);
    assert_true(same(type, value, read));
    assert_null(atr_scope_error(s));
}

static void scalars_are_written_and_read_as_fields_of_their_type(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    expect_both_ways(s, &of_bool, ATR_WRAP_bool(true), "true");
    expect_both_ways(s, &of_i32, ATR_WRAP_i32(INT32_MIN), "-2147483648");
    expect_both_ways(s, &of_u32, ATR_WRAP_u32(UINT32_MAX), "4294967295");
    expect_both_ways(s, &of_i64, ATR_WRAP_i64(INT64_MAX), "9223372036854775807");
    expect_both_ways(s, &of_f64, ATR_WRAP_f64(0.5), "0.5");
    expect_both_ways(s, &of_time, ATR_WRAP_time(0), "\"1970-01-01T00:00:00Z\"");
    expect_both_ways(s, &of_filter, ATR_WRAP_enumeration(filter)(FILTER_DONE), "\"done\"");
    expect_both_ways(s, &of_unit, atr_wrap_unit_(ATR_UNIT), "null");
    atr_scope_close(s);
}

static void an_absent_opt_is_null_both_ways(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    expect_both_ways(s, &of_opt_i32, atr_wrap_opt_i32_((atr_opt_i32){false, 0}), "null");
    expect_both_ways(s, &of_opt_i32, atr_wrap_opt_i32_((atr_opt_i32){true, 7}), "7");
    expect_both_ways(s, &of_opt_str, ATR_WRAP_str(NULL), "null");
    expect_both_ways(s, &of_opt_ref, ATR_WRAP_REF_(NULL), "null");
    expect_both_ways(s, &of_any, ATR_WRAP_any(NULL), "null");
    expect_both_ways(s, &of_opaque, ATR_WRAP_opaque(NULL), "null");
    atr_scope_close(s);
}

static void the_empty_collection_is_null_and_its_brackets(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_value read;

    expect_both_ways(s, &of_vec, ATR_WRAP_VEC_(NULL), "[]");
    expect_both_ways(s, &of_set, ATR_WRAP_SET_(NULL), "[]");
    expect_both_ways(s, &of_map, ATR_WRAP_MAP_(NULL), "{}");

    assert_int_equal(atr_from_json_as(s, &of_vec, "null", 4, NULL, &read), ATR_OK);
    assert_null(read.as.ref);
    atr_scope_close(s);
}

static void pointers_are_written_and_read_as_fields_of_their_type(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *milk = ATR_NEW(s, todo_item, .id = 1, .title = ATR_STR(s, "milk"));
    expect_both_ways(s, &of_str, ATR_WRAP_str(ATR_STR(s, "a\"b")), "\"a\\\"b\"");
    expect_both_ways(s, &of_ref, ATR_WRAP_REF_(milk),
                     "{\"id\":1,\"title\":\"milk\",\"done\":false}");
    expect_both_ways(s, &of_vec, ATR_WRAP_VEC_(todo_item_vec_push(s, NULL, milk)),
                     "[{\"id\":1,\"title\":\"milk\",\"done\":false}]");
    expect_both_ways(s, &of_any, ATR_WRAP_any(milk),
                     "{\"todo_item\":{\"id\":1,\"title\":\"milk\",\"done\":false}}");
    expect_both_ways(s, &of_any, ATR_WRAP_any(ATR_STR(s, "x")), "{\"str\":\"x\"}");
    atr_scope_close(s);
}

static void a_unit_reads_any_json(void **state)
{
    static const char text[] = " {\"a\": [1, \"x\"]} ";
    atr_scope *s = atr_scope_open(NULL);
    atr_value read;

    assert_int_equal(atr_from_json_as(s, &of_unit, text, strlen(text), NULL, &read), ATR_OK);
    assert_int_equal(read.kind, ATR_KIND_UNIT);

    assert_int_equal(atr_from_json_as(s, &of_unit, "[1", 2, NULL, &read), ATR_E_REFUSED);
    expect_error(s, ATR_JSON_E_SYNTAX, NULL, "too early");
    atr_scope_close(s);
}

static void what_does_not_fit_leaves_the_result_alone(void **state)
{
    static const struct {
        const atr_type *type;
        const char *text;
        int code;
        const char *words;
    } refused[] = {
        {&of_ref, "null", ATR_JSON_E_TYPE, "an object was expected, not null"},
        {&of_str, "null", ATR_JSON_E_TYPE, "text was expected"},
        {&of_i32, "null", ATR_JSON_E_TYPE, "a number was expected"},
        {&of_i32, "2147483648", ATR_JSON_E_RANGE, "beyond the range of i32"},
        {&of_filter, "\"lost\"", ATR_JSON_E_NAME, "is not one of all, done, hidden"},
        {&of_opaque, "{}", ATR_JSON_E_TYPE, "null was expected"},
        {&of_any, "{\"knot\":{}}", ATR_JSON_E_NAME, "not a model that the options list"},
        {&of_vec, "[", ATR_JSON_E_SYNTAX, "too early"},
    };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        atr_value read = ATR_WRAP_i64(42);
        assert_int_equal(atr_from_json_as(s, refused[i].type, refused[i].text,
                                          strlen(refused[i].text), &listed, &read),
                         ATR_E_REFUSED);
        assert_int_equal(read.as.i64, 42);
        expect_error(s, refused[i].code, NULL, refused[i].words);
    }
    atr_scope_close(s);
}

static void an_opaque_value_is_not_written(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    int thing = 0;

    assert_int_equal(atr_to_json_as(s, &of_opaque,
                                    ATR_WRAP_opaque(atr_opaque_new(s, "thing", &thing, NULL)), NULL)
                         ->size,
                     0);

    expect_error(s, ATR_JSON_E_VALUE, "$", "JSON has no form for opaque");
    atr_scope_close(s);
}

static void a_missing_text_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_value read;

    assert_int_equal(atr_from_json_as(s, &of_i64, NULL, 0, NULL, &read), ATR_E_INVALID);

    assert_true(atr_error_is(atr_scope_take_error(s), ATR_DOMAIN_ATRIUM, ATR_E_INVALID));
    atr_scope_close(s);
}

static void without_a_scope_nothing_is_read(void **state)
{
    atr_value read;

    assert_int_equal(atr_from_json_as(NULL, &of_i64, "1", 1, NULL, &read), ATR_E_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(scalars_are_written_and_read_as_fields_of_their_type),
        BOTH(an_absent_opt_is_null_both_ways),
        BOTH(the_empty_collection_is_null_and_its_brackets),
        BOTH(pointers_are_written_and_read_as_fields_of_their_type),
        BOTH(a_unit_reads_any_json),
        BOTH(what_does_not_fit_leaves_the_result_alone),
        BOTH(an_opaque_value_is_not_written),
        BOTH(a_missing_text_is_refused),
        PLAIN(without_a_scope_nothing_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
