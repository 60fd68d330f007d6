/* JSON from outside: what is read can be written, and comes back the same; what is refused leaves nothing. The
 * first byte chooses the model and the options. */
#include "fuzz.h"

#include <stdlib.h>

#include <atrium/json.h>
#include <atrium/memory.h>
#include <atrium/ordered_map.h>

#define COLOUR(X)             \
    X(COLOUR_NONE, 0, "none") \
    X(COLOUR_RED, 1, "red")
ATR_ENUM(colour, COLOUR);
ATR_ENUM_IMPL(colour, COLOUR);

#define LEAF(F) \
    F(i64, id)  \
    F(str, name)
ATR_MODEL(leaf, LEAF);
ATR_MODEL_IMPL(leaf, LEAF);

static int by_name(const leaf *a, const leaf *b)
{
    return atr_str_compare(a->name, b->name);
}
ATR_OSET_OF(leaves_by_name, leaf, by_name);
ATR_OSET_OF_IMPL(leaves_by_name, leaf, by_name);

#define TREE(F)                       \
    F(bool, flag)                     \
    F(i32, small)                     \
    F(u32, natural)                   \
    F(i64, big)                       \
    F(f64, real)                      \
    F(time, at)                       \
    F(enumeration(colour), shade)     \
    F(str, text)                      \
    F(bytes, raw)                     \
    F(ref(leaf), one)                 \
    F(vec(leaf), leaves)              \
    F(vec(f64), reals)                \
    F(map(i64, leaf), by_id)          \
    F(map(str, i64), counts)          \
    F(set(i64), ids)                  \
    F(set(str), tags)                 \
    F(omap(f64, i64), weights)        \
    F(omap(time, str), log)           \
    F(oset(f64), places)              \
    F(oset(leaves_by_name), ranked)   \
    F(opt(i64), maybe)                \
    F(opt(enumeration(colour)), tint) \
    F(opt(ref(tree)), next)           \
    F(any, other)
ATR_MODEL(tree, TREE);
ATR_MODEL_IMPL(tree, TREE);

enum { MODELS = 4 };
static const atr_model *const models[MODELS] = {&tree_model, &leaf_model, &leaf_vec_model,
                                                &leaf_str_map_model};

static void check_error(atr_scope *s, const atr_model *model, const void *value, size_t size)
{
    const atr_error *error = atr_scope_error(s);
    check(value == model->prototype);
    check(error->domain == ATR_DOMAIN_JSON && error->payload != NULL);
    check(error->detail_number >= 0 && (size_t)error->detail_number <= size);
}

static void check_round(atr_scope *s, const atr_model *model, const void *value,
                        atr_json_options options)
{
    const atr_str *text, *canonical;
    const void *again;
    text = atr_to_json(s, value, &options);
    again = atr_from_json(s, model, text->bytes, text->size, &options);
    check(atr_scope_error(s) == NULL && atr_equal(value, again));
    check(atr_content_equal(atr_content_hash(s, value), atr_content_hash(s, again)));

    options.canonical = true;
    canonical = atr_to_json(s, value, &options);
    check(atr_str_equal(canonical, atr_to_json(s, again, &options)));
    again = atr_from_json(s, model, canonical->bytes, canonical->size, &options);
    check(atr_scope_error(s) == NULL && atr_equal(value, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t choice = size > 0 ? data[0] : 0;
    const atr_model *model = models[choice % MODELS];
    atr_json_options options = {.models = models, .model_count = MODELS, .max_depth = 32};
    atr_scope *s = atr_scope_open(NULL);
    const void *value;

    options.ignore_unknown = (choice & 4) != 0;
    options.fill_missing = (choice & 8) == 0;
    options.names = (choice & 16) != 0 ? ATR_JSON_NAMES_CAMEL : ATR_JSON_NAMES_EXACT;
    options.indent = (choice & 32) != 0 ? 1 : 0;
    value = atr_from_json(s, model, size > 0 ? (const char *)data + 1 : "", size > 0 ? size - 1 : 0,
                          &options);
    if (atr_scope_error(s) != NULL)
        check_error(s, model, value, size);
    else
        check_round(s, model, value, options);
    atr_scope_close(s);
    check(atr_memory_now().blocks == 0);
    return 0;
}
