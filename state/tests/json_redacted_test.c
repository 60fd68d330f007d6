/* Error text is what gets logged: nothing of a redacted field stands in it, neither values nor keys. */
#include <atrium/edits.h>
#include <atrium/json.h>

#include <string.h>

#include "sample.h"

#define LOCK(F)  \
    F(i64, code) \
    F(f64, turns)
ATR_MODEL(lock, LOCK);
ATR_MODEL_IMPL(lock, LOCK);
ATR_OMAP(lock, time);
ATR_OMAP_IMPL(lock, time);

#define SAFE(F)                  \
    F(bytes, key)                \
    F(i32, pin)                  \
    F(f64, ratio)                \
    F(time, opens)               \
    F(enumeration(filter), kind) \
    F(opt(ref(lock)), lock)      \
    F(map(str, lock), by_owner)  \
    F(map(i64, lock), by_number) \
    F(omap(time, lock), by_time) \
    F(set(i64), codes)           \
    F(any, note)                 \
    F(map(str, lock), known)
#define SAFE_ATTRS(A)              \
    A(key, .redacted = true)       \
    A(pin, .redacted = true)       \
    A(ratio, .redacted = true)     \
    A(opens, .redacted = true)     \
    A(kind, .redacted = true)      \
    A(lock, .redacted = true)      \
    A(by_owner, .redacted = true)  \
    A(by_number, .redacted = true) \
    A(by_time, .redacted = true)   \
    A(codes, .redacted = true)     \
    A(note, .redacted = true)
ATR_MODEL(safe, SAFE);
ATR_MODEL_IMPL_WITH(safe, SAFE, SAFE_ATTRS, .atr = ATR_HEAD(safe));

/* One field above. */
#define VAULT(F) F(ref(safe), safe)
#define VAULT_ATTRS(A) A(safe, .redacted = true)
ATR_MODEL(vault, VAULT);
ATR_MODEL_IMPL_WITH(vault, VAULT, VAULT_ATTRS, .atr = ATR_HEAD(vault));

static void expect(atr_scope *s, const char *message, const char *path)
{
    const atr_error *error = atr_scope_take_error(s);
    const atr_json_place *place;
    assert_non_null(error);
    assert_int_equal(error->domain, ATR_DOMAIN_JSON);
    place = error->payload;
    assert_string_equal(error->detail->bytes, path);
    assert_string_equal(place->path->bytes, path);
    assert_int_equal(strncmp(error->message->bytes, message, strlen(message)), 0);
    assert_null(strstr(error->message->bytes, "s3cret"));
    assert_null(strstr(error->message->bytes, "4711"));
}

