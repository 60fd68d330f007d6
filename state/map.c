/* Maps and sets: the handle over the hash trie (map_node.h), lookup and iteration. */
#include <stdlib.h>
#include <string.h>

#include <atrium/error.h>

#include "collections.h"
#include "map_node.h"
#include "refs.h"

size_t atr_map_count(const atr_map *m)
{
    return m != NULL ? m->size : 0;
}

/* ---- lookup ---- */

static const atr_word *collision_find(const atr_map_node *node, const atr_str *key)
{
    uint32_t stride = atr_map_node_kind(node)->stride;
    for (uint32_t i = 0; i < node->data; i++) {
        const atr_word *entry = node->slots + (size_t)i * stride;
        if (atr_str_equal(entry->ref, key)) {
            return entry;
        }
    }
    return NULL;
}

ATR_ALWAYS_INLINE const atr_word *find(const atr_map_node *node, uint64_t hash, atr_word key,
                                       bool text, size_t stride, bool fast)
{
    const atr_word *entry;
    uint32_t digit = (uint32_t)(hash >> (64 - ATR_MAP_DIGIT)), below;
    while ((node->children >> digit & 1) != 0) {
        below = node->children & (((uint32_t)1 << digit) - 1);
        node = node->slots[ATR_BITS(fast, below)].ref;
        hash <<= ATR_MAP_DIGIT;
        digit = (uint32_t)(hash >> (64 - ATR_MAP_DIGIT));
    }
    if (text && atr_map_node_kind(node)->collision) {
        return collision_find(node, key.ref);
    }
    if ((node->data >> digit & 1) == 0) {
        return NULL;
    }
    below = node->data & (((uint32_t)1 << digit) - 1);
    entry = node->slots + ATR_BITS(fast, node->children) + stride * ATR_BITS(fast, below);
    return (text ? atr_str_equal(entry->ref, key.ref) : entry->i64 == key.i64) ? entry : NULL;
}

static uint64_t hash_text(const atr_str *key)
{
    return (uint64_t)atr_str_hash(key) << 32;
}

#define FINDERS(NAME, ATTRIBUTE, FAST)                                                             \
    ATTRIBUTE static const atr_word *i64_##NAME(const atr_map_node *root, atr_word key)            \
    {                                                                                              \
        return find(root, atr_map_hash_i64(key.i64), key, false, 2, FAST);                         \
    }                                                                                              \
    ATTRIBUTE static const atr_word *any_##NAME(const atr_map_node *root, atr_word key)            \
    {                                                                                              \
        const atr_map_kind *kind = atr_map_node_kind(root);                                        \
        return kind->text ? find(root, hash_text(key.ref), key, true, kind->stride, FAST)          \
                          : find(root, atr_map_hash_i64(key.i64), key, false, kind->stride, FAST); \
    }

FINDERS(with_bits, ATR_WITH_BITS, true)
FINDERS(without, , false)

static inline const atr_word *find_root(const atr_map_node *root, atr_word key)
{
    return ATR_HAS_BITS ? any_with_bits(root, key) : any_without(root, key);
}

static const atr_word *find_any(const atr_map *m, atr_word key)
{
    if (m == NULL || (m->atr.model->key == ATR_KIND_STR && key.ref == NULL)) {
        return NULL;
    }
    return find_root(m->root, key);
}

static bool tell(const atr_word *entry, const atr_map_node *root, atr_word *value)
{
    if (entry != NULL && value != NULL) {
        *value = entry[atr_map_node_kind(root)->stride - 1];
    }
    return entry != NULL;
}

bool atr_map_root_find(const atr_map_node *root, atr_word key, atr_word *value)
{
    return tell(find_root(root, key), root, value);
}

bool atr_map_find(const atr_map *m, atr_word key, atr_word *value)
{
    return m != NULL && tell(find_any(m, key), m->root, value);
}

const atr_word *atr_map_entry_i64_(const atr_map *m, int64_t key)
{
    atr_word word = {.i64 = key};
    if (m == NULL) {
        return NULL;
    }
    return ATR_HAS_BITS ? i64_with_bits(m->root, word) : i64_without(m->root, word);
}

const atr_word *atr_map_entry_ref_(const atr_map *m, const void *key)
{
    return find_any(m, (atr_word){.ref = key});
}

/* ---- updates ---- */

/* false: refused and latched. */
static bool tree_begin(atr_map_tree *tree, atr_scope *s, const atr_model *model, const atr_map *m)
{
    if (!atr_collection_fit(s, model, m)) {
        return false;
    }
    tree->pool = s->pool;
    tree->kind = atr_map_kind_of(model);
    tree->root = m != NULL ? (atr_map_node *)(uintptr_t)m->root : NULL;
    tree->size = atr_map_count(m);
    atr_hold_(tree->root);
    return true;
}

const atr_map *atr_map_publish(atr_scope *s, const atr_model *model, atr_map_node *root,
                               size_t size)
{
    atr_map *m = atr_value_alloc(s, model, sizeof *m);
    if (m != NULL) {
        m->size = (uint32_t)size;
        m->root = root;
    }
    return m;
}

int atr_map_latch(atr_scope *s, const atr_model *model, int code)
{
    if (code == ATR_E_LIMIT) {
        return atr_refuse(s, code, "%s: more than %d entries", model->name, ATR_MAP_MAX);
    }
    return atr_scope_fail(s, &atr_error_no_memory);
}

