#include "json_bounds.h"
#include "json_sample.h"
#include "text.h"

#define TASK(F)                  \
    F(str, title)                \
    F(i32, priority)             \
    F(enumeration(filter), kind) \
    F(ref(todo_item), item)      \
    F(opt(i32), rank)            \
    F(vec(str), words)
#define TASK_ATTRS(A) A(title, .json = "text")
static const todo_item usual_item = {ATR_HEAD(todo_item), .id = 7, .title = &atr_str_default};
ATR_MODEL(task, TASK);
ATR_MODEL_IMPL_WITH(task, TASK, TASK_ATTRS, .priority = 3, .title = ATR_LIT("untitled"),
                    .item = &usual_item, .rank = {true, 5});

#define LOGIN(F)     \
    F(str, user)     \
    F(str, password) \
    F(i64, attempts)
#define LOGIN_ATTRS(A) A(password, .redacted = true)
ATR_MODEL(login, LOGIN);
ATR_MODEL_IMPL_WITH(login, LOGIN, LOGIN_ATTRS, .attempts = 3);

#define CAMEL(F)     \
    F(i64, due_date) \
    F(i64, itemCount)
ATR_MODEL(camel, CAMEL);
ATR_MODEL_IMPL(camel, CAMEL);

static void an_object_becomes_a_model(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const todo_item *v = ATR_FROM_JSON(
        s, todo_item, ATR_STR(s, " {\"done\" : true,\n\t\"id\":-12 , \"title\":\"milk\"}\r\n"));

    assert_null(atr_scope_error(s));
    assert_int_equal(v->id, -12);
    assert_string_equal(v->title->bytes, "milk");
    assert_true(v->done);
    atr_scope_close(s);
}

static void every_kind_is_read_back(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_model *const models[] = {&knot_model, &todo_item_model};
    const atr_json_options options = {.models = models, .model_count = 2};
    const everything *v = sample_everything(s, 1);
    const atr_str *text = atr_to_json(s, v, NULL);

    const void *read = atr_from_json(s, &everything_model, text->bytes, text->size, &options);

    assert_null(atr_scope_error(s));
    assert_true(atr_equal(v, read));
    atr_scope_close(s);
}

