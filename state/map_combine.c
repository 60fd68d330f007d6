/* Two maps or sets made one: union, intersection, difference, symmetric difference. Both tries are gone
 * through together, digit by digit; what only one has is kept or left out as a whole, what both share is
 * not looked at. A node that comes out as one of them has it is that node. Recursion goes as deep as the
 * tries, which is ATR_MAP_DEPTH. */
#include <atrium/error.h>

#include "collections.h"
#include "map_parts.h"

/* What one of the two has at a place. */
typedef atr_map_side side;

typedef struct combiner {
    atr_scope *s;
    const atr_model *model;
    atr_map_tree tree;
    bool keeps_a, keeps_b, keeps_both; /* what one has alone, what both have */
    atr_entry_choose_fn choose;        /* NULL: the value of b */
    void *user;
    const atr_error *error; /* what s had latched before */
    /* The entries that only the smaller of the two has: from them follows the size. */
    bool counts_a;
    size_t alone;
} combiner;

/* What comes out, and whether a, or b, has the very same there. */
typedef struct outcome {
    atr_map_part part;
    bool is_a, is_b;
} outcome;

static const atr_map_part no_part = {NULL, false, {{0}, {0}}};

static bool is_nothing(side x)
{
    return x.node == NULL && x.entry == NULL;
}

static size_t entries_in(const atr_map_node *node)
{
    uint32_t children = atr_map_node_children(node);
    size_t count = atr_map_node_entries(node);
    for (uint32_t i = 0; i < children; i++) {
        count += entries_in(node->slots[i].ref);
    }
    return count;
}

static atr_map_part part_of_entry(const combiner *c, const atr_word *entry)
{
    return (atr_map_part){NULL, true, {entry[0], entry[c->tree.kind->stride - 1]}};
}

/* The whole of a side. */
static atr_map_part part_of(const combiner *c, side x)
{
    if (x.entry != NULL) {
        return part_of_entry(c, x.entry);
    }
    atr_hold_(x.node);
    return (atr_map_part){(atr_map_node *)(uintptr_t)x.node, false, {{0}, {0}}};
}

static void one_alone(combiner *c, side x, bool is_a, outcome *out)
{
    bool keeps = is_a ? c->keeps_a : c->keeps_b;
    if (c->counts_a == is_a) {
        c->alone += x.node != NULL ? entries_in(x.node) : 1;
    }
    out->part = keeps ? part_of(c, x) : no_part;
    out->is_a = keeps == is_a;
    out->is_b = keeps != is_a;
}

/* Both have the very same. */
static void both_same(const combiner *c, side x, outcome *out)
{
    out->part = c->keeps_both ? part_of(c, x) : no_part;
    out->is_a = c->keeps_both;
    out->is_b = c->keeps_both;
}

/* Both have the key. false: failed and latched. */
static bool both_entries(const combiner *c, const atr_word *a, const atr_word *b, outcome *out)
{
    const atr_map_kind *kind = c->tree.kind;
    if (!c->keeps_both || atr_map_same_value(kind, a, b)) {
        both_same(c, (side){NULL, a}, out);
        return true;
    }
    out->part = part_of_entry(c, c->keeps_b ? b : a); /* an intersection has the entries of a */
    if (c->keeps_b && c->choose != NULL) {
        out->part.entry[1] = c->choose(c->s, a[0], a[1], b[1], c->user);
        if (atr_scope_error(c->s) != c->error ||
            !atr_map_value_fit(c->s, c->model, out->part.entry[1])) {
            return false;
        }
    }
    out->is_a = atr_map_same_value(kind, a, out->part.entry);
    out->is_b = atr_map_same_value(kind, b, out->part.entry);
    return true;
}

/* ---- a level ---- */

static bool combine(combiner *c, side a, side b, uint32_t level, outcome *out);

static bool digits_combine(combiner *c, side a, side b, uint32_t level, atr_map_parts *parts,
                           outcome *all)
{
    uint32_t in_a = atr_map_side_digits(c->tree.kind, a, level),
             in_b = atr_map_side_digits(c->tree.kind, b, level);
    for (uint32_t digits = in_a | in_b; digits != 0; digits &= digits - 1) {
        uint32_t bit = digits & (~digits + 1);
        outcome out;
        if (!combine(c, atr_map_side_at(a, in_a, bit), atr_map_side_at(b, in_b, bit), level + 1,
                     &out)) {
            return false;
        }
        all->is_a = all->is_a && out.is_a;
        all->is_b = all->is_b && out.is_b;
        atr_map_parts_add(parts, bit, &out.part);
    }
    return true;
}

