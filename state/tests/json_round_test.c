/* What is written is read back the same: random values of a model with every kind, and every failing
 * allocation on the way. */
#include "failing.h"
#include "json_sample.h"
#include "random.h"

#include <math.h>

#include <atrium/ordered_map.h>

static int item_order(const todo_item *a, const todo_item *b)
{
    return (a->id > b->id) - (a->id < b->id);
}
ATR_OMAP(todo_item, str);
ATR_OMAP_IMPL(todo_item, str);
ATR_OSET_OF(item_queue, todo_item, item_order);
ATR_OSET_OF_IMPL(item_queue, todo_item, item_order);

#define SHELF(F)                     \
    F(omap(str, todo_item), by_name) \
    F(omap(i64, str), by_id)         \
    F(omap(f64, i64), by_weight)     \
    F(omap(time, f64), log)          \
    F(oset(i64), ids)                \
    F(oset(f64), weights)            \
    F(oset(time), times)             \
    F(oset(str), tags)               \
    F(oset(item_queue), queue)       \
    F(any, other)
ATR_MODEL(shelf, SHELF);
ATR_MODEL_IMPL(shelf, SHELF);

static const atr_model *const models[] = {&everything_model, &todo_item_model, &knot_model,
                                          &todo_item_vec_model, &todo_item_map_model};
static const atr_json_options usual = {.models = models,
                                       .model_count = sizeof models / sizeof *models};

/* ---- random values ---- */

static uint64_t random_word(void)
{
    uint64_t word = 0;
    for (int i = 0; i < 4; i++) {
        word = word << 16 | random_below(65536);
    }
    return word;
}

static int64_t random_i64(void)
{
    static const int64_t edges[] = {0, 1, -1, INT64_MAX, INT64_MIN, 9007199254740993, 10, 100};
    return random_below(3) == 0   ? edges[random_below(sizeof edges / sizeof *edges)]
           : random_below(2) == 0 ? (int64_t)random_below(100)
                                  : (int64_t)random_word();
}

static double random_f64(void)
{
    uint64_t bits = random_word();
    double number;
    memcpy(&number, &bits, sizeof number);
    if (random_below(3) == 0) {
        number = (double)(int64_t)random_below(1000) / 8;
    } else if (random_below(4) == 0) {
        number = ldexp(1, (int)random_below(2098) - 1074); /* powers of two */
    }
    return isfinite(number) ? number : 0.1;
}

static atr_time random_time(void)
{
    static const int64_t first = -62135596800000000, end = 253402300800000000;
    return random_below(8) == 0   ? first
           : random_below(8) == 0 ? end - 1
                                  : first + (int64_t)(random_word() % (uint64_t)(end - first));
}

static const atr_str *random_str(atr_scope *s)
{
    static const char *const pieces[] = {"a",    "\"",       "\\",   "\n",
                                         "\x01", "\xc3\xa9", "\x7f", "\xf0\x9f\x98\x80",
                                         "/",    " ",        "0",    "\xe2\x80\xa8"};
    char text[64];
    size_t size = 0, count = random_below(8);
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[random_below(sizeof pieces / sizeof *pieces)];
        memcpy(text + size, piece, strlen(piece));
        size += strlen(piece);
        if (random_below(10) == 0) {
            text[size++] = '\0';
        }
    }
    return atr_str_new_n(s, text, size);
}

static const atr_bytes *random_bytes(atr_scope *s)
{
    uint64_t words[3] = {random_word(), random_word(), random_word()};
    return atr_bytes_new(s, words, random_below(sizeof words));
}

static const todo_item *random_item(atr_scope *s)
{
    return ATR_NEW(s, todo_item, .id = random_i64(), .title = random_str(s),
                   .done = random_below(2) == 1);
}

static filter random_filter(void)
{
    static const filter all[] = {FILTER_ALL, FILTER_DONE, FILTER_HIDDEN};
    return all[random_below(3)];
}