/* The map after an update of m; code is what the update returned. */
static const atr_map *tree_end(atr_map_tree *tree, atr_scope *s, const atr_model *model,
                               const atr_map *m, int code)
{
    const atr_map *made = NULL;
    if (code < 0) {
        atr_map_latch(s, model, code);
    } else if (code > 0 && tree->root != NULL) {
        made = atr_map_publish(s, model, tree->root, tree->size);
    }
    if (made == NULL) {
        atr_value_release(tree->root);
    }
    return code == 0 ? atr_scope_same(s, m) : made;
}

const atr_map *atr_map_set_any(atr_scope *s, const atr_model *model, const atr_map *m, atr_word key,
                               atr_word value)
{
    atr_map_tree tree;
    if (!tree_begin(&tree, s, model, m)) {
        return NULL;
    }
    return tree_end(&tree, s, model, m, atr_map_tree_set(&tree, key, value));
}

const atr_map *atr_map_remove(atr_scope *s, const atr_model *model, const atr_map *m, atr_word key)
{
    atr_map_tree tree;
    if (s == NULL || !atr_map_key_fit(s, model, key) || !tree_begin(&tree, s, model, m)) {
        return NULL;
    }
    return tree_end(&tree, s, model, m, atr_map_tree_remove(&tree, key));
}

/* ---- iteration ---- */

/* index: what is left of a node. Its entries come first, from the last to the first, then its children
 * likewise, so that the place of an entry follows from the two numbers. */
enum { EACH_CHILDREN_BITS = 6, EACH_OVER = ATR_MAP_DEPTH + 1 };

static void each_push(atr_map_each *each, const atr_map_node *node)
{
    each->node[each->depth] = node;
    each->index[each->depth] =
        atr_map_node_entries(node) << EACH_CHILDREN_BITS | atr_map_node_children(node);
    each->depth++;
}

/* Find the next node that has an entry left. */
static const atr_word *each_step(atr_map_each *each)
{
    while (each->depth > 0) {
        const atr_map_node *node = each->node[each->depth - 1];
        uint32_t *index = &each->index[each->depth - 1];
        uint32_t entries = *index >> EACH_CHILDREN_BITS;
        uint32_t children = *index & ((1u << EACH_CHILDREN_BITS) - 1);
        if (entries > 0) {
            *index -= 1u << EACH_CHILDREN_BITS;
            return node->slots + children + (size_t)atr_map_node_kind(node)->stride * (entries - 1);
        }
        if (children > 0) {
            *index -= 1;
            each_push(each, node->slots[children - 1].ref);
        } else {
            each->depth--;
        }
    }
    return NULL;
}

bool atr_map_next(atr_map_each *each, const atr_map *m, atr_word *key, atr_word *value)
{
    const atr_word *entry;
    if (each->depth == EACH_OVER) {
        return false;
    }
    if (each->depth == 0 && m == NULL) {
        each->depth = EACH_OVER;
        return false;
    }
    if (each->depth == 0) {
        each_push(each, m->root);
    }
    entry = each_step(each);
    if (entry == NULL) {
        each->depth = EACH_OVER;
        return false;
    }
    *key = entry[0];
    if (value != NULL) {
        *value = entry[atr_map_node_kind(each->node[0])->stride - 1];
    }
    return true;
}

static int compare_i64(const void *a, const void *b)
{
    int64_t x = ((const atr_map_entry *)a)->key.i64, y = ((const atr_map_entry *)b)->key.i64;
    return (x > y) - (x < y);
}

static int compare_text(const void *a, const void *b)
{
    return atr_str_compare(((const atr_map_entry *)a)->key.ref,
                           ((const atr_map_entry *)b)->key.ref);
}

size_t atr_map_sorted_entries(const atr_map *m, atr_map_entry **entries)
{
    size_t count = atr_map_count(m), i = 0;
    bool set = m != NULL && m->atr.model->structure == ATR_STRUCTURE_SET;
    atr_map_each each = {0};
    atr_map_entry *made;

    *entries = NULL;
    if (count == 0) {
        return 0;
    }
    made = count <= SIZE_MAX / sizeof *made ? atr_memory_take(count * sizeof *made) : NULL;
    if (made == NULL) {
        return SIZE_MAX;
    }
    for (; i < count; i++) {
        made[i].value.i64 = 0;
        atr_map_next(&each, m, &made[i].key, set ? NULL : &made[i].value);
    }
    qsort(made, count, sizeof *made,
          m->atr.model->key == ATR_KIND_STR ? compare_text : compare_i64);
    *entries = made;
    return count;
}

/* ---- for the models of map and set types ---- */

bool atr_map_equal(const void *a, const void *b, atr_pairs *more)
{
    const atr_map *x = a, *y = b;
    return x->size == y->size && atr_pairs_add(more, x->root, y->root);
}

void atr_map_hash(const void *m, atr_hasher *hasher)
{
    atr_hash_word(hasher, ((const atr_map *)m)->size);
    atr_hash_ref(hasher, ((const atr_map *)m)->root);
}

void atr_map_visit(void *m, atr_visit_fn fn, void *user)
{
    fn(user, (const atr_head **)(void *)&((atr_map *)m)->root);
}