static void what_is_read_into_a_redacted_field_is_not_quoted(void **state)
{
    static const struct {
        const char *text, *path, *message;
    } cases[] = {
        {"{\"key\":\"s3cret!\"}", "$.key", "$.key: <redacted> is no base64"},
        {"{\"pin\":4711.5}", "$.pin", "$.pin: <redacted> has a point or exponent"},
        {"{\"pin\":47114711471}", "$.pin", "$.pin: <redacted> is beyond the range of i32"},
        {"{\"ratio\":4711e999}", "$.ratio", "$.ratio: <redacted> "},
        {"{\"opens\":\"s3cret\"}", "$.opens", "$.opens: <redacted> "},
        {"{\"kind\":\"s3cret\"}", "$.kind",
         "$.kind: <redacted> is not one of all, done, hidden (safe.kind; line 1, column 9, byte "
         "8)"},
        {"{\"lock\":{\"code\":4711.5}}", "$.lock.code", "$.lock.code: <redacted> has a point"},
        {"{\"lock\":{\"s3cret\":1}}", "$.lock[<redacted>]",
         "$.lock[<redacted>]: not a field of the model: <redacted>"},
        {"{\"by_owner\":{\"s3cret\":{\"code\":4711.5}}}", "$.by_owner[<redacted>].code",
         "$.by_owner[<redacted>].code: <redacted> has a point"},
        {"{\"by_owner\":{\"s3cret\":1}}", "$.by_owner[<redacted>]",
         "$.by_owner[<redacted>]: an object was expected, not a number"},
        {"{\"by_owner\":{\"s3cret\":{\"code\":1,\"turns\":1},\"s3cret\":{\"code\":1,\"turns\":1}}}",
         "$.by_owner[<redacted>]", "$.by_owner[<redacted>]: the key comes twice in this object"},
        {"{\"by_number\":{\"s3cret\":1}}", "$.by_number[<redacted>]",
         "$.by_number[<redacted>]: <redacted> is no "},
        {"{\"by_time\":{\"s3cret\":1}}", "$.by_time[<redacted>]",
         "$.by_time[<redacted>]: <redacted> "},
        {"{\"codes\":[1,4711.5]}", "$.codes[1]", "$.codes[1]: <redacted> has a point"},
        {"{\"note\":{\"s3cret\":1}}", "$.note[<redacted>]",
         "$.note[<redacted>]: not a model that the options list: <redacted>"},
        {"{\"note\":{\"str\":\"s3cret\",\"bytes\":1}}", "$.note",
         "$.note: there can be only one value here"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        atr_scope *s = atr_scope_open(NULL);
        ATR_FROM_JSON(s, safe, atr_str_new(s, cases[i].text));
        expect(s, cases[i].message, cases[i].path);
        atr_scope_close(s);
    }
}

static void a_redacted_field_covers_all_that_lies_in_it(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    ATR_FROM_JSON(s, vault, ATR_STR(s, "{\"safe\":{\"known\":{\"s3cret\":{\"code\":\"4711\"}}}}"));
    expect(s, "$.safe.known[<redacted>].code: a number was expected",
           "$.safe.known[<redacted>].code");
    atr_scope_close(s);
}

static void what_stands_beside_a_redacted_field_is_quoted(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    ATR_FROM_JSON(s, safe, ATR_STR(s, "{\"pin\":1,\"known\":{\"mine\":{\"code\":1.5}}}"));
    expect(s, "$.known.mine.code: \"1.5\" has a point", "$.known.mine.code");
    ATR_FROM_JSON(s, safe, ATR_STR(s, "{\"pin\":1,\"other\":1}"));
    expect(s, "$.other: not a field of the model: \"other\"", "$.other");
    atr_scope_close(s);
}

static void the_option_redacts_the_whole(void **state)
{
    const atr_json_options options = {.redacted = true};
    const atr_type map = {ATR_KIND_MAP, false, &lock_str_map_model, NULL};
    const char text[] = "{\"s3cret\":{\"code\":4711.5}}";
    atr_scope *s = atr_scope_open(NULL);
    const lock *bad = ATR_NEW(s, lock, .turns = 1e308 * 10);
    const lock_str_map *m = lock_str_map_set(s, NULL, ATR_STR(s, "s3cret"), bad);
    atr_value value = {.kind = ATR_KIND_MAP};

    assert_int_equal(atr_from_json_as(s, &map, text, sizeof text - 1, &options, &value),
                     ATR_E_REFUSED);
    expect(s, "$[<redacted>].code: <redacted> has a point", "$[<redacted>].code");
    assert_int_equal(atr_to_json(s, m, &options)->size, 0);
    expect(s, "$[<redacted>].turns: JSON has no form for an infinity", "$[<redacted>].turns");
    atr_scope_close(s);
}

static void keys_of_redacted_maps_are_not_in_the_paths_of_what_is_written(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const lock *bad = ATR_NEW(s, lock, .turns = 1e308 * 10);
    const atr_bytes *none = atr_bytes_new(s, NULL, 0);
    const atr_str *key = ATR_STR(s, "s3cret");
    const safe *hidden =
        ATR_NEW(s, safe, .key = none, .by_owner = lock_str_map_set(s, NULL, key, bad));
    const safe *shown =
        ATR_NEW(s, safe, .key = none, .known = lock_str_map_set(s, NULL, ATR_STR(s, "mine"), bad));

    atr_to_json(s, hidden, NULL);
    expect(s, "$.by_owner[<redacted>].turns: JSON has no form", "$.by_owner[<redacted>].turns");
    atr_to_json(s, shown, NULL);
    expect(s, "$.known.mine.turns: JSON has no form", "$.known.mine.turns");
    atr_to_json(s, ATR_NEW(s, vault, .safe = shown), NULL);
    expect(s, "$.safe.known[<redacted>].turns: JSON has no form", "$.safe.known[<redacted>].turns");
    atr_scope_close(s);
}

static void keys_of_redacted_maps_are_not_in_the_paths_of_edits(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const lock *one = ATR_NEW(s, lock, .code = 1), *two = ATR_NEW(s, lock, .code = 2);
    const atr_bytes *none = atr_bytes_new(s, NULL, 0);
    const atr_str *key = ATR_STR(s, "s3cret");
    const safe *was = ATR_NEW(s, safe, .key = none, .by_owner = lock_str_map_set(s, NULL, key, one),
                              .by_time = lock_time_omap_set(s, NULL, 5, one),
                              .codes = atr_i64_set_add(s, NULL, 4711),
                              .known = lock_str_map_set(s, NULL, ATR_STR(s, "mine"), one));
    const safe *now = ATR_NEW(s, safe, .key = none, .by_owner = lock_str_map_set(s, NULL, key, two),
                              .by_time = lock_time_omap_set(s, NULL, 5, two),
                              .known = lock_str_map_set(s, NULL, ATR_STR(s, "mine"), two));
    static const char *const paths[] = {"by_owner[<redacted>].code", "by_time[<redacted>].code",
                                        "codes[<redacted>]", "known[\"mine\"].code"};
    const atr_edits *edits = atr_diff(s, was, now, NULL);

    assert_int_equal(edits->count, 4);
    for (size_t i = 0; i < edits->count; i++) {
        assert_string_equal(atr_edit_path(s, &edits->items[i])->bytes, paths[i]);
    }
    edits = atr_diff(s, ATR_NEW(s, vault, .safe = was), ATR_NEW(s, vault, .safe = now), NULL);
    assert_string_equal(atr_edit_path(s, &edits->items[3])->bytes, "safe.known[<redacted>].code");
    atr_scope_close(s);
}

/* What it held and holds is not for logs either. */
static void the_edit_of_a_redacted_field_tells_that_it_is_redacted(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const lock *one = ATR_NEW(s, lock, .code = 1), *two = ATR_NEW(s, lock, .code = 2);
    const atr_bytes *none = atr_bytes_new(s, NULL, 0);
    const safe *was = ATR_NEW(s, safe, .key = none, .pin = 1, .lock = one),
               *now = ATR_NEW(s, safe, .key = none, .pin = 2, .lock = two);
    const atr_edits *edits = atr_diff(s, was, now, NULL);
    static const char *const paths[] = {"pin", "lock.code"};

    assert_int_equal(edits->count, 2);
    for (size_t i = 0; i < edits->count; i++) {
        assert_true(edits->items[i].at.redacted);
        assert_string_equal(atr_edit_path(s, &edits->items[i])->bytes, paths[i]);
    }
    assert_true(edits->items[1].at.outer->redacted);
    edits = atr_diff(s, was, now, &(atr_diff_options){.rows_only = true});
    assert_int_equal(edits->count, 2);
    assert_true(edits->items[0].at.redacted && edits->items[1].at.redacted);
    now = ATR_NEW(s, safe, .key = none, .pin = 1, .lock = one,
                  .known = lock_str_map_set(s, NULL, ATR_STR(s, "mine"), two));
    edits = atr_diff(s, was, now, &(atr_diff_options){.rows_only = true});
    assert_int_equal(edits->count, 1);
    assert_false(edits->items[0].at.redacted);
    atr_scope_close(s);
}

static void the_option_redacts_all_keys_of_a_script(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const lock *one = ATR_NEW(s, lock, .code = 1), *two = ATR_NEW(s, lock, .code = 2);
    const atr_str *key = ATR_STR(s, "s3cret");
    const lock_str_map *was = lock_str_map_set(s, NULL, key, one),
                       *now = lock_str_map_set(s, NULL, key, two);
    const atr_edits *edits = atr_diff(s, was, now, &(atr_diff_options){.redacted = true});

    assert_string_equal(atr_edit_path(s, &edits->items[0])->bytes, "[<redacted>].code");
    assert_true(edits->items[0].at.redacted);
    assert_true(edits->items[0].at.outer->redacted);
    edits = atr_diff(s, one, NULL, &(atr_diff_options){.redacted = true});
    assert_string_equal(atr_edit_path(s, &edits->items[0])->bytes, "");
    assert_true(edits->items[0].at.redacted);
    edits = atr_diff(s, was, now, NULL);
    assert_string_equal(atr_edit_path(s, &edits->items[0])->bytes, "[\"s3cret\"].code");
    assert_false(edits->items[0].at.redacted);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(what_is_read_into_a_redacted_field_is_not_quoted),
        BOTH(a_redacted_field_covers_all_that_lies_in_it),
        BOTH(what_stands_beside_a_redacted_field_is_quoted),
        BOTH(the_option_redacts_the_whole),
        BOTH(keys_of_redacted_maps_are_not_in_the_paths_of_what_is_written),
        BOTH(keys_of_redacted_maps_are_not_in_the_paths_of_edits),
        BOTH(the_edit_of_a_redacted_field_tells_that_it_is_redacted),
        BOTH(the_option_redacts_all_keys_of_a_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