static void random_collections(atr_scope *s, everything *v)
{
    for (size_t i = random_below(5); i > 0; i--) {
        v->items = todo_item_vec_push(s, v->items, random_item(s));
        v->words = atr_str_vec_push(s, v->words, random_str(s));
        v->by_id = todo_item_map_set(s, v->by_id, random_i64(), random_item(s));
    }
    for (size_t i = random_below(5); i > 0; i--) {
        v->numbers = atr_i64_vec_push(s, v->numbers, random_i64());
        v->reals = atr_f64_vec_push(s, v->reals, random_f64());
        v->by_name = todo_item_str_map_set(s, v->by_name, random_str(s), random_item(s));
        v->counts = atr_i64_str_map_set(s, v->counts, random_str(s), random_i64());
        v->ids = atr_i64_set_add(s, v->ids, random_i64());
        v->tags = atr_str_set_add(s, v->tags, random_str(s));
    }
}

static void random_optionals(atr_scope *s, everything *v)
{
    if (random_below(2) == 0) {
        v->opt_flag = ATR_SOME(bool, random_below(2) == 1);
        v->opt_small = ATR_SOME(i32, (int32_t)random_word());
        v->opt_big = ATR_SOME(i64, random_i64());
        v->opt_at = ATR_SOME(time, random_time());
        v->opt_text = random_str(s);
    }
    if (random_below(2) == 0) {
        v->opt_natural = ATR_SOME(u32, (uint32_t)random_word());
        v->opt_real = ATR_SOME(f64, random_f64());
        v->opt_shown = ATR_SOME(enumeration(filter), random_filter());
        v->opt_raw = random_bytes(s);
        v->opt_item = random_item(s);
    }
}

static const void *random_any(atr_scope *s, const everything *inner)
{
    switch (random_below(7)) {
    case 0: return random_str(s);
    case 1: return random_bytes(s);
    case 2: return random_item(s);
    case 3: return todo_item_vec_push(s, NULL, random_item(s));
    case 4: return atr_i64_set_add(s, NULL, random_i64());
    case 5: return inner;
    default: return NULL;
    }
}

static const everything *random_value(atr_scope *s)
{
    const everything *made = NULL;
    for (size_t i = 1 + random_below(2); i > 0; i--) {
        everything v = everything_default;
        v.flag = random_below(2) == 1;
        v.small = (int32_t)random_word();
        v.natural = (uint32_t)random_word();
        v.big = random_i64();
        v.real = random_f64();
        v.at = random_time();
        v.shown = random_filter();
        v.text = random_str(s);
        v.raw = random_bytes(s);
        v.item = random_item(s);
        random_collections(s, &v);
        random_optionals(s, &v);
        v.other = random_any(s, made);
        made = everything_new(s, v);
    }
    return made;
}

static const shelf *random_shelf(atr_scope *s)
{
    shelf v = shelf_default;
    for (size_t i = random_below(8); i > 0; i--) {
        v.by_name = todo_item_str_omap_set(s, v.by_name, random_str(s), random_item(s));
        v.by_id = atr_str_omap_set(s, v.by_id, random_i64(), random_str(s));
        v.by_weight = atr_i64_f64_omap_set(s, v.by_weight, random_f64(), random_i64());
        v.log = atr_f64_time_omap_set(s, v.log, random_time(), random_f64());
        v.ids = atr_i64_oset_add(s, v.ids, random_i64());
        v.weights = atr_f64_oset_add(s, v.weights, random_f64());
        v.times = atr_time_oset_add(s, v.times, random_time());
        v.tags = atr_str_oset_add(s, v.tags, random_str(s));
        v.queue = item_queue_add(s, v.queue, random_item(s));
        v.other = v.log;
    }
    return shelf_new(s, v);
}

/* ---- properties ---- */

static const void *there_and_back(atr_scope *s, const void *v, atr_json_options options)
{
    const atr_model *model = ((const atr_head *)v)->model;
    options.models = usual.models;
    options.model_count = usual.model_count;
    const atr_str *text = atr_to_json(s, v, &options);
    const void *read = atr_from_json(s, model, text->bytes, text->size, &options);
    assert_null(atr_scope_error(s));
    if (!atr_equal(v, read)) {
        fail_msg("%s\n%s", text->bytes, atr_diff_print(s, v, read, 0)->bytes);
    }
    return read;
}