static void collections_and_text_are_read_alone(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *numbers = read_text(s, &atr_i64_vec_model, "[3,-1]");
    const atr_i64_set *ids = read_text(s, &atr_i64_set_model, "[3,-1]");
    const atr_i64_map *m = read_text(s, &atr_i64_map_model, "{\"-9\":2,\"10\":1}");
    const atr_str_str_map *names = read_text(s, &atr_str_str_map_model, "{\"a\\u0000b\":\"\"}");

    assert_int_equal(atr_i64_vec_at(numbers, 1), -1);
    assert_int_equal(atr_i64_set_count(ids), 2);
    assert_int_equal(atr_i64_map_get(m, -9), 2);
    assert_true(atr_str_str_map_has(names, atr_str_new_n(s, "a\0b", 3)));
    assert_string_equal(((const atr_str *)read_text(s, &atr_str_model, "\"milk\""))->bytes, "milk");
    assert_int_equal(((const atr_bytes *)read_text(s, &atr_bytes_model, "\"TWE=\""))->size, 2);
    assert_null(read_text(s, &atr_i64_vec_model, "[]"));
    assert_null(read_text(s, &atr_i64_vec_model, "null"));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void missing_fields_take_the_default_where_there_is_one(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options fill = {.fill_missing = true};

    const task *v = read_text(s, &task_model, "{\"kind\":\"all\"}");
    assert_true(atr_equal(v, &task_default));
    assert_int_equal(v->priority, 3);
    v = read_text(s, &task_model, "{\"kind\":\"all\",\"rank\":null,\"text\":\"\"}");
    assert_false(v->rank.has);
    assert_string_equal(v->title->bytes, "");

    const todo_item *item = atr_from_json(s, &todo_item_model, "{\"id\":4}", 8, &fill);
    assert_null(atr_scope_error(s));
    assert_int_equal(item->id, 4);
    assert_string_equal(item->title->bytes, "");

    read_text(s, &todo_item_model, "{\"id\":4,\"done\":true}");
    expect_error(s, ATR_JSON_E_MISSING, "$.title", "todo_item.title");
    atr_scope_close(s);
}

static void defaults_and_attributes_excuse_their_own_fields_only(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const login *v = read_text(s, &login_model, "{\"user\":\"bob\",\"password\":\"x\"}");
    assert_null(atr_scope_error(s));
    assert_int_equal(v->attempts, 3);

    read_text(s, &login_model, "{\"user\":\"bob\"}");
    expect_error(s, ATR_JSON_E_MISSING, "$.password", "login.password");
    read_text(s, &login_model, "{\"password\":\"x\"}");
    expect_error(s, ATR_JSON_E_MISSING, "$.user", "login.user");
    read_text(s, &task_model, "{}");
    expect_error(s, ATR_JSON_E_MISSING, "$.kind", "task.kind");
    atr_scope_close(s);
}

static void unknown_members_are_skipped_on_request(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options ignore = {.ignore_unknown = true};
    const char *text = "{\"x\":[1,{\"y\":[null,true,\"\\u00e9\",{}]},-1e5],\"id\":1,"
                       "\"z\":{\"id\":3},\"title\":\"t\",\"done\":false,\"x\":0}";

    const todo_item *v = atr_from_json(s, &todo_item_model, text, strlen(text), &ignore);

    assert_null(atr_scope_error(s));
    assert_int_equal(v->id, 1);
    assert_string_equal(v->title->bytes, "t");
    text = "{\"id\":1,\"title\":\"t\",\"done\":false,\"x\":[1,{\"y\":tru}]}";
    atr_from_json(s, &todo_item_model, text, strlen(text), &ignore);
    expect_error(s, ATR_JSON_E_SYNTAX, "$", "true, false and null");
    text = "[{\"x\":{\"id\":[tru]}}]"; /* no id of a todo_item */
    atr_from_json(s, &todo_item_vec_model, text, strlen(text), &ignore);
    expect_error(s, ATR_JSON_E_SYNTAX, "$[0]", "(todo_item; line 1");
    atr_scope_close(s);
}

static void names_follow_the_policy(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options to_camel = {.names = ATR_JSON_NAMES_CAMEL};
    const atr_json_options to_snake = {.names = ATR_JSON_NAMES_SNAKE};
    const char *text = "{\"dueDate\":1,\"itemCount\":2}";

    const camel *v = atr_from_json(s, &camel_model, text, strlen(text), &to_camel);
    assert_int_equal(v->due_date, 1);
    text = "{\"due_date\":3,\"item_count\":4}";
    v = atr_from_json(s, &camel_model, text, strlen(text), &to_snake);
    assert_int_equal(v->itemCount, 4);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

#define SHELF(F) F(set(i64), ids)
ATR_MODEL(shelf, SHELF);
ATR_MODEL_IMPL(shelf, SHELF);

#define AN_ITEM "{\"id\":1,\"title\":\"ab\",\"done\":false}"
#define TWO_OF(first, second) "{" first AN_ITEM "," second AN_ITEM "}"

static const struct {
    const atr_model *model;
    const char *text;
    int code;
    const char *path;
    const char *words;
} refused[] = {
    {&todo_item_model, "[]", ATR_JSON_E_TYPE, "$", "an object was expected, not an array"},
    {&todo_item_model, "null", ATR_JSON_E_TYPE, "$", "not null"},
    {&todo_item_vec_model, "[{\"id\":1,\"title\":\"\",\"done\":false},{\"titel\":1}]",
     ATR_JSON_E_UNKNOWN, "$[1].titel", "\"titel\" (todo_item; line 1, column 36, byte 35)"},
    {&todo_item_vec_model, "[\n {\"title\":\n  5}]", ATR_JSON_E_TYPE, "$[0].title",
     "text was expected, not a number (todo_item.title; line 3, column 3, byte 15)"},
    {&todo_item_model, "{\"id\":1,\"id\":1}", ATR_JSON_E_DUPLICATE, "$.id", "twice"},
    {&todo_item_model, "{\"id\":\"1\"}", ATR_JSON_E_TYPE, "$.id", "a number was expected"},
    {&todo_item_model, "{\"id\":1.0}", ATR_JSON_E_TYPE, "$.id", "an integer was expected"},
    {&todo_item_model, "{\"id\":1e3}", ATR_JSON_E_TYPE, "$.id", "an integer was expected"},
    {&todo_item_model, "{\"done\":truex}", ATR_JSON_E_SYNTAX, "$", "(todo_item; line 1, column 13"},
    {&todo_item_model, "{\"id\":1", ATR_JSON_E_SYNTAX, "$", "(todo_item; line 1, column 8"},
    {&todo_item_model, "{\"done\":1}", ATR_JSON_E_TYPE, "$.done", "true or false was expected"},
    {&todo_item_model, "{\"done\":null}", ATR_JSON_E_TYPE, "$.done", "not null"},
    {&todo_item_str_map_model, "{\"a b\":{\"id\":true}}", ATR_JSON_E_TYPE, "$[\"a b\"].id", ""},
    {&todo_item_map_model, "{\"-5\":{\"id\":true}}", ATR_JSON_E_TYPE, "$[\"-5\"].id", ""},
    {&atr_i64_map_model, "{\"05\":1}", ATR_JSON_E_FORM, "$[\"05\"]", "shortest form"},
    {&atr_i64_map_model, "{\"-0\":1}", ATR_JSON_E_FORM, NULL, "shortest form"},
    {&atr_i64_map_model, "{\"+1\":1}", ATR_JSON_E_FORM, NULL, "shortest form"},
    {&atr_i64_map_model, "{\"1 \":1}", ATR_JSON_E_FORM, NULL, "shortest form"},
    {&atr_i64_map_model, "{\"\":1}", ATR_JSON_E_FORM, NULL, "shortest form"},
    {&atr_i64_map_model, "{\"-\":1}", ATR_JSON_E_FORM, NULL, "shortest form"},
    {&atr_i64_map_model, "{\"9223372036854775808\":1}", ATR_JSON_E_FORM, NULL, "64 bits"},
    {&atr_i64_map_model, "{\"1\":1,\"2\":1,\n\"1\":2}", ATR_JSON_E_DUPLICATE, "$[\"1\"]",
     "the key comes twice in this object (line 2, column 1, byte 14)"},
    {&atr_i64_str_map_model, "{\"a\":1,\"\\u0061\":1}", ATR_JSON_E_DUPLICATE, "$.a", "byte 7)"},
    {&todo_item_str_map_model, TWO_OF("\"a\":", "\"a\":"), ATR_JSON_E_DUPLICATE, "$.a", "byte 40)"},
    {&atr_str_set_model, "[\"a\", \"b\", \"a\"]", ATR_JSON_E_DUPLICATE, "$[2]",
     "the element comes twice in this set (line 1, column 12, byte 11)"},
    {&atr_i64_set_model, "[1,2,3,-0,2,0]", ATR_JSON_E_DUPLICATE, "$[4]", "byte 10)"},
    {&atr_f64_oset_model, "[1, 2, 1e0]", ATR_JSON_E_DUPLICATE, "$[2]", "byte 7)"},
    {&atr_i64_time_omap_model, "{\"2000-01-01T00:00:00Z\":1, \"2000-01-01T01:00:00+01:00\":1}",
     ATR_JSON_E_DUPLICATE, "$[\"2000-01-01T00:00:00Z\"]", "byte 27)"},
    {&by_title_model, "[" AN_ITEM "," AN_ITEM "]", ATR_JSON_E_DUPLICATE, "$[1]", "byte 36)"},
    /* of several the first one, wherever it lies */
    {&atr_i64_map_model, "{\"1\":1,\"2\":1,\"2\":2,\"1\":2}", ATR_JSON_E_DUPLICATE, "$[\"2\"]",
     "byte 13)"},
    {&shelf_map_model, "{\"1\":{\"ids\":[]},\"1\":{\"ids\":[3,3]}}", ATR_JSON_E_DUPLICATE,
     "$[\"1\"]", "byte 16)"},
    {&shelf_map_model, "{\"1\":{\"ids\":[]},\"2\":{\"ids\":[3,3]},\"1\":{}}", ATR_JSON_E_DUPLICATE,
     "$[\"2\"].ids[1]", "(shelf.ids; line 1, column 31, byte 30)"},
    {&shelf_map_model, "{\"1\":{\"ids\":[3,3]},\"2\":{\"ids\":5}}", ATR_JSON_E_DUPLICATE,
     "$[\"1\"].ids[1]", "byte 15)"},
    {&atr_str_vec_model, "[\"a\",null]", ATR_JSON_E_TYPE, "$[1]", "not null"},
    {&atr_bytes_model, "\"TWE\"", ATR_JSON_E_FORM, "$", "multiple of 4"},
    {&atr_bytes_model, "\"TWF=\"", ATR_JSON_E_FORM, "$", "bits beyond"},
    {&atr_bytes_model, "\"TW==\"", ATR_JSON_E_FORM, "$", "bits beyond"},
    {&atr_bytes_model, "\"T===\"", ATR_JSON_E_FORM, "$", "does not belong"},
    {&atr_bytes_model, "\"TW=E\"", ATR_JSON_E_FORM, "$", "does not belong"},
    {&atr_bytes_model, "\"TQ==TQ==\"", ATR_JSON_E_FORM, "$", "does not belong"},
    {&atr_bytes_model, "\"T-_=\"", ATR_JSON_E_FORM, "$", "does not belong"},
    {&atr_bytes_model, "\"TWE=\\n   \"", ATR_JSON_E_FORM, "$", "does not belong"},
    {&task_model, "{\"kind\":\"some\"}", ATR_JSON_E_NAME, "$.kind",
     "\"some\" is not one of all, done, hidden (task.kind;"},
    {&task_model, "{\"title\":\"\"}", ATR_JSON_E_UNKNOWN, "$.title", "title"},
    {&everything_model, "{\"other\":{\"todo_item\":{}}}", ATR_JSON_E_NAME, "$.other.todo_item",
     "not a model"},
    {&everything_model, "{\"other\":{}}", ATR_JSON_E_TYPE, "$.other", "one member"},
    {&everything_model, "{\"other\":5}", ATR_JSON_E_TYPE, "$.other", "an object was expected"},
    {&everything_model, "{\"other\":{\"str\":\"\",\"str\":\"\"}}", ATR_JSON_E_TYPE, "$.other",
     "only one"},
    {&everything_model, "{\"other\":{\"atr_i64_vec\":[1,true]}}", ATR_JSON_E_TYPE,
     "$.other.atr_i64_vec[1]", "a number was expected"},
};

static void what_does_not_fit_is_refused_with_its_place(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        read_text(s, refused[i].model, refused[i].text);
        expect_error(s, refused[i].code, refused[i].path, refused[i].words);
    }
    atr_scope_close(s);
}

/* In a few places among many. */
static void a_key_that_comes_twice_is_told_where_it_stands(void **state)
{
    enum { N = 3000 };
    static const int seconds[] = {1, 63, 64, 65, 1024, N - 1};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        int first = (seconds[i] - 1) * 7 / 10;
        atr_scope *s = atr_scope_open(NULL);
        atr_text text = {0};
        size_t at = 0;
        for (int k = 0; k < N; k++) {
            atr_text_puts(&text, k == 0 ? "{" : ",");
            at = k == seconds[i] ? text.size : at;
            atr_text_puts(&text, atr_str_format(s, "\"%d\":1", k == seconds[i] ? first : k)->bytes);
        }
        atr_text_puts(&text, "}");

        assert_null(atr_from_json(s, &atr_i64_map_model, text.bytes, text.size, NULL));

        assert_int_equal(atr_scope_error(s)->detail_number, at);
        expect_error(s, ATR_JSON_E_DUPLICATE, atr_str_format(s, "$[\"%d\"]", first)->bytes,
                     "twice");
        atr_text_free(&text);
        atr_scope_close(s);
    }
}

