#include "json_sample.h"

#include <locale.h>
#include <math.h>

#define TAGGED(F)      \
    F(str, dueDate)    \
    F(i64, item_count) \
    F(bool, HTTPReady) \
    F(opt(str), password)
#define TAGGED_ATTRS(A)           \
    A(password, .redacted = true) \
    A(item_count, .json = "n\"1")
ATR_MODEL(tagged, TAGGED);
ATR_MODEL_IMPL_WITH(tagged, TAGGED, TAGGED_ATTRS, .atr = ATR_HEAD(tagged));

#define CLASH(F)     \
    F(i64, due_date) \
    F(i64, dueDate)
ATR_MODEL(clash, CLASH);
ATR_MODEL_IMPL(clash, CLASH);

#define NOTHING(F)
ATR_MODEL(nothing, NOTHING);
ATR_MODEL_IMPL(nothing, NOTHING);

#define A_MUCH_LONGER_NAME_THAN_ITS_CONTENT(F)
ATR_MODEL(a_much_longer_name_than_its_content, A_MUCH_LONGER_NAME_THAN_ITS_CONTENT);
ATR_MODEL_IMPL(a_much_longer_name_than_its_content, A_MUCH_LONGER_NAME_THAN_ITS_CONTENT);
#define BOX(F) F(any, v)
ATR_MODEL(box, BOX);
ATR_MODEL_IMPL(box, BOX);
#define CLOCK(F) F(time, t)
ATR_MODEL(clock_face, CLOCK);
ATR_MODEL_IMPL(clock_face, CLOCK);

