#include "json_sample.h"

#include <math.h>

#include "json_siphash.h"

static void expect_hash(const atr_content *hash, const char *hex)
{
    char text[40];
    size_t used = 0;
    for (int i = 0; i < 16; i++) {
        uint64_t word = i < 8 ? hash->low : hash->high;
        used += (size_t)snprintf(text + used, sizeof text - used, "%02x",
                                 (unsigned)(word >> (8 * (i % 8)) & 0xff));
    }
    assert_string_equal(text, hex);
}

/* The first vectors of the reference implementation: key 00 01 .. 0f, bytes 00 01 02 .. */
static void siphash_gives_the_published_vectors(void **state)
{
    static const char *const vectors[] = {
        "a3817f04ba25a8e66df67214c7550293",
        "da87c1d86b99af44347659119b22fc45",
        "8177228da4a45dc7fca38bdef60affe4",
        "9c70b60c5267a94e5f33b6b02985ed51",
    };
    unsigned char bytes[16];
    for (unsigned char i = 0; i < 16; i++) {
        bytes[i] = i;
    }
    for (size_t size = 0; size < sizeof vectors / sizeof *vectors; size++) {
        atr_siphash128 h;
        atr_content hash;
        atr_siphash128_begin(&h, bytes);
        atr_siphash128_add(&h, bytes, size);
        hash = atr_siphash128_end(&h);
        expect_hash(&hash, vectors[size]);
    }
}

static void bytes_hash_the_same_in_any_pieces(void **state)
{
    unsigned char bytes[64] = {1, 2, 3};
    for (size_t size = 0; size <= sizeof bytes; size++) {
        atr_siphash128 whole;
        atr_siphash128_begin(&whole, bytes);
        atr_siphash128_add(&whole, bytes, size);
        atr_content expected = atr_siphash128_end(&whole);
        for (size_t cut = 0; cut <= size; cut++) {
            atr_siphash128 h;
            atr_siphash128_begin(&h, bytes);
            atr_siphash128_add(&h, bytes, cut);
            atr_siphash128_add(&h, bytes + cut, (size - cut) / 2);
            atr_siphash128_add(&h, bytes + cut + (size - cut) / 2, size - cut - (size - cut) / 2);
            assert_true(atr_content_equal(atr_siphash128_end(&h), expected));
        }
    }
}

static atr_content hash_of_text(const char *text)
{
    atr_siphash128 h;
    atr_siphash128_begin(&h, (const unsigned char *)"atrium content 1");
    atr_siphash128_add(&h, text, strlen(text));
    return atr_siphash128_end(&h);
}

static void expect_form(const void *value, const char *text)
{
    assert_true(atr_content_equal(atr_content_hash(NULL, value), hash_of_text(text)));
}

static void a_hash_is_that_of_the_documented_form(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const double odd[] = {NAN, INFINITY, -INFINITY, -0.0};
    const atr_i64_map *m = atr_i64_map_set(s, atr_i64_map_set(s, NULL, 9, 1), 10, 2);

    expect_form(NULL, "null");
    expect_form(sample_item(s, 1, "milk"),
                "{\"todo_item\":{\"done\":false,\"id\":1,\"title\":\"milk\"}}");
    expect_form(ATR_STR(s, "milk"), "{\"str\":\"milk\"}");
    expect_form(m, "{\"atr_i64_map\":{\"10\":2,\"9\":1}}");
    expect_form(atr_f64_vec_of(s, odd, 4), "{\"atr_f64_vec\":[NaN,Infinity,-Infinity,0]}");
    atr_scope_close(s);
}

static const char *name_of(atr_scope *s, const void *value)
{
    atr_content hash = atr_content_hash(s, value);
    char text[34] = "#";
    for (int i = 0; i < 16; i++) {
        uint64_t word = i < 8 ? hash.low : hash.high;
        snprintf(text + 1 + 2 * i, 3, "%02x", (unsigned)(word >> (8 * (i % 8)) & 0xff));
    }
    return atr_str_new(s, text)->bytes;
}

