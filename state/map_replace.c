/* Another value for a key that is there, in a version that lives on: what most updates are, so this one
 * does without what others need. It goes down once, then copies from the leaf up. */
#include "ahead.h"
#include "bits.h"
#include "map_node.h"
#include "path_copy.h"

enum { WORDS_AT = sizeof(atr_map_node) / sizeof(atr_word) };

/* The size of a node. Only maps are here, not sets: an entry is two words. */
ATR_ALWAYS_INLINE size_t pairs_of(const atr_map_node *node, bool fast)
{
    return (WORDS_AT + ATR_BITS(fast, node->children) + 1u) / 2 + ATR_BITS(fast, node->data);
}

/* The other lines of a leaf of a large map are far, and its copy comes last: what is in between is done meanwhile. */
ATR_ALWAYS_INLINE void leaf_fetch(const atr_map_node *leaf, bool fast)
{
    const char *at = (const char *)leaf, *end = at + pairs_of(leaf, fast) * ATR_PAIR;
    at -= (uintptr_t)at % ATR_LINE;
    while ((at += ATR_LINE) < end) {
        ATR_PREFETCH(at);
    }
}

ATR_NOINLINE static void settle(atr_pool *pool, const atr_map_node *copy, uint32_t place)
{
    atr_copies_apart(pool);
    atr_map_settle(pool, copy, place);
}

/* Copy the nodes down to the leaf, and put the value into slot `at` of its copy. `made` is a new handle. false: no
 * memory, and the handle is gone. */
ATR_ALWAYS_INLINE bool copy_way(atr_scope *s, atr_map *made, const atr_map_node *root,
                                const atr_map_node *leaf, uint64_t hash, uint32_t at,
                                atr_word value, bool text, bool fast)
{
    atr_pool *pool = s->pool;
    atr_copies c = {&made->root, 0};
    const atr_map_node *node = root;
    bool ref = atr_map_node_kind(leaf)->ref;
    atr_map_node *copy;
    for (;; hash <<= ATR_MAP_DIGIT) {
        uint32_t bit = (uint32_t)1 << (hash >> (64 - ATR_MAP_DIGIT)), slot = at;
        size_t pairs = pairs_of(node, fast);
        uint16_t one, loan;
        if (node != leaf) {
            slot = ATR_BITS(fast, node->children & (bit - 1));
            one = atr_loan_one(WORDS_AT + slot, true, pairs);
        } else {
            one = text ? 0 : atr_loan_one(ref ? WORDS_AT + slot : 0, false, pairs);
        }
        copy = atr_copies_add(&c, pool, &node->atr, pairs, bit, one, true, &loan, fast);
        if (copy == NULL) {
            atr_copies_drop(c, s);
            return false;
        }
        if (loan == 0) {
            settle(pool, copy, bit);
        }
        c.link = &copy->slots[slot].ref;
        if (node == leaf) {
            break;
        }
        node = node->slots[slot].ref;
    }
    copy->slots[at] = value;
    if (ref) {
        atr_ref_hold(value);
    }
    if (text) {
        atr_ref_hold(leaf->slots[at - 1]);
    }
    atr_copies_count(pool, c.tally);
    return true;
}

ATR_ALWAYS_INLINE const atr_map *replace(atr_scope *s, const atr_model *model, const atr_map *m,
                                         atr_word key, atr_word value, bool text, bool fast)
{
    uint64_t hash =
        text ? (uint64_t)atr_str_hash((const atr_str *)key.ref) << 32 : atr_map_hash_i64(key.i64);
    uint64_t rest = hash;
    uint32_t digit = (uint32_t)(hash >> (64 - ATR_MAP_DIGIT)), at;
    const atr_map_node *node = m->root;
    atr_map *made;
    atr_ahead_note(s->pool, model,
                   text ? atr_str_hash((const atr_str *)key.ref) : (uint64_t)key.i64);
    while ((node->children >> digit & 1) != 0) {
        at = ATR_BITS(fast, node->children & (((uint32_t)1 << digit) - 1));
        node = node->slots[at].ref;
        rest <<= ATR_MAP_DIGIT;
        digit = (uint32_t)(rest >> (64 - ATR_MAP_DIGIT));
    }
    if ((text && atr_map_node_kind(node)->collision) || (node->data >> digit & 1) == 0) {
        return atr_map_set_any(s, model, m, key, value);
    }
    at = ATR_BITS(fast, node->children) +
         2 * ATR_BITS(fast, node->data & (((uint32_t)1 << digit) - 1));
    if (text ? !atr_str_equal(node->slots[at].ref, key.ref) : node->slots[at].i64 != key.i64) {
        return atr_map_set_any(s, model, m, key, value);
    }
    if (node->slots[at + 1].i64 == value.i64) {
        return atr_scope_same(s, m);
    }
    if (m->size > ATR_MAP_NEAR) {
        leaf_fetch(node, fast);
    }
    made = atr_value_new(s, model, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->size = m->size;
    made->root = m->root;
    return copy_way(s, made, m->root, node, hash, at + 1, value, text, fast) ? made : NULL;
}

#define REPLACERS(NAME, ATTRIBUTE, FAST)                                                        \
    ATTRIBUTE static const atr_map *i64_##NAME(atr_scope *s, const atr_model *model,            \
                                               const atr_map *m, atr_word key, atr_word value)  \
    {                                                                                           \
        return replace(s, model, m, key, value, false, FAST);                                   \
    }                                                                                           \
    ATTRIBUTE static const atr_map *text_##NAME(atr_scope *s, const atr_model *model,           \
                                                const atr_map *m, atr_word key, atr_word value) \
    {                                                                                           \
        return replace(s, model, m, key, value, true, FAST);                                    \
    }

REPLACERS(with_bits, ATR_WITH_BITS, true)
REPLACERS(without, , false)

/* Not for sets and pools that count eagerly. */
static inline const atr_map *set_fit(atr_scope *s, const atr_model *model, const atr_map *m,
                                     atr_word key, atr_word value)
{
    if (model->key == ATR_KIND_STR) {
        return ATR_HAS_BITS ? text_with_bits(s, model, m, key, value)
                            : text_without(s, model, m, key, value);
    }
    return ATR_HAS_BITS ? i64_with_bits(s, model, m, key, value)
                        : i64_without(s, model, m, key, value);
}

ATR_COLD static const atr_map *set_checked(atr_scope *s, const atr_model *model, const atr_map *m,
                                           atr_word key, atr_word value)
{
    if (s == NULL || !atr_map_key_fit(s, model, key) || !atr_map_value_fit(s, model, value) ||
        !atr_collection_fit(s, model, m)) {
        return NULL;
    }
    return m == NULL || s->pool->eager || model->structure == ATR_STRUCTURE_SET
               ? atr_map_set_any(s, model, m, key, value)
               : set_fit(s, model, m, key, value);
}

static inline bool is_fit(const atr_scope *s, atr_kind kind, atr_word word)
{
    return kind < ATR_KIND_STR || atr_fit_required_(s, word.ref);
}

/* What needs no more than a look goes on without a frame on the stack. */
const atr_map *atr_map_set(atr_scope *s, const atr_model *model, const atr_map *m, atr_word key,
                           atr_word value)
{
    bool plain = m != NULL && !atr_careful_(s) && atr_fit_(s, m) && is_fit(s, model->key, key) &&
                 is_fit(s, model->element.kind, value) && model->structure == ATR_STRUCTURE_MAP &&
                 !s->pool->eager;
    return plain ? set_fit(s, model, m, key, value) : set_checked(s, model, m, key, value);
}