/* ---- collisions: lists in the order of the keys ---- */

typedef struct list {
    const atr_word *at, *end;
} list;

static list list_of(const atr_map_kind *kind, side x)
{
    const atr_word *at = x.node != NULL ? x.node->slots : x.entry;
    return (list){at, at + (size_t)kind->stride * (x.node != NULL ? x.node->data : 1)};
}

static side list_take(const combiner *c, list *from)
{
    side x = {NULL, from->at};
    from->at += c->tree.kind->stride;
    return x;
}

/* < 0: a's next comes first, > 0: b's does. */
static int lists_order(const list *a, const list *b)
{
    if (a->at == a->end || b->at == b->end) {
        return (a->at == a->end) - (b->at == b->end);
    }
    return atr_str_compare(a->at->ref, b->at->ref);
}

static bool lists_combine(combiner *c, list a, list b, atr_map_parts *parts, outcome *all)
{
    while (a.at != a.end || b.at != b.end) {
        int order = lists_order(&a, &b);
        side x = order <= 0 ? list_take(c, &a) : (side){NULL, NULL};
        side y = order >= 0 ? list_take(c, &b) : (side){NULL, NULL};
        outcome out;
        if (!combine(c, x, y, ATR_MAP_TEXT_LEVELS, &out)) {
            return false;
        }
        all->is_a = all->is_a && out.is_a;
        all->is_b = all->is_b && out.is_b;
        atr_map_parts_add(parts, 0, &out.part);
    }
    return true;
}

/* ---- a place ---- */

static bool no_memory(const combiner *c)
{
    atr_scope_fail(c->s, &atr_error_no_memory);
    return false;
}

/* Take the node that one of the two has, if it came out as it was. */
static bool take_node(combiner *c, side x, bool is_x, atr_map_parts *parts, outcome *out)
{
    if (!is_x || x.node == NULL) {
        return false;
    }
    atr_map_parts_drop(parts);
    out->part = part_of(c, x);
    return true;
}

/* At least one of the two is a node, or they are entries of different keys. */
static bool level_combine(combiner *c, side a, side b, uint32_t level, outcome *out)
{
    bool collision = c->tree.kind->text && level == ATR_MAP_TEXT_LEVELS, done;
    atr_map_parts parts;
    if (!atr_map_parts_begin(&parts, &c->tree,
                             collision ? atr_map_side_entries(a) + atr_map_side_entries(b) : 0)) {
        return no_memory(c);
    }
    out->is_a = true;
    out->is_b = true;
    done = collision
               ? lists_combine(c, list_of(c->tree.kind, a), list_of(c->tree.kind, b), &parts, out)
               : digits_combine(c, a, b, level, &parts, out);
    if (!done) {
        atr_map_parts_drop(&parts);
        return false;
    }
    return take_node(c, a, out->is_a, &parts, out) || take_node(c, b, out->is_b, &parts, out) ||
           atr_map_parts_end(&parts, collision, &out->part) || no_memory(c);
}

/* What the two make at a place on `level`. false: failed and latched. */
static bool combine(combiner *c, side a, side b, uint32_t level, outcome *out)
{
    if (is_nothing(a) || is_nothing(b)) {
        bool is_a = is_nothing(b);
        one_alone(c, is_a ? a : b, is_a, out);
        return true;
    }
    if (a.node != NULL && a.node == b.node) {
        both_same(c, a, out);
        return true;
    }
    if (a.entry != NULL && b.entry != NULL &&
        atr_map_same_key(c->tree.kind, a.entry[0], b.entry[0])) {
        return both_entries(c, a.entry, b.entry, out);
    }
    return level_combine(c, a, b, level, out);
}

/* ---- whole maps ---- */

static side side_of(const atr_map *m)
{
    return (side){m != NULL ? m->root : NULL, NULL};
}

static const atr_map *combined(combiner *c, const atr_map *a, const atr_map *b, outcome *out)
{
    size_t of_a = atr_map_count(a), of_b = atr_map_count(b);
    size_t both = (c->counts_a ? of_a : of_b) - c->alone;
    size_t size = (c->keeps_a ? of_a - both : 0) + (c->keeps_b ? of_b - both : 0) +
                  (c->keeps_both ? both : 0);
    if (out->is_a || out->is_b) {
        atr_value_release(out->part.node);
        return atr_scope_same(c->s, out->is_a ? a : b);
    }
    if (size > ATR_MAP_MAX) {
        atr_map_latch(c->s, c->model, ATR_E_LIMIT);
        atr_value_release(out->part.node);
        return NULL;
    }
    return atr_map_of_part(c->s, c->model, &c->tree, &out->part, size);
}

