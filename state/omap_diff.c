/* The difference of two ordered trees: both are walked upwards side by side, and a subtree that both come
 * to at once is passed in one step. Where the walks are within different subtrees, the one before the
 * larger one goes down, so that they meet again where the change ends. */
#include "omap_diff.h"

#include "omap_node.h"

/* A place in a walk: an item of the node on top, which is an entry or a whole subtree. */
typedef struct walk {
    const atr_omap_node *nodes[ATR_OMAP_LEVELS];
    uint32_t at[ATR_OMAP_LEVELS];
    uint32_t depth; /* nodes under way; 0: at the end */
    uint32_t row;   /* entries passed */
} walk;

typedef struct differ {
    atr_omap_change_fn fn;
    void *user;
    size_t left;        /* nodes and changes that may still be visited */
    const bool *enough; /* once it is set, nothing more is told; NULL: never */
    const atr_model *model;
    atr_omap_order order;
    walk was, now;
} differ;

static bool spend(differ *d)
{
    if (d->left == 0) {
        return false;
    }
    d->left--;
    return true;
}

/* ---- walks ---- */

static bool walk_enter(differ *d, walk *w, const atr_omap_node *node)
{
    if (!spend(d)) {
        return false;
    }
    w->nodes[w->depth] = node;
    w->at[w->depth++] = 0;
    return true;
}

static const atr_omap_node *walk_node(const walk *w)
{
    return w->nodes[w->depth - 1];
}

static uint32_t walk_at(const walk *w)
{
    return w->at[w->depth - 1];
}

/* 0: it stands before an entry. */
static uint32_t walk_height(const walk *w)
{
    return walk_node(w)->height;
}

static atr_word walk_key(const walk *w)
{
    return atr_omap_keys(walk_node(w))[walk_at(w)];
}

static const atr_omap_node *walk_child(const walk *w)
{
    return atr_omap_child(walk_node(w), walk_at(w));
}

static bool walk_down(differ *d, walk *w)
{
    return walk_enter(d, w, walk_child(w));
}

static void walk_on(walk *w)
{
    w->row += walk_height(w) > 0 ? walk_child(w)->size : 1;
    while (w->depth > 0 && ++w->at[w->depth - 1] == walk_node(w)->count) {
        w->depth--;
    }
}

/* ---- what is told ---- */

/* The value of an entry; of a set the key, put into *key, stands for it. */
static const atr_word *value_at(const differ *d, const walk *w, atr_word *key)
{
    if (atr_omap_node_kind(walk_node(w))->value != ATR_OMAP_VALUE_NONE) {
        return &atr_omap_values(walk_node(w))[walk_at(w)];
    }
    *key = atr_omap_key_out(d->model, walk_key(w));
    return key;
}

/* was or now: NULL where the key is not there. */
static bool tell(differ *d, const walk *was, const walk *now)
{
    atr_word key = atr_omap_key_out(d->model, walk_key(was != NULL ? was : now)), keys[2];
    if (!spend(d)) {
        return false;
    }
    d->fn(d->user, key, was != NULL ? value_at(d, was, &keys[0]) : NULL,
          now != NULL ? value_at(d, now, &keys[1]) : NULL, d->was.row, d->now.row);
    return d->enough == NULL || !*d->enough;
}

static bool same_value(const walk *was, const walk *now)
{
    atr_omap_value value = atr_omap_node_kind(walk_node(was))->value;
    atr_word a, b;
    if (value == ATR_OMAP_VALUE_NONE) {
        return true;
    }
    a = atr_omap_values(walk_node(was))[walk_at(was)];
    b = atr_omap_values(walk_node(now))[walk_at(now)];
    return value == ATR_OMAP_VALUE_REF ? a.ref == b.ref : a.i64 == b.i64;
}

/* In a set of models a member may be replaced by one that its order finds equal. */
static bool same_entry(const differ *d, const walk *was, const walk *now)
{
    return same_value(was, now) &&
           (d->order.key != ATR_OMAP_KEY_REF || walk_key(was).ref == walk_key(now).ref);
}

/* ---- steps ---- */

/* One side is at its end. */
static bool step_alone(differ *d, walk *w, bool gone)
{
    if (walk_height(w) > 0) {
        return walk_down(d, w);
    }
    if (!tell(d, gone ? w : NULL, gone ? NULL : w)) {
        return false;
    }
    walk_on(w);
    return true;
}

static bool step_entries(differ *d, int order)
{
    walk *was = order <= 0 ? &d->was : NULL, *now = order >= 0 ? &d->now : NULL;
    if ((order != 0 || !same_entry(d, was, now)) && !tell(d, was, now)) {
        return false;
    }
    if (was != NULL) {
        walk_on(was);
    }
    if (now != NULL) {
        walk_on(now);
    }
    return true;
}

static bool step(differ *d)
{
    uint32_t was = walk_height(&d->was), now = walk_height(&d->now);
    int order;
    if (was == now && was > 0) {
        if (walk_child(&d->was) != walk_child(&d->now)) {
            return walk_down(d, &d->was) && walk_down(d, &d->now);
        }
        walk_on(&d->was);
        walk_on(&d->now);
        return true;
    }
    if (was > 0 && now > 0) {
        return walk_down(d, was > now ? &d->was : &d->now);
    }
    order = atr_omap_key_compare(&d->order, walk_key(&d->was), walk_key(&d->now));
    if (was > 0) { /* the entry on the other side may lie before the whole subtree */
        return order > 0 ? step_entries(d, order) : walk_down(d, &d->was);
    }
    if (now > 0) {
        return order < 0 ? step_entries(d, order) : walk_down(d, &d->now);
    }
    return step_entries(d, order);
}

static bool diff(differ *d, const atr_omap *was, const atr_omap *now)
{
    const atr_omap *either = was != NULL ? was : now;
    bool more;
    if (was == now || (was != NULL && now != NULL && was->root == now->root)) {
        return true;
    }
    d->model = either->atr.model;
    d->order = atr_omap_order_of(d->model);
    more = (was == NULL || walk_enter(d, &d->was, was->root)) &&
           (now == NULL || walk_enter(d, &d->now, now->root));
    while (more && d->was.depth > 0 && d->now.depth > 0) {
        more = step(d);
    }
    while (more && d->was.depth > 0) {
        more = step_alone(d, &d->was, true);
    }
    while (more && d->now.depth > 0) {
        more = step_alone(d, &d->now, false);
    }
    return more;
}

size_t atr_omap_changes_all(const atr_omap *was, const atr_omap *now, const bool *enough,
                            atr_omap_change_fn fn, void *user)
{
    differ d = {.fn = fn, .user = user, .left = SIZE_MAX, .enough = enough};
    diff(&d, was, now);
    return SIZE_MAX - d.left;
}

/* Who wants no rows. */
typedef struct plain_fn {
    atr_map_change_fn fn;
    void *user;
} plain_fn;

static void without_rows(void *user, atr_word key, const atr_word *was, const atr_word *now,
                         uint32_t was_row, uint32_t row)
{
    const plain_fn *to = user;
    (void)was_row;
    (void)row;
    to->fn(to->user, key, was, now);
}

bool atr_omap_changes(const atr_omap *was, const atr_omap *now, size_t limit, atr_map_change_fn fn,
                      void *user)
{
    plain_fn to = {fn, user};
    differ d = {.fn = without_rows, .user = &to, .left = limit};
    return diff(&d, was, now);
}
