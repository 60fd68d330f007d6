/* The difference of two tries, node by node along the digits they have in common. Where one node borrows from the
 * other, the loan tells in which digits they differ, and the rest is not looked at. The depth of the
 * recursion is that of the trie, ATR_MAP_DEPTH at most. */
#include "map_diff.h"

#include "loan.h"
#include "map_node.h"

typedef struct differ {
    atr_map_change_fn fn;
    void *user;
    size_t left;          /* nodes and changes that may still be visited */
    const bool *enough;   /* once it is set, nothing more is told; NULL: never */
    const atr_pool *pool; /* of the newer nodes, whose loans may be read; NULL: of another thread */
} differ;

/* What a node has at a digit: a child, an entry, or neither. */
typedef struct branch {
    const atr_map_node *child;
    const atr_word *entry;
} branch;

static bool spend(differ *d)
{
    if (d->left == 0) {
        return false;
    }
    d->left--;
    return true;
}

static inline const atr_map_node *child_at(const atr_map_node *node, uint32_t bit)
{
    return node->slots[atr_bits(node->children & (bit - 1))].ref;
}

static inline const atr_word *entry_at(const atr_map_kind *kind, const atr_map_node *node,
                                       uint32_t bit)
{
    size_t before = atr_bits(node->data & (bit - 1));
    return node->slots + atr_map_node_children(node) + kind->stride * before;
}

static branch branch_at(const atr_map_node *node, uint32_t bit)
{
    branch found = {NULL, NULL};
    if ((node->children & bit) != 0) {
        found.child = child_at(node, bit);
    } else if ((node->data & bit) != 0) {
        found.entry = entry_at(atr_map_node_kind(node), node, bit);
    }
    return found;
}

static bool same_key(const atr_map_kind *kind, const atr_word *a, const atr_word *b)
{
    return kind->text ? atr_str_equal(a->ref, b->ref) : a->i64 == b->i64;
}

/* Values are compared as words, whatever they are. */
static bool same_value(const atr_map_kind *kind, const atr_word *a, const atr_word *b)
{
    return kind->stride == 1 || (kind->ref ? a[1].ref == b[1].ref : a[1].i64 == b[1].i64);
}

/* Neither side: nothing to tell. */
static bool tell(differ *d, const atr_map_kind *kind, const atr_word *was, const atr_word *now)
{
    const atr_word *key = was != NULL ? was : now;
    size_t value = kind->stride - 1u;
    if (key == NULL) {
        return true;
    }
    if (!spend(d)) {
        return false;
    }
    d->fn(d->user, *key, was != NULL ? was + value : NULL, now != NULL ? now + value : NULL);
    return d->enough == NULL || !*d->enough;
}

/* ---- a whole side ---- */

/* Tell all entries under a node as new or as gone, but for the one with the key of `but`, if any;
 * that one is left in *met. */
static bool tell_all(differ *d, const atr_map_node *node, bool gone, const atr_word *but,
                     const atr_word **met)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t children = atr_map_node_children(node), entries = atr_map_node_entries(node);
    const atr_word *entry = node->slots + children;
    if (!spend(d)) {
        return false;
    }
    for (uint32_t i = 0; i < entries; i++, entry += kind->stride) {
        if (but != NULL && same_key(kind, entry, but)) {
            *met = entry;
        } else if (!tell(d, kind, gone ? entry : NULL, gone ? NULL : entry)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < children; i++) {
        if (!tell_all(d, node->slots[i].ref, gone, but, met)) {
            return false;
        }
    }
    return true;
}

/* One side has the entry (or nothing), the other the node. */
static bool entry_and_node(differ *d, const atr_map_kind *kind, const atr_word *entry,
                           const atr_map_node *node, bool gone)
{
    const atr_word *met = NULL;
    if (!tell_all(d, node, gone, entry, &met)) {
        return false;
    }
    if (entry == NULL || (met != NULL && same_value(kind, entry, met))) {
        return true;
    }
    return tell(d, kind, gone ? met : entry, gone ? entry : met);
}

static bool entry_and_entry(differ *d, const atr_map_kind *kind, const atr_word *was,
                            const atr_word *now)
{
    if (was == NULL || now == NULL) {
        return tell(d, kind, was, now);
    }
    if (same_key(kind, was, now)) {
        return same_value(kind, was, now) || tell(d, kind, was, now);
    }
    return tell(d, kind, was, NULL) && tell(d, kind, NULL, now);
}

/* ---- both sides ---- */

static const atr_word *collision_find(const atr_map_node *node, const atr_word *key)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    for (uint32_t i = 0; i < node->data; i++) {
        const atr_word *entry = node->slots + (size_t)i * kind->stride;
        if (same_key(kind, entry, key)) {
            return entry;
        }
    }
    return NULL;
}

/* Such a node is small: what has one 32-bit hash. */
static bool collisions(differ *d, const atr_map_node *was, const atr_map_node *now)
{
    const atr_map_kind *kind = atr_map_node_kind(was);
    const atr_word *entry = was->slots;
    for (uint32_t i = 0; i < was->data; i++, entry += kind->stride) {
        if (!entry_and_entry(d, kind, entry, collision_find(now, entry))) {
            return false;
        }
    }
    entry = now->slots;
    for (uint32_t i = 0; i < now->data; i++, entry += kind->stride) {
        if (collision_find(was, entry) == NULL && !tell(d, kind, NULL, entry)) {
            return false;
        }
    }
    return true;
}

static bool nodes(differ *d, const atr_map_node *was, const atr_map_node *now);

