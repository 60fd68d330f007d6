/* Many entries put into a map, or taken out of it, in one go: down the trie with all of them, so that each node
 * that changes is made once, and borrows what stays from the one it takes the place of (loan.h). Nodes in which
 * nothing changes are shared; the map that there was stays as it was until all is made, so a full memory changes
 * nothing. Recursion goes as deep as the trie, which is ATR_MAP_DEPTH. */
#include "loan.h"
#include "map_bulk.h"
#include "map_parts.h"
#include "refs.h"

typedef struct merger {
    const atr_map_tree *tree;
    bool removes;
    size_t added, removed;
} merger;

/* What comes out at a place, and whether it is what was there. */
typedef struct merged {
    atr_map_part part;
    bool same;
} merged;

static const merged nothing = {{NULL, false, {{0}, {0}}}, false};

/* ---- entries ---- */

static void entry_put(merged *out, atr_word key, atr_word value)
{
    out->part = (atr_map_part){NULL, true, {key, value}};
}

/* All of what was there. */
static void keep(const merger *m, atr_map_side x, merged *out)
{
    out->same = true;
    if (x.entry != NULL) {
        entry_put(out, x.entry[0], x.entry[m->tree->kind->stride - 1]);
    } else {
        atr_hold_(x.node);
        out->part = (atr_map_part){(atr_map_node *)(uintptr_t)x.node, false, {{0}, {0}}};
    }
}

/* A key that was not there. */
static void entry_add(merger *m, atr_map_entry entry, merged *out)
{
    if (!m->removes) {
        entry_put(out, entry.key, entry.value);
        m->added++;
    }
}

/* A key that was there. */
static void entry_change(merger *m, const atr_word *there, atr_word value, merged *out)
{
    if (m->removes) {
        m->removed++;
        return;
    }
    entry_put(out, there[0], value);
    out->same = atr_map_same_value(m->tree->kind, there, out->part.entry);
}

/* ---- nodes ---- */

static bool level_merge(merger *m, atr_map_side x, const atr_map_lot *lot, uint32_t level,
                        merged *out);

/* Several keys where none was. */
static bool branch_add(merger *m, const atr_map_lot *lot, uint32_t level, merged *out)
{
    if (!m->removes) {
        out->part.node = atr_map_build(m->tree->pool, m->tree->kind, lot, level, &m->added);
        if (out->part.node == NULL) {
            return false;
        }
        atr_map_hold_entries(out->part.node);
    }
    return true;
}

/* The entries of a lot come to what there is at a place on `level`. one: they have one key. false: no memory. */
static bool place_merge(merger *m, atr_map_side x, const atr_map_lot *lot, bool one, uint32_t level,
                        merged *out)
{
    *out = nothing;
    if (x.node == NULL && x.entry == NULL) {
        if (!one) {
            return branch_add(m, lot, level, out);
        }
        entry_add(m, atr_map_lot_entry(lot, 0, lot->count), out);
        return true;
    }
    if (x.entry != NULL && one &&
        atr_map_same_key(m->tree->kind, x.entry[0], lot->entries[0].key)) {
        entry_change(m, x.entry, lot->entries[lot->count - 1].value, out);
        return true;
    }
    return level_merge(m, x, lot, level, out);
}

/* What becomes of a node: at the digits `changed` it gets `parts`, in their order. */
typedef struct change {
    const atr_map_node *node;
    uint32_t changed;
    uint32_t data, children; /* of the new form */
    uint32_t count;
    atr_map_part parts[ATR_MAP_WIDTH];
} change;

static void change_add(change *c, uint32_t bit, const atr_map_part *part)
{
    c->changed |= bit;
    c->children = part->node != NULL ? c->children | bit : c->children & ~bit;
    c->data = part->is_entry ? c->data | bit : c->data & ~bit;
    c->parts[c->count++] = *part;
}

static void change_drop(const change *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        atr_let_go(c->parts[i].node);
    }
}