static void a_model_is_an_object(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_string_equal(atr_to_json(s, sample_item(s, 1, "milk"), NULL)->bytes,
                        "{\"id\":1,\"title\":\"milk\",\"done\":false}");
    assert_string_equal(atr_to_json(s, &nothing_default, NULL)->bytes, "{}");
    assert_string_equal(atr_to_json(s, NULL, NULL)->bytes, "null");
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void every_kind_is_written(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_string_equal(
        atr_to_json(s, sample_everything(s, 1), NULL)->bytes,
        "{\"flag\":true,\"small\":-1,\"natural\":4000000000,\"big\":1,\"real\":1.5,"
        "\"at\":\"2023-11-14T22:13:20.000001Z\",\"shown\":\"done\",\"text\":\"text 1\","
        "\"raw\":\"AAEC\",\"item\":{\"id\":1,\"title\":\"item\",\"done\":false},"
        "\"items\":[{\"id\":1,\"title\":\"item\",\"done\":false}],\"words\":[\"text 1\"],"
        "\"numbers\":[8],\"reals\":[1.5],"
        "\"by_id\":{\"1\":{\"id\":1,\"title\":\"item\",\"done\":false}},"
        "\"by_name\":{\"text 1\":{\"id\":1,\"title\":\"item\",\"done\":false}},"
        "\"counts\":{\"text 1\":1},\"ids\":[1],\"tags\":[\"text 1\"],\"opt_flag\":false,"
        "\"opt_small\":1,\"opt_natural\":3,\"opt_big\":1,\"opt_real\":0.25,"
        "\"opt_at\":\"1970-01-01T00:00:00.000001Z\",\"opt_shown\":\"hidden\","
        "\"opt_text\":\"text 1\",\"opt_raw\":\"AAEC\","
        "\"opt_item\":{\"id\":1,\"title\":\"item\",\"done\":false},"
        "\"other\":{\"todo_item\":{\"id\":1,\"title\":\"item\",\"done\":false}}}");
    atr_scope_close(s);
}

static void what_is_absent_is_null_or_empty(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_string_equal(
        atr_to_json(s, &everything_default, NULL)->bytes,
        "{\"flag\":false,\"small\":0,\"natural\":0,\"big\":0,\"real\":0,"
        "\"at\":\"1970-01-01T00:00:00Z\",\"shown\":\"all\",\"text\":\"\",\"raw\":\"\","
        "\"item\":{\"id\":0,\"title\":\"\",\"done\":false},\"items\":[],\"words\":[],"
        "\"numbers\":[],\"reals\":[],\"by_id\":{},\"by_name\":{},\"counts\":{},\"ids\":[],"
        "\"tags\":[],\"opt_flag\":null,\"opt_small\":null,\"opt_natural\":null,\"opt_big\":null,"
        "\"opt_real\":null,\"opt_at\":null,\"opt_shown\":null,\"opt_text\":null,\"opt_raw\":null,"
        "\"opt_item\":null,\"other\":null}");
    atr_scope_close(s);
}

static void collections_and_text_are_written_alone(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const int64_t numbers[] = {3, -1};
    const atr_i64_map *m = NULL;

    m = atr_i64_map_set(s, m, 10, 1);
    m = atr_i64_map_set(s, m, -9, 2);
    m = atr_i64_map_set(s, m, 9, 3);

    assert_string_equal(atr_to_json(s, atr_i64_vec_of(s, numbers, 2), NULL)->bytes, "[3,-1]");
    assert_string_equal(atr_to_json(s, ATR_STR(s, "milk"), NULL)->bytes, "\"milk\"");
    assert_string_equal(atr_to_json(s, atr_bytes_new(s, "Ma", 2), NULL)->bytes, "\"TWE=\"");
    assert_string_equal(atr_to_json(s, m, NULL)->bytes, "{\"-9\":2,\"9\":3,\"10\":1}");
    atr_scope_close(s);
}

static void a_redacted_field_is_written(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const tagged *v = ATR_NEW(s, tagged, .dueDate = ATR_STR(s, "x"), .password = ATR_STR(s, "pw"));

    assert_string_equal(atr_to_json(s, v, NULL)->bytes,
                        "{\"dueDate\":\"x\",\"n\\\"1\":0,\"HTTPReady\":false,\"password\":\"pw\"}");
    atr_scope_close(s);
}

static void names_follow_the_policy_but_for_the_attribute(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options snake = {.names = ATR_JSON_NAMES_SNAKE};
    const atr_json_options camel = {.names = ATR_JSON_NAMES_CAMEL};

    assert_string_equal(atr_to_json(s, &tagged_default, &snake)->bytes,
                        "{\"due_date\":\"\",\"n\\\"1\":0,\"httpready\":false,\"password\":null}");
    assert_non_null(
        strstr(atr_to_json(s, &everything_default, &camel)->bytes, "\"byId\":{},\"byName\":{}"));
    assert_non_null(strstr(atr_to_json(s, &everything_default, &camel)->bytes, "\"optFlag\":null"));
    assert_null(atr_scope_error(s));

    assert_string_equal(atr_to_json(s, &clash_default, &camel)->bytes, "");
    expect_error(s, ATR_JSON_E_MODEL, "$",
                 "$: clash: the fields due_date and dueDate have the same JSON name dueDate");
    assert_ptr_equal(atr_from_json(s, &clash_model, "{}", 2, &camel), &clash_default);
    expect_error(s, ATR_JSON_E_MODEL, "$",
                 "$: clash: the fields due_date and dueDate have the same JSON name dueDate (");
    assert_string_equal(atr_to_json(s, &clash_default, NULL)->bytes,
                        "{\"due_date\":0,\"dueDate\":0}");
    atr_scope_close(s);
}

static void indented_text_has_a_line_for_each_member(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options options = {.indent = 2};
    const todo_item *item = sample_item(s, 1, "milk");

    assert_string_equal(atr_to_json(s, todo_item_vec_of(s, &item, 1), &options)->bytes,
                        "[\n  {\n    \"id\": 1,\n    \"title\": \"milk\",\n    \"done\": false\n"
                        "  }\n]");
    assert_string_equal(atr_to_json(s, &nothing_default, &options)->bytes, "{}");
    atr_scope_close(s);
}

static void text_is_escaped_where_it_must_be(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *text = atr_str_new_n(s, "\0\x1f\b\t\n\f\r\"\\/\x7f\xc3\xa9", 13);

    assert_string_equal(atr_to_json(s, text, NULL)->bytes,
                        "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\/\x7f\xc3\xa9\"");
    atr_scope_close(s);
}

/* Most of them from the appendix of RFC 8785. */
static const struct {
    double number;
    const char *text;
} reals[] = {
    {0.0, "0"},
    {-0.0, "0"},
    {1, "1"},
    {-1.5, "-1.5"},
    {5e-324, "5e-324"},
    {-5e-324, "-5e-324"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {9007199254740992.0, "9007199254740992"},
    {-9007199254740992.0, "-9007199254740992"},
    {295147905179352830000.0, "295147905179352830000"},
    {9.999999999999997e22, "9.999999999999997e+22"},
    {1e23, "1e+23"},
    {1.0000000000000001e23, "1.0000000000000001e+23"},
    {999999999999999700000.0, "999999999999999700000"},
    {999999999999999900000.0, "999999999999999900000"},
    {1e21, "1e+21"},
    {9.999999999999997e-7, "9.999999999999997e-7"},
    {0.000001, "0.000001"},
    {333333333.3333332, "333333333.3333332"},
    {333333333.33333325, "333333333.33333325"},
    {333333333.3333333, "333333333.3333333"},
    {333333333.3333334, "333333333.3333334"},
    {333333333.33333343, "333333333.33333343"},
    {-0.0000033333333333333333, "-0.0000033333333333333333"},
    {1424953923781206.2, "1424953923781206.2"},
    {5.684341886080802e-14, "5.684341886080802e-14"}, /* 2 to the power of -44 */
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {0.1, "0.1"},
    {0.30000000000000004, "0.30000000000000004"},
    {1e300, "1e+300"},
};

static void numbers_have_the_fewest_digits_that_read_back(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        const everything *v =
            ATR_NEW(s, everything, .real = reals[i].number, .text = ATR_STR(s, ""),
                    .raw = &atr_bytes_default, .item = &todo_item_default);
        const char *json = atr_to_json(s, v, NULL)->bytes;
        char expected[80];
        snprintf(expected, sizeof expected, "\"real\":%s,", reals[i].text);
        if (strstr(json, expected) == NULL) {
            fail_msg("%s is missing in %s", expected, json);
        }
    }
    atr_scope_close(s);
}

static void integers_keep_all_their_digits(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const int64_t numbers[] = {INT64_MIN, INT64_MAX, 9007199254740993};

    assert_string_equal(atr_to_json(s, atr_i64_vec_of(s, numbers, 3), NULL)->bytes,
                        "[-9223372036854775808,9223372036854775807,9007199254740993]");
    atr_scope_close(s);
}

static void canonical_json_is_sorted_by_bytes(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options options = {.canonical = true, .indent = 4};
    const atr_i64_map *m = NULL;
    const int64_t keys[] = {9, 10, 100, -1, -10, 0};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        m = atr_i64_map_set(s, m, keys[i], (int64_t)i);
    }

    assert_string_equal(atr_to_json(s, sample_item(s, 1, "milk"), &options)->bytes,
                        "{\"done\":false,\"id\":1,\"title\":\"milk\"}");
    assert_string_equal(atr_to_json(s, m, &options)->bytes,
                        "{\"-1\":3,\"-10\":4,\"0\":5,\"10\":1,\"100\":2,\"9\":0}");
    atr_scope_close(s);
}

