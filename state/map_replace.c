/* Another value for a key that is there, in a version that lives on: what most updates are, so this one
 * does without what others need. It goes down once, then copies from the leaf up. */
#include "bits.h"
#include "loan.h"
#include "map_node.h"
#include "refs.h"

typedef struct way {
    const atr_map_node *node[ATR_MAP_DEPTH];
    uint8_t digit[ATR_MAP_DEPTH];
    uint8_t child[ATR_MAP_DEPTH]; /* the slot of the next node */
} way;

enum { SLOTS_AT = sizeof(atr_map_node) / sizeof(atr_word) };

/* The size of a node. Only maps are here, not sets: an entry is two words. */
ATR_ALWAYS_INLINE size_t pairs_of(const atr_map_node *node, bool fast)
{
    return (SLOTS_AT + ATR_BITS(fast, node->children) + 1u) / 2 + ATR_BITS(fast, node->data);
}

/* NULL: no memory */
ATR_ALWAYS_INLINE atr_map_node *twin(atr_pool *pool, const atr_map_node *node, size_t pairs)
{
    atr_map_node *copy = atr_cell_alloc(pool, pairs * ATR_PAIR);
    if (copy != NULL) {
        copy->atr = (atr_head){node->atr.model, 1, pool->id, 0};
        atr_node_copy(copy, node, pairs);
        pool->figures.copied++;
    }
    return copy;
}

/* What lies at the digit is the copy's own already. `one` tells what it and the node let go of there (loan.h). */
ATR_ALWAYS_INLINE void share(atr_pool *pool, const atr_map_node *node, atr_map_node *copy,
                             uint32_t digit, uint16_t one)
{
    uint32_t bit = (uint32_t)1 << digit;
    if (!atr_loan_begin_one(pool, node, copy, bit, bit, one, one)) {
        atr_map_settle(pool, copy, bit);
    }
}

ATR_ALWAYS_INLINE atr_map_node *copy_leaf(atr_pool *pool, const atr_map_node *node, uint32_t at,
                                          uint32_t digit, atr_word value, bool text, bool fast)
{
    size_t pairs = pairs_of(node, fast);
    bool ref = atr_map_node_kind(node)->ref;
    atr_map_node *copy = twin(pool, node, pairs);
    if (copy == NULL) {
        return NULL;
    }
    copy->slots[at + 1] = value;
    if (ref) {
        atr_ref_hold(value);
    }
    if (text) {
        atr_ref_hold(node->slots[at]);
    }
    share(pool, node, copy, digit,
          text ? 0 : atr_loan_one(ref ? SLOTS_AT + at + 1 : 0, false, pairs));
    return copy;
}

ATR_ALWAYS_INLINE atr_map_node *copy_up(atr_pool *pool, const way *w, uint32_t level,
                                        atr_map_node *made, bool fast)
{
    while (level-- > 0) {
        const atr_map_node *node = w->node[level];
        size_t pairs = pairs_of(node, fast);
        atr_map_node *copy = twin(pool, node, pairs);
        if (copy == NULL) {
            atr_value_release(made);
            return NULL;
        }
        copy->slots[w->child[level]].ref = made;
        share(pool, node, copy, w->digit[level],
              atr_loan_one(SLOTS_AT + w->child[level], true, pairs));
        made = copy;
    }
    return made;
}

ATR_COLD static const atr_map *not_made(atr_scope *s, const atr_model *model,
                                        const atr_map_node *root)
{
    atr_map_latch(s, model, ATR_E_NO_MEMORY);
    atr_value_release(root);
    return NULL;
}

/* The map over a root, which is taken over; NULL: no memory for it. */
ATR_ALWAYS_INLINE const atr_map *publish(atr_scope *s, const atr_model *model, atr_map_node *root,
                                         uint32_t size)
{
    atr_map *m = root != NULL ? atr_value_alloc(s, model, sizeof *m) : NULL;
    if (m == NULL) {
        return not_made(s, model, root);
    }
    m->size = size;
    m->root = root;
    return m;
}

ATR_ALWAYS_INLINE const atr_map *replace(atr_scope *s, const atr_model *model, const atr_map *m,
                                         atr_word key, atr_word value, bool text, bool fast)
{
    uint64_t hash =
        text ? (uint64_t)atr_str_hash((const atr_str *)key.ref) << 32 : atr_map_hash_i64(key.i64);
    uint32_t level = 0, digit = (uint32_t)(hash >> (64 - ATR_MAP_DIGIT)), at;
    const atr_map_node *node = m->root;
    atr_map_node *made;
    way w;
    while ((node->children >> digit & 1) != 0) {
        uint32_t below = node->children & (((uint32_t)1 << digit) - 1);
        w.node[level] = node;
        w.digit[level] = (uint8_t)digit;
        w.child[level] = (uint8_t)ATR_BITS(fast, below);
        node = node->slots[w.child[level++]].ref;
        hash <<= ATR_MAP_DIGIT;
        digit = (uint32_t)(hash >> (64 - ATR_MAP_DIGIT));
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
        return m;
    }
    made = copy_leaf(s->pool, node, at, digit, value, text, fast);
    if (made != NULL) {
        made = copy_up(s->pool, &w, level, made, fast);
    }
    return publish(s, model, made, m->size);
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