static void an_error_carries_its_place_as_a_value(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_error *error;
    const atr_json_place *place;

    read_text(s, &todo_item_vec_model, "[\n{\"title\": \"\xc3\xa9\", \"id\": false}]");
    error = atr_scope_take_error(s);
    place = error->payload;

    assert_int_equal(error->detail_number, 24);
    assert_string_equal(error->detail->bytes, "$[0].id");
    assert_int_equal(place->line, 2);
    assert_int_equal(place->column, 22);
    assert_int_equal(place->offset, 24);
    assert_string_equal(place->path->bytes, "$[0].id");
    assert_string_equal(place->model->bytes, "todo_item");
    assert_string_equal(place->field->bytes, "id");
    atr_scope_close(s);
}

/* ---- bounds ---- */

static void refuse_by(atr_scope *s, const char *text, const atr_json_options *options,
                      const char *words)
{
    assert_null(atr_from_json(s, &atr_str_vec_model, text, strlen(text), options));
    expect_error(s, ATR_JSON_E_LIMIT, NULL, words);
}

static void bounds_are_kept_to_the_last_unit(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const char *text = "[\"four\",\"f\\u006fur\"]";
    atr_json_options options = {
        .max_bytes = strlen(text), .max_elements = 2, .max_string_bytes = 4, .max_depth = 1};

    assert_non_null(atr_from_json(s, &atr_str_vec_model, text, strlen(text), &options));
    assert_null(atr_scope_error(s));
    options.max_bytes--;
    refuse_by(s, text, &options, "max_bytes");
    options.max_bytes++;
    options.max_elements--;
    refuse_by(s, text, &options, "max_elements");
    options.max_elements++;
    options.max_string_bytes--;
    refuse_by(s, text, &options, "max_string_bytes");
    refuse_by(s, "[\"f\\u006fur\"]", &options, "max_string_bytes");
    atr_scope_close(s);
}