/* false: no memory, and nothing is left of the change. */
static bool change_begin(change *c, merger *m, const atr_map_node *node, const atr_map_lot *lot,
                         uint32_t level)
{
    atr_map_side x = {node, NULL};
    uint32_t in_x = node->data | node->children;
    atr_map_deal d;
    c->node = node;
    c->changed = 0;
    c->data = node->data;
    c->children = node->children;
    c->count = 0;
    atr_map_deal_out(&d, lot, level);
    for (uint32_t digits = d.one | d.more; digits != 0; digits &= digits - 1) {
        uint32_t bit = digits & (0u - digits);
        atr_map_lot part = atr_map_lot_of(lot, &d, atr_lowest_bit(bit));
        merged out;
        if (!place_merge(m, atr_map_side_at(x, in_x, bit), &part, (d.one & bit) != 0, level + 1,
                         &out)) {
            change_drop(c);
            return false;
        }
        if (!out.same) {
            change_add(c, bit, &out.part);
        } else {
            atr_let_go(out.part.node);
        }
    }
    return true;
}

/* Write the children of the new form, or its entries, which are held. Returns the word behind them. */
static atr_word *change_write(const change *c, const atr_map_kind *kind, atr_word *to, bool entries)
{
    const atr_map_node *node = c->node;
    const atr_map_part *part = c->parts;
    uint32_t there = entries ? node->data : node->children, stride = entries ? kind->stride : 1;
    const atr_word *from = entries ? node->slots + atr_map_node_children(node) : node->slots;
    uint32_t at = 0;
    if ((there | (entries ? c->data : c->children)) == 0) {
        return to;
    }
    for (uint32_t left = c->changed; left != 0; left &= left - 1, part++) {
        uint32_t bit = left & (0u - left), before = stride * atr_bits(there & (bit - 1));
        to = atr_words_copy(to, from + at, before - at);
        at = before + ((there & bit) != 0 ? stride : 0);
        if (entries && part->is_entry) {
            atr_map_hold_entry(kind, part->entry);
            to = atr_words_copy(to, part->entry, stride);
        } else if (!entries && part->node != NULL) {
            (to++)->ref = part->node;
        }
    }
    return atr_words_copy(to, from + at, stride * atr_bits(there) - at);
}

/* The one entry of the new form, which becomes what its parent has; or nothing. */
static void change_shrink(const change *c, const merger *m, merged *out)
{
    if ((c->data & c->changed) != 0) {
        out->part = c->parts[atr_bits(c->changed & (c->data - 1))];
    } else if (c->data != 0) {
        const atr_word *left =
            atr_map_side_at((atr_map_side){c->node, NULL}, c->data, c->data).entry;
        entry_put(out, left[0], left[m->tree->kind->stride - 1]);
    }
}

/* false: no memory, and nothing is left of the change. */
static bool change_end(const change *c, const merger *m, merged *out)
{
    const atr_map_kind *kind = m->tree->kind;
    atr_pool *pool = m->tree->pool;
    atr_map_node *made;
    *out = nothing;
    if (c->changed == 0) {
        keep(m, (atr_map_side){c->node, NULL}, out);
        return true;
    }
    if (c->children == 0 && (c->data & (c->data - 1)) == 0) {
        change_shrink(c, m, out);
        return true;
    }
    made = atr_node_alloc(
        pool, &kind->model,
        atr_map_node_bytes(atr_bits(c->children) + kind->stride * atr_bits(c->data)));
    if (made == NULL) {
        change_drop(c);
        return false;
    }
    made->data = c->data;
    made->children = c->children;
    change_write(c, kind, change_write(c, kind, made->slots, false), true);
    if (((c->node->data | c->node->children) & ~c->changed) != 0) {
        atr_map_share(pool, atr_bulk_may_borrow(pool), c->node, made, c->changed);
    }
    out->part.node = made;
    return true;
}

static bool digits_merge(merger *m, atr_map_side x, const atr_map_lot *lot, uint32_t level,
                         atr_map_parts *parts, bool *same)
{
    atr_map_deal d;
    uint32_t in_x = atr_map_side_digits(m->tree->kind, x, level);
    atr_map_deal_out(&d, lot, level);
    for (uint32_t digits = in_x | d.one | d.more; digits != 0; digits &= digits - 1) {
        uint32_t bit = digits & (0u - digits);
        atr_map_side there = atr_map_side_at(x, in_x, bit);
        merged out;
        if (((d.one | d.more) & bit) == 0) {
            keep(m, there, &out);
        } else {
            atr_map_lot part = atr_map_lot_of(lot, &d, atr_lowest_bit(bit));
            if (!place_merge(m, there, &part, (d.one & bit) != 0, level + 1, &out)) {
                return false;
            }
        }
        *same = *same && out.same;
        atr_map_parts_add(parts, bit, &out.part);
    }
    return true;
}