static void what_has_no_form_is_refused_with_its_path(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    everything draft = everything_default;
    const double wrong[] = {0, NAN};
    const atr_f64_str_map *m = atr_f64_str_map_set(s, NULL, ATR_STR(s, "a b"), INFINITY);
    const atr_error *error;

    draft.reals = atr_f64_vec_of(s, wrong, 2);
    assert_string_equal(atr_to_json(s, everything_new(s, draft), NULL)->bytes, "");
    error = atr_scope_error(s);
    assert_string_equal(error->message->bytes,
                        "$.reals[1]: JSON has no form for NaN (everything.reals)");
    assert_string_equal(((const atr_json_place *)error->payload)->model->bytes, "everything");
    assert_string_equal(((const atr_json_place *)error->payload)->field->bytes, "reals");
    expect_error(s, ATR_JSON_E_VALUE, "$.reals[1]", "NaN");

    assert_string_equal(atr_to_json(s, m, NULL)->bytes, "");
    expect_error(s, ATR_JSON_E_VALUE, "$[\"a b\"]", "infinity");

    draft.reals = NULL;
    draft.opt_at = ATR_SOME(time, INT64_MAX);
    atr_to_json(s, everything_new(s, draft), NULL);
    expect_error(s, ATR_JSON_E_RANGE, "$.opt_at", "0001 to 9999");
    atr_scope_close(s);
}

static void an_unpublished_value_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item draft = {.id = 1};

    assert_string_equal(atr_to_json(s, &draft, NULL)->bytes, "");
    expect_error(s, ATR_JSON_E_VALUE, "$", "never published");
    atr_scope_close(s);
}

static const knot *chain(atr_scope *s, int depth)
{
    const knot *top = NULL;
    for (int i = 0; i < depth; i++) {
        top = ATR_NEW(s, knot, .number = i, .next = top);
    }
    return top;
}