static void a_listed_model_without_a_form_is_refused(void **state)
{
    static const atr_model *const listed[] = {&atr_opaque_model};
    const atr_json_options options = {.models = listed, .model_count = 1, .fill_missing = true};
    const char *text = "{\"other\":{\"opaque\":5}}";
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(atr_from_json(s, &everything_model, text, strlen(text), &options),
                     &everything_default);
    expect_error(s, ATR_JSON_E_NAME, "$.other.opaque", "a model without a form in JSON");
    atr_scope_close(s);
}

/* A longer string would be found out when it is made, where nobody knows its place any more. */
static void no_bound_is_beyond_the_longest_text(void **state)
{
    const atr_json_options options = {.max_string_bytes = SIZE_MAX};

    assert_int_equal(atr_json_bounds_of(&options).string_bytes, ATR_STR_MAX);
}

static char *nested(size_t depth)
{
    char *text = malloc(2 * depth + 20);
    assert_non_null(text);
    memcpy(text, "{\"x\":", 5);
    memset(text + 5, '[', depth);
    memset(text + 5 + depth, ']', depth);
    memcpy(text + 5 + 2 * depth, "}", 2);
    return text;
}

static void depth_is_bounded_and_the_bound_can_be_moved(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_json_options options = {.ignore_unknown = true, .fill_missing = true};
    static const struct {
        size_t depth, max;
        bool good;
    } cases[] = {{63, 0, true},        {64, 0, false},      {10000, 0, false},
                 {10000, 10001, true}, {1000000, 0, false}, {1000000, 2000000, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = nested(cases[i].depth);
        options.max_depth = cases[i].max;
        atr_from_json(s, &todo_item_model, text, strlen(text), &options);
        if (cases[i].good) {
            assert_null(atr_scope_error(s));
        } else {
            expect_error(s, ATR_JSON_E_LIMIT, NULL, "max_depth");
        }
        free(text);
    }
    atr_scope_close(s);
}

static void a_deep_chain_of_models_comes_back(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options deep = {.max_depth = 20001};
    const knot *top = NULL, *read;
    for (int i = 0; i < 20000; i++) {
        top = ATR_NEW(s, knot, .number = i, .next = top);
    }
    const atr_str *text = atr_to_json(s, top, &deep);

    read = atr_from_json(s, &knot_model, text->bytes, text->size, &deep);

    assert_null(atr_scope_error(s));
    assert_true(atr_equal(top, read));
    atr_scope_close(s);
}

/* Two million values pass through the reader, of which a few hundred live at the end. */
static void long_collections_do_not_hold_what_they_have_taken_in(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *v = NULL;
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, NULL);
    const todo_item *item = sample_item(s, 1, "milk");
    for (int i = 0; i < 1000; i++) {
        todo_item_vec_builder_push(b, item);
    }
    v = todo_item_vec_builder_seal(b);
    const atr_str *text = atr_to_json(s, v, NULL);
    size_t before = atr_memory_now().values;

    const todo_item_vec *read =
        atr_from_json(s, &todo_item_vec_model, text->bytes, text->size, NULL);

    assert_true(atr_equal(v, read));
    assert_in_range(atr_memory_now().values - before, 2000, 2000 + 100);
    atr_scope_close(s);
}