static void a_model_inside_stands_as_its_hash(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *milk = sample_item(s, 1, "milk");
    const knot *last = ATR_NEW(s, knot, .number = 1);
    const char *milk_name = name_of(s, milk), *last_name = name_of(s, last);

    expect_form(todo_item_vec_of(s, &milk, 1),
                atr_str_format(s, "{\"todo_item_vec\":[%s]}", milk_name)->bytes);
    expect_form(todo_item_map_set(s, NULL, 5, milk),
                atr_str_format(s, "{\"todo_item_map\":{\"5\":%s}}", milk_name)->bytes);
    expect_form(ATR_NEW(s, knot, .number = 2, .next = last),
                atr_str_format(s, "{\"knot\":{\"next\":%s,\"number\":2,\"other\":null}}", last_name)
                    ->bytes);
    atr_scope_close(s);
}

/* As many paths as nobody can walk, and as many models as the table does not hold. */
static void shared_parts_are_hashed_once(void **state)
{
    enum { LEVELS = 20000 };
    for (int levels = 60; levels <= LEVELS; levels = levels < LEVELS ? LEVELS : LEVELS + 1) {
        ATR_SCOPE(s, NULL) {
            const knot *tops[3];
            for (int k = 0; k < 3; k++) {
                tops[k] = ATR_NEW(s, knot, .number = k / 2);
                for (int i = 0; i < levels; i++) {
                    tops[k] = ATR_NEW(s, knot, .number = i, .next = tops[k], .other = tops[k]);
                }
            }
            assert_true(
                atr_content_equal(atr_content_hash(s, tops[0]), atr_content_hash(s, tops[1])));
            assert_false(
                atr_content_equal(atr_content_hash(s, tops[0]), atr_content_hash(s, tops[2])));
            assert_null(atr_scope_error(s));
        }
    }
}

/* Also what `openssl mac` gives for the form. The figure is part of the definition: it never changes. */
static void a_hash_never_changes(void **state)
{
    static const atr_str milk = ATR_STR_INIT("milk");
    static const todo_item item = {ATR_HEAD(todo_item), .id = 1, .title = &milk};

    atr_content hash = atr_content_hash(NULL, &item);

    expect_hash(&hash, "ce52dc5faa38064db33cdfa6f1eafe6f");
}

static void equal_values_have_equal_hashes_wherever_they_lie(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_pool *pool = atr_pool_new();
    atr_scope *other = atr_pool_scope(pool);
    atr_i64_set *up = NULL, *down = NULL;

    for (int i = 0; i < 1000; i++) {
        up = (atr_i64_set *)(uintptr_t)atr_i64_set_add(s, up, i);
        down = (atr_i64_set *)(uintptr_t)atr_i64_set_add(other, down, 999 - i);
    }

    assert_true(atr_content_equal(atr_content_hash(s, up), atr_content_hash(other, down)));
    assert_true(atr_content_equal(atr_content_hash(s, sample_everything(s, 5)),
                                  atr_content_hash(s, sample_everything(other, 5))));
    assert_false(atr_content_equal(atr_content_hash(s, sample_everything(s, 5)),
                                   atr_content_hash(s, sample_everything(s, 6))));
    atr_pool_close(pool);
    atr_scope_close(s);
}

static void any_depth_and_any_time_can_be_hashed(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *top = NULL;
    everything draft = everything_default;

    for (int i = 0; i < 100000; i++) {
        top = ATR_NEW(s, knot, .number = i, .next = top);
    }
    draft.at = INT64_MIN;

    assert_false(atr_content_equal(atr_content_hash(s, top), atr_content_hash(s, top->next)));
    assert_false(atr_content_equal(atr_content_hash(s, everything_new(s, draft)),
                                   atr_content_hash(s, &everything_default)));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void a_value_that_was_never_published_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item draft = {.id = 1};

    assert_true(atr_content_equal(atr_content_hash(s, &draft), (atr_content){0, 0}));
    expect_error(s, ATR_JSON_E_VALUE, "$", "never published");
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(siphash_gives_the_published_vectors),
        PLAIN(bytes_hash_the_same_in_any_pieces),
        PLAIN(a_hash_is_that_of_the_documented_form),
        PLAIN(a_model_inside_stands_as_its_hash),
        BOTH(shared_parts_are_hashed_once),
        PLAIN(a_hash_never_changes),
        BOTH(equal_values_have_equal_hashes_wherever_they_lie),
        BOTH(any_depth_and_any_time_can_be_hashed),
        PLAIN(a_value_that_was_never_published_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