/* Nodes of one form, as two versions mostly have them: compared place by place. */
static bool likes(differ *d, const atr_map_node *was, const atr_map_node *now)
{
    const atr_map_kind *kind = atr_map_node_kind(was);
    uint32_t children = atr_map_node_children(was), entries = atr_map_node_entries(was);
    size_t stride = kind->stride;
    const atr_word *a = was->slots + children, *b = now->slots + children;
    for (uint32_t i = 0; i < children; i++) {
        if (was->slots[i].ref != now->slots[i].ref &&
            !nodes(d, was->slots[i].ref, now->slots[i].ref)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < entries; i++, a += stride, b += stride) {
        if (a[0].i64 == b[0].i64 && a[stride - 1].i64 == b[stride - 1].i64) {
            continue; /* most of them, told at a glance */
        }
        if (!entry_and_entry(d, kind, a, b)) {
            return false;
        }
    }
    return true;
}

static bool branches(differ *d, const atr_map_kind *kind, branch was, branch now)
{
    if (was.child == NULL && now.child == NULL) {
        return entry_and_entry(d, kind, was.entry, now.entry);
    }
    if (was.child == NULL) {
        return entry_and_node(d, kind, was.entry, now.child, false);
    }
    if (now.child == NULL) {
        return entry_and_node(d, kind, now.entry, was.child, true);
    }
    return was.child == now.child || nodes(d, was.child, now.child);
}

static bool digits_of(differ *d, const atr_map_node *was, const atr_map_node *now, uint32_t digits)
{
    const atr_map_kind *kind = atr_map_node_kind(was);
    for (; digits != 0; digits &= digits - 1) {
        uint32_t bit = digits & (~digits + 1);
        if (!branches(d, kind, branch_at(was, bit), branch_at(now, bit))) {
            return false;
        }
    }
    return true;
}

/* Nodes of which nothing is known. Those on one level are both of collisions or both not. */
static bool strangers(differ *d, const atr_map_node *was, const atr_map_node *now)
{
    if (atr_map_node_kind(was)->collision) {
        return collisions(d, was, now);
    }
    if (was->data == now->data && was->children == now->children) {
        return likes(d, was, now);
    }
    return digits_of(d, was, now, was->data | was->children | now->data | now->children);
}

/* Down the path that differs, as long as it is one and the nodes on it borrow: as mostly. */
static bool nodes(differ *d, const atr_map_node *was, const atr_map_node *now)
{
    const atr_map_kind *kind = atr_map_node_kind(was);
    uint32_t digits;
    for (;;) {
        if (!spend(d)) {
            return false;
        }
        if (d->pool == NULL || !atr_loan_between(d->pool, was, now, &digits)) {
            return strangers(d, was, now);
        }
        if ((digits & (digits - 1)) != 0 || (was->children & now->children & digits) == 0) {
            break;
        }
        was = child_at(was, digits);
        now = child_at(now, digits);
        if (was == now) {
            return true;
        }
    }
    if ((digits & (digits - 1)) == 0 && (was->data & now->data & digits) != 0) {
        return entry_and_entry(d, kind, entry_at(kind, was, digits), entry_at(kind, now, digits));
    }
    return digits_of(d, was, now, digits);
}

/* The loans of a pool are its owner's to read. */
static const atr_pool *pool_of_ours(const atr_map_node *node)
{
    const atr_pool *pool =
        node != NULL && node->atr.owner != 0 ? atr_pool_of(node->atr.owner) : NULL;
    bool ours = pool != NULL &&
                atomic_load_explicit(&pool->thread, memory_order_relaxed) == atr_thread_here();
    return ours ? pool : NULL;
}

static bool roots(differ *d, const atr_map *was, const atr_map *now)
{
    const atr_map_node *a = was != NULL ? was->root : NULL, *b = now != NULL ? now->root : NULL;
    if (a == b) {
        return true;
    }
    if (a == NULL || b == NULL) {
        return tell_all(d, a != NULL ? a : b, b == NULL, NULL, NULL);
    }
    d->pool = pool_of_ours(b);
    return nodes(d, a, b);
}

bool atr_map_changes(const atr_map *was, const atr_map *now, size_t limit, atr_map_change_fn fn,
                     void *user)
{
    differ d = {.fn = fn, .user = user, .left = limit};
    return roots(&d, was, now);
}

size_t atr_map_changes_all(const atr_map *was, const atr_map *now, const bool *enough,
                           atr_map_change_fn fn, void *user)
{
    differ d = {.fn = fn, .user = user, .left = SIZE_MAX, .enough = enough};
    roots(&d, was, now);
    return SIZE_MAX - d.left;
}

/* Down the loans that say in which word the two nodes differ, and where that leads to. What is no pointer has no such
 * loan. */
bool atr_map_changed_one(const atr_pool *pool, const atr_map *was, const atr_map *now,
                         atr_map_change *change)
{
    const atr_word *a, *b;
    uint32_t one;
    if (was == NULL || now == NULL || was->size != now->size) {
        return false;
    }
    a = (const atr_word *)(const void *)was->root;
    b = (const atr_word *)(const void *)now->root;
    for (;;) {
        if (!atr_loan_one_between(pool, a, b, &one)) {
            return false;
        }
        a += one & (ATR_LOAN_ONE_IS_NODE - 1);
        b += one & (ATR_LOAN_ONE_IS_NODE - 1);
        if ((one & ATR_LOAN_ONE_IS_NODE) == 0) {
            break;
        }
        a = a->ref;
        b = b->ref;
    }
    *change = (atr_map_change){b[-1], a, b};
    return a[-1].i64 == b[-1].i64 && a->ref != b->ref;
}