static void what_is_written_is_read_back(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    size_t steps = random_begin() / 20;
    for (size_t i = 0; i < steps; i++) {
        ATR_SCOPE(inner, s) {
            bool ordered = i % 4 == 0;
            const void *v = ordered ? (const void *)random_shelf(inner) : random_value(inner);
            const void *read;
            there_and_back(inner, v, (atr_json_options){.names = ATR_JSON_NAMES_CAMEL});
            there_and_back(inner, v, (atr_json_options){.indent = 3});
            read = there_and_back(inner, v, (atr_json_options){.canonical = true});

            const atr_json_options canonical = {.canonical = true};
            assert_true(atr_str_equal(atr_to_json(inner, v, &canonical),
                                      atr_to_json(inner, read, &canonical)));
            assert_true(
                atr_content_equal(atr_content_hash(inner, v), atr_content_hash(inner, read)));
        }
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void ordered_maps_and_sets_have_keys_as_text(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_json_options canonical = {.canonical = true};
    const atr_i64_f64_omap *weights = NULL;
    const atr_i64_time_omap *log = atr_i64_time_omap_set(s, NULL, 500000, 1);

    weights = atr_i64_f64_omap_set(s, weights, 1e21, 1);
    weights = atr_i64_f64_omap_set(s, weights, 9.5, 2);
    weights = atr_i64_f64_omap_set(s, weights, 10, 3);
    log = atr_i64_time_omap_set(s, log, 0, 2);

    assert_string_equal(atr_to_json(s, weights, NULL)->bytes, "{\"9.5\":2,\"10\":3,\"1e+21\":1}");
    assert_string_equal(atr_to_json(s, weights, &canonical)->bytes,
                        "{\"10\":3,\"1e+21\":1,\"9.5\":2}");
    assert_string_equal(atr_to_json(s, log, NULL)->bytes,
                        "{\"1970-01-01T00:00:00Z\":2,\"1970-01-01T00:00:00.500000Z\":1}");
    assert_string_equal(atr_to_json(s, log, &canonical)->bytes,
                        "{\"1970-01-01T00:00:00.500000Z\":1,\"1970-01-01T00:00:00Z\":2}");

    atr_to_json(s, atr_i64_f64_omap_set(s, weights, NAN, 1), NULL);
    expect_error(s, ATR_JSON_E_VALUE, "$.NaN", "no form for this key");
    assert_false(atr_content_equal(atr_content_hash(s, atr_i64_f64_omap_set(s, weights, NAN, 1)),
                                   atr_content_hash(s, weights)));
    atr_to_json(s, atr_i64_time_omap_set(s, log, INT64_MAX, 1), NULL);
    expect_error(s, ATR_JSON_E_RANGE, "$[\"9223372036854775807\"]", "no form for this key");
    atr_scope_close(s);
}

static void keys_that_fit_no_ordered_map_are_refused(void **state)
{
    static const struct {
        const atr_model *model;
        const char *text;
        int code;
        const char *words;
    } refused[] = {
        {&atr_i64_f64_omap_model, "{\"\":1}", ATR_JSON_E_FORM, "is no number"},
        {&atr_i64_f64_omap_model, "{\"1 \":1}", ATR_JSON_E_FORM, "is no number"},
        {&atr_i64_f64_omap_model, "{\"x\":1}", ATR_JSON_E_FORM, "is no number"},
        {&atr_i64_f64_omap_model, "{\"1e999\":1}", ATR_JSON_E_FORM, "beyond the range"},
        {&atr_i64_f64_omap_model, "{\"1\":1,\"1.0\":2}", ATR_JSON_E_DUPLICATE, "twice"},
        {&atr_i64_time_omap_model, "{\"today\":1}", ATR_JSON_E_FORM, "is no time"},
        {&atr_i64_oset_model, "[1,1]", ATR_JSON_E_DUPLICATE, "twice"},
        {&atr_i64_oset_model, "{}", ATR_JSON_E_TYPE, "an array was expected"},
        {&atr_i64_omap_model, "[]", ATR_JSON_E_TYPE, "an object was expected"},
    };
    atr_scope *s = atr_scope_open(NULL);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_null(read_text(s, refused[i].model, refused[i].text));
        expect_error(s, refused[i].code, NULL, refused[i].words);
    }
    atr_scope_close(s);
}

static void numbers_are_read_back_bit_by_bit(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    size_t steps = random_begin();
    for (size_t i = 0; i < steps; i++) {
        ATR_SCOPE(inner, s) {
            double number = random_f64();
            const atr_str *text = atr_to_json(inner, atr_f64_vec_push(inner, NULL, number), NULL);
            const atr_f64_vec *read = read_text(inner, &atr_f64_vec_model, text->bytes);
            assert_null(atr_scope_error(inner));
            assert_true(atr_f64_vec_at(read, 0) == number);
        }
    }
    atr_scope_close(s);
}

/* ---- every allocation fails once ---- */

/* Small pools, so that nearly every value is an allocation under the address sanitizer. */
static void scenario(atr_scope *s)
{
    const everything *v = sample_everything(s, 3), *read;
    const atr_json_options canonical = {.canonical = true};
    const atr_str *text;
    if (atr_scope_error(s) != NULL) {
        return;
    }
    text = atr_to_json(s, v, &canonical);
    assert_true(text->size == 0 || atr_scope_error(s) == NULL);
    if (atr_scope_error(s) == NULL) {
        read = atr_from_json(s, &everything_model, text->bytes, text->size, &usual);
        assert_true(atr_scope_error(s) != NULL ? read == &everything_default : atr_equal(v, read));
    }
    atr_scope_take_error(s);
    const atr_type any = ATR_TYPE_any;
    atr_value value = {.as = {.ref = NULL}};
    text = atr_to_json_as(s, &any, atr_wrap_pointer_(ATR_KIND_ANY, v), NULL);
    int code = atr_from_json_as(s, &any, text->bytes, text->size, &usual, &value);
    assert_int_equal(code == ATR_OK, atr_scope_error(s) == NULL);
    assert_true(code == ATR_OK ? atr_equal(v, value.as.ref) : value.as.ref == NULL);
    atr_scope_take_error(s);
    read_text(s, &todo_item_vec_model, "[{\"id\":1,\"title\":\"a\\u0062c\"}]");
    assert_non_null(atr_scope_take_error(s));
    atr_content hash = atr_content_hash(s, v);
    assert_int_equal(atr_scope_error(s) != NULL, hash.low == 0 && hash.high == 0);
}

static void any_allocation_may_fail(void **state)
{
    size_t n = 0;
    failing_begin();
    do {
        failing_after(n++);
        atr_scope *s = atr_scope_open(NULL);
        if (s != NULL) {
            scenario(s);
        }
        atr_scope_close(s);
        assert_int_equal(atr_memory_now().blocks, 0);
    } while (failing_stop());
    assert_true(n > 20);
    failing_end();
}

static void any_value_may_be_refused_by_the_gate(void **state)
{
    size_t n = 0;
    do {
        atr_pool *pool = atr_pool_new();
        atr_scope *s = atr_pool_scope(pool);
        atr_pool_gate(pool, failing_gate, NULL);
        failing_after(n++);
        scenario(s);
        atr_scope_close(s);
        atr_pool_close(pool);
        assert_int_equal(atr_memory_now().blocks, 0);
    } while (failing_stop());
    assert_true(n > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(what_is_written_is_read_back),
        PLAIN(ordered_maps_and_sets_have_keys_as_text),
        PLAIN(keys_that_fit_no_ordered_map_are_refused),
        PLAIN(numbers_are_read_back_bit_by_bit),
        BOTH(any_allocation_may_fail),
        BOTH(any_value_may_be_refused_by_the_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
