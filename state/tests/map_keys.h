/* Families of keys for maps: dense ones, strides up to 2^32, hashes that are alike or the same. Included after
 * sample.h and shape.h. */
#ifndef ATR_STATE_TESTS_MAP_KEYS_H
#define ATR_STATE_TESTS_MAP_KEYS_H

enum { KEYS = 1500 };

/* Odd, so it has an inverse: keys can be chosen by their hashes. */
static inline uint64_t key_of_hash(uint64_t hash)
{
    uint64_t inverse = 1;
    for (int i = 0; i < 6; i++) {
        inverse *= 2 - atr_map_hash_i64(1) * inverse;
    }
    return hash * inverse;
}

static inline atr_word dense(atr_scope *s, size_t i)
{
    return atr_word_i64_((int64_t)i);
}
static inline atr_word around_zero(atr_scope *s, size_t i)
{
    return atr_word_i64_((int64_t)i - KEYS / 2);
}
static inline atr_word by_1024(atr_scope *s, size_t i)
{
    return atr_word_i64_((int64_t)i << 10);
}
static inline atr_word by_2_20(atr_scope *s, size_t i)
{
    return atr_word_i64_((int64_t)i << 20);
}
static inline atr_word by_2_32(atr_scope *s, size_t i)
{
    return atr_word_i64_((int64_t)i << 32);
}
/* Hashes that differ in their lowest bits: as deep as a map can be. */
static inline atr_word deep(atr_scope *s, size_t i)
{
    return atr_word_i64_((int64_t)key_of_hash(i));
}

static inline const atr_str *numbered(atr_scope *s, size_t i)
{
    return atr_str_format(s, "key %zu", i);
}
static inline atr_word text(atr_scope *s, size_t i)
{
    return atr_word_ref_(numbered(s, i));
}
static inline atr_word with_hash(atr_scope *s, size_t i, uint32_t hash)
{
    const atr_str *key = numbered(s, i);
    ((atr_str *)(uintptr_t)key)->hash = hash;
    return atr_word_ref_(key);
}
static inline atr_word one_hash(atr_scope *s, size_t i)
{
    return with_hash(s, i % 100, 77);
}
static inline atr_word few_hashes(atr_scope *s, size_t i)
{
    return with_hash(s, i, 1 + (uint32_t)i % 5);
}
static inline atr_word similar_hashes(atr_scope *s, size_t i)
{
    return with_hash(s, i, 0xabcd0000u + (uint32_t)i % 700);
}

static const struct {
    const char *name;
    const atr_model *model;
    atr_word (*make)(atr_scope *s, size_t i);
    size_t count; /* of different keys */
} families[] = {
    {"dense", &atr_i64_map_model, dense, KEYS},
    {"around zero", &atr_i64_map_model, around_zero, KEYS},
    {"by 1024", &atr_i64_map_model, by_1024, KEYS},
    {"by 2^20", &atr_i64_map_model, by_2_20, KEYS},
    {"by 2^32", &atr_i64_map_model, by_2_32, KEYS},
    {"deep", &atr_i64_map_model, deep, KEYS},
    {"text", &atr_i64_str_map_model, text, KEYS},
    {"text of one hash", &atr_i64_str_map_model, one_hash, 100},
    {"text of few hashes", &atr_i64_str_map_model, few_hashes, KEYS},
    {"text of similar hashes", &atr_i64_str_map_model, similar_hashes, KEYS},
    {"few", &atr_i64_map_model, dense, 40},
    {"few texts", &atr_i64_str_map_model, few_hashes, 12},
};
enum { FAMILIES = sizeof families / sizeof *families };

#endif