/* Texts of one hash: lists in the order of their bytes. */
static void collisions_merge(merger *m, atr_map_side x, const atr_map_lot *lot,
                             atr_map_parts *parts, bool *same)
{
    uint32_t stride = m->tree->kind->stride, at = 0;
    const atr_word *there = x.node != NULL ? x.node->slots : x.entry;
    const atr_word *end = there + (size_t)stride * atr_map_side_entries(x);
    atr_map_lot_sort(lot);
    while (there != end || at < lot->count) {
        uint32_t next = at < lot->count ? atr_map_lot_run(lot, at) : at;
        int order = at == lot->count ? -1
                    : there == end   ? 1
                                     : atr_str_compare(there[0].ref, lot->entries[at].key.ref);
        merged out = nothing;
        if (order < 0) {
            keep(m, (atr_map_side){NULL, there}, &out);
        } else if (order == 0) {
            entry_change(m, there, lot->entries[next - 1].value, &out);
        } else {
            entry_add(m, atr_map_lot_entry(lot, at, next), &out);
        }
        there += order <= 0 ? stride : 0;
        at = order >= 0 ? next : at;
        *same = *same && out.same;
        atr_map_parts_add(parts, 0, &out.part);
    }
}

/* What is there is a node, or an entry, and the lot has another key. */
static bool level_merge(merger *m, atr_map_side x, const atr_map_lot *lot, uint32_t level,
                        merged *out)
{
    bool collision = m->tree->kind->text && level == ATR_MAP_TEXT_LEVELS;
    atr_map_parts parts;
    if (x.node != NULL && !collision) {
        change c;
        return change_begin(&c, m, x.node, lot, level) && change_end(&c, m, out);
    }
    *out = nothing;
    out->same = true;
    if (!atr_map_parts_begin(&parts, m->tree,
                             collision ? atr_map_side_entries(x) + lot->count : 0)) {
        return false;
    }
    if (collision) {
        collisions_merge(m, x, lot, &parts, &out->same);
    } else if (!digits_merge(m, x, lot, level, &parts, &out->same)) {
        atr_map_parts_drop(&parts);
        return false;
    }
    if (out->same) {
        atr_map_parts_drop(&parts);
        keep(m, x, out);
        return true;
    }
    return atr_map_parts_end(&parts, collision, &out->part);
}

/* ---- whole maps ---- */

static void entries_drop(const atr_map_kind *kind, const atr_map_entry *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (kind->ref) {
            atr_let_go(entries[i].value.ref);
        }
        if (kind->text) {
            atr_let_go(entries[i].key.ref);
        }
    }
}

/* Of as many keys as entries the counts go over; else those of others take the place of some. */
static bool tree_build(atr_map_tree *tree, const atr_map_lot *lot)
{
    size_t size = 0;
    atr_map_node *root = atr_map_build(tree->pool, tree->kind, lot, 0, &size);
    if (root == NULL) {
        return false;
    }
    tree->root = root;
    tree->size = size;
    if (size < lot->count) {
        atr_map_hold_entries(root);
        entries_drop(tree->kind, lot->entries, lot->count);
    }
    return true;
}

static bool tree_merge(atr_map_tree *tree, const atr_map_lot *lot, bool removes)
{
    merger m = {tree, removes, 0, 0};
    merged out;
    if (!level_merge(&m, (atr_map_side){tree->root, NULL}, lot, 0, &out) ||
        !atr_map_part_root(tree, &out.part)) {
        return false;
    }
    atr_let_go(tree->root);
    tree->root = out.part.node;
    tree->size += m.added - m.removed;
    entries_drop(tree->kind, lot->entries, lot->count);
    return true;
}

bool atr_map_tree_merge(atr_map_tree *tree, atr_map_entry *entries, uint32_t count, bool removes)
{
    atr_map_lot lot;
    bool done;
    if (count == 0) {
        return true;
    }
    if (!atr_map_lot_begin(&lot, tree->kind, entries, count)) {
        return false;
    }
    done = tree->root == NULL ? tree_build(tree, &lot) : tree_merge(tree, &lot, removes);
    atr_map_lot_end(&lot);
    return done;
}