static void a_failure_leaves_nothing_but_its_error(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    size_t before = atr_memory_now().values;

    read_text(s, &todo_item_vec_model,
              "[{\"id\":1,\"title\":\"a long enough title\",\"done\":true},{\"id\":2}]");

    assert_in_range(atr_memory_now().values - before, 1, 6); /* the error, its place, their text */
    expect_error(s, ATR_JSON_E_MISSING, "$[1].title", "missing");
    atr_scope_close(s);
}

static void bad_arguments_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(atr_from_json(s, &todo_item_model, NULL, 0, NULL), &todo_item_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(atr_from_json(s, NULL, "{}", 2, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_ptr_equal(ATR_FROM_JSON(s, todo_item, NULL), &todo_item_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_ptr_equal(atr_from_json(NULL, &todo_item_model, "{}", 2, NULL), &todo_item_default);
    atr_scope_close(s);
}

static void a_list_of_models_has_all_of_them(void **state)
{
    static const atr_model *const gap[] = {&todo_item_model, NULL};
    const atr_json_options wrong[] = {
        {.models = gap, .model_count = 2},
        {.models = NULL, .model_count = 1},
    };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < 2; i++) {
        assert_null(atr_from_json(s, &atr_str_vec_model, "[]", 2, &wrong[i]));
        assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    }
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(an_object_becomes_a_model),
        BOTH(every_kind_is_read_back),
        BOTH(collections_and_text_are_read_alone),
        BOTH(missing_fields_take_the_default_where_there_is_one),
        BOTH(defaults_and_attributes_excuse_their_own_fields_only),
        PLAIN(unknown_members_are_skipped_on_request),
        PLAIN(names_follow_the_policy),
        BOTH(what_does_not_fit_is_refused_with_its_place),
        BOTH(a_key_that_comes_twice_is_told_where_it_stands),
        PLAIN(an_error_carries_its_place_as_a_value),
        PLAIN(bounds_are_kept_to_the_last_unit),
        PLAIN(no_bound_is_beyond_the_longest_text),
        BOTH(a_listed_model_without_a_form_is_refused),
        PLAIN(depth_is_bounded_and_the_bound_can_be_moved),
        BOTH(a_deep_chain_of_models_comes_back),
        BOTH(long_collections_do_not_hold_what_they_have_taken_in),
        BOTH(a_failure_leaves_nothing_but_its_error),
        PLAIN(bad_arguments_are_refused),
        PLAIN(a_list_of_models_has_all_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