static void depth_is_bounded_and_the_bound_can_be_moved(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options deep = {.max_depth = 100000};

    assert_int_not_equal(atr_to_json(s, chain(s, 64), NULL)->size, 0);
    assert_string_equal(atr_to_json(s, chain(s, 65), NULL)->bytes, "");
    expect_error(s, ATR_JSON_E_LIMIT, NULL, "max_depth");
    assert_int_not_equal(atr_to_json(s, chain(s, 100000), &deep)->size, 0);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

/* The least bound within which a value is written is the least within which that is read. */
static void expect_same_bound(atr_scope *s, const void *value, const atr_model *const *models,
                              size_t offset, size_t most, const char *words)
{
    size_t bound = most;
    for (; bound > 0; bound--) {
        atr_json_options options = {.models = models, .model_count = models != NULL ? 1 : 0};
        memcpy((char *)&options + offset, &bound, sizeof bound);
        const atr_str *text = atr_to_json(s, value, &options);
        if (atr_scope_error(s) != NULL) {
            expect_error(s, ATR_JSON_E_LIMIT, NULL, words);
            break;
        }
        atr_from_json(s, ((const atr_head *)value)->model, text->bytes, text->size, &options);
        assert_null(atr_scope_error(s));
    }
    assert_in_range(bound, 1, most - 1);

    const atr_json_options listed = {.models = models, .model_count = models != NULL ? 1 : 0};
    atr_json_options tight = listed;
    memcpy((char *)&tight + offset, &bound, sizeof bound);
    const atr_str *text = atr_to_json(s, value, &listed);
    atr_from_json(s, ((const atr_head *)value)->model, text->bytes, text->size, &tight);
    expect_error(s, ATR_JSON_E_LIMIT, NULL, words);
}

static void what_is_within_the_bounds_of_writing_is_within_those_of_reading(void **state)
{
    static const atr_model *const models[] = {&a_much_longer_name_than_its_content_model};
    const atr_json_options small = {.max_string_bytes = 4};
    atr_scope *s = atr_scope_open(NULL);
    const atr_str_vec *texts = atr_str_vec_push(s, NULL, ATR_STR(s, "a\n\"\\\x01 tea"));
    const atr_str_str_map *named =
        atr_str_str_map_set(s, NULL, ATR_STR(s, "a long name\n"), ATR_STR(s, ""));
    const box *named_box = ATR_NEW(s, box, .v = ATR_NEW(s, a_much_longer_name_than_its_content));
    const box *bytes = ATR_NEW(s, box, .v = atr_bytes_new(s, "0123456789abcdef0", 17));
    const clock_face *time = ATR_NEW(s, clock_face, .t = 1);

#define SAME(value, models, member, most, words) \
    expect_same_bound(s, value, models, offsetof(atr_json_options, member), most, words)
    SAME(texts, NULL, max_string_bytes, 100, "max_string_bytes");
    SAME(named, NULL, max_string_bytes, 100, "max_string_bytes");
    SAME(named_box, models, max_string_bytes, 100, "max_string_bytes");
    SAME(bytes, NULL, max_string_bytes, 100, "max_string_bytes");
    SAME(time, NULL, max_string_bytes, 100, "max_string_bytes");
    SAME(texts, NULL, max_bytes, 1000, "max_bytes");
    SAME(named_box, models, max_bytes, 1000, "max_bytes");
    SAME(atr_i64_vec_push(s, atr_i64_vec_push(s, NULL, 1), 2), NULL, max_elements, 10,
         "max_elements");
    SAME(named_box, models, max_elements, 10, "max_elements");
    SAME(named_box, models, max_depth, 10, "max_depth");
#undef SAME
    atr_to_json(s, atr_str_vec_push(s, NULL, ATR_STR(s, "12345")), &small);
    expect_error(s, ATR_JSON_E_LIMIT, "$[0]", "a string longer than max_string_bytes");
    atr_scope_close(s);
}

/* It is no text that is kept. */
static void a_content_hash_has_no_bounds(void **state)
{
    static char long_text[17 << 20];
    atr_scope *s = atr_scope_open(NULL);
    memset(long_text, 'x', sizeof long_text);

    atr_content_hash(s, atr_str_new_n(s, long_text, sizeof long_text));
    atr_content_hash(s, chain(s, 1000));

    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void a_null_scope_gets_the_default(void **state)
{
    assert_ptr_equal(atr_to_json(NULL, &todo_item_default, NULL), &atr_str_default);
    assert_ptr_equal(atr_to_json(NULL, NULL, NULL), &atr_str_default);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_model_is_an_object),
        BOTH(every_kind_is_written),
        PLAIN(what_is_absent_is_null_or_empty),
        PLAIN(collections_and_text_are_written_alone),
        PLAIN(a_redacted_field_is_written),
        PLAIN(names_follow_the_policy_but_for_the_attribute),
        PLAIN(indented_text_has_a_line_for_each_member),
        PLAIN(text_is_escaped_where_it_must_be),
        PLAIN(numbers_have_the_fewest_digits_that_read_back),
        PLAIN(integers_keep_all_their_digits),
        PLAIN(canonical_json_is_sorted_by_bytes),
        BOTH(what_has_no_form_is_refused_with_its_path),
        PLAIN(an_unpublished_value_is_refused),
        BOTH(depth_is_bounded_and_the_bound_can_be_moved),
        PLAIN(what_is_within_the_bounds_of_writing_is_within_those_of_reading),
        PLAIN(a_content_hash_has_no_bounds),
        PLAIN(a_null_scope_gets_the_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