const atr_map *atr_map_combine(atr_scope *s, const atr_model *model, const atr_map *a,
                               const atr_map *b, atr_combine how, atr_entry_choose_fn choose,
                               void *user)
{
    bool is_union = how == ATR_COMBINE_UNION || how == ATR_COMBINE_CHOICE;
    combiner c = {.s = s,
                  .model = model,
                  .keeps_a = how != ATR_COMBINE_INTERSECTION,
                  .keeps_b = is_union || how == ATR_COMBINE_SYMMETRIC,
                  .keeps_both = is_union || how == ATR_COMBINE_INTERSECTION,
                  .choose = choose,
                  .user = user,
                  .counts_a = atr_map_count(a) <= atr_map_count(b)};
    outcome out;
    if (how == ATR_COMBINE_CHOICE && choose == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || !atr_collection_fit(s, model, a) || !atr_collection_fit(s, model, b) ||
        (a == NULL && b == NULL)) {
        return NULL;
    }
    c.tree = atr_map_tree_new(s, model);
    c.error = atr_scope_error(s);
    return combine(&c, side_of(a), side_of(b), 0, &out) ? combined(&c, a, b, &out) : NULL;
}

/* ---- subsets ---- */

static bool lists_within(const atr_map_kind *kind, list a, list b)
{
    for (; b.at != b.end; b.at += kind->stride) {
        if (a.at != a.end && lists_order(&a, &b) == 0) {
            a.at += kind->stride;
        }
    }
    return a.at == a.end;
}

static bool is_within(const atr_map_kind *kind, side a, side b, uint32_t level)
{
    uint32_t in_a, in_b;
    if (a.entry != NULL && b.entry != NULL) {
        return atr_map_same_key(kind, a.entry[0], b.entry[0]);
    }
    if (b.node == NULL || a.node == b.node) {
        return b.node != NULL;
    }
    if (kind->text && level == ATR_MAP_TEXT_LEVELS) {
        return lists_within(kind, list_of(kind, a), list_of(kind, b));
    }
    in_a = atr_map_side_digits(kind, a, level);
    in_b = atr_map_side_digits(kind, b, level);
    if ((in_a & ~in_b) != 0) {
        return false;
    }
    for (; in_a != 0; in_a &= in_a - 1) {
        uint32_t bit = in_a & (~in_a + 1);
        if (!is_within(kind, atr_map_side_at(a, bit, bit), atr_map_side_at(b, bit, bit),
                       level + 1)) {
            return false;
        }
    }
    return true;
}

bool atr_map_is_subset(const atr_map *a, const atr_map *b)
{
    if (atr_map_count(a) == 0 || atr_map_count(a) > atr_map_count(b)) {
        return atr_map_count(a) == 0;
    }
    return is_within(atr_map_kind_of(a->atr.model), side_of(a), side_of(b), 0);
}

/* ---- disjoint sets ---- */

static bool lists_apart(list a, list b, const atr_map_kind *kind)
{
    while (a.at != a.end && b.at != b.end) {
        int order = lists_order(&a, &b);
        if (order == 0) {
            return false;
        }
        *(order < 0 ? &a.at : &b.at) += kind->stride;
    }
    return true;
}

/* Neither is empty. A node that both share is one key of both, at least. */
static bool is_apart(const atr_map_kind *kind, side a, side b, uint32_t level)
{
    if (a.entry != NULL && b.entry != NULL) {
        return !atr_map_same_key(kind, a.entry[0], b.entry[0]);
    }
    if (a.node != NULL && a.node == b.node) {
        return false;
    }
    if (kind->text && level == ATR_MAP_TEXT_LEVELS) {
        return lists_apart(list_of(kind, a), list_of(kind, b), kind);
    }
    for (uint32_t in = atr_map_side_digits(kind, a, level) & atr_map_side_digits(kind, b, level);
         in != 0; in &= in - 1) {
        uint32_t bit = in & (~in + 1);
        if (!is_apart(kind, atr_map_side_at(a, bit, bit), atr_map_side_at(b, bit, bit),
                      level + 1)) {
            return false;
        }
    }
    return true;
}

bool atr_map_is_disjoint(const atr_map *a, const atr_map *b)
{
    if (atr_map_count(a) == 0 || atr_map_count(b) == 0) {
        return true;
    }
    return is_apart(atr_map_kind_of(a->atr.model), side_of(a), side_of(b), 0);
}
