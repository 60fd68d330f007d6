/* The difference of two ordered maps or sets: the stretches of leaves that their trees do not share are
 * merged by key. */
#include <atrium/memory.h>

#include "nodes_diff.h"
#include "omap_node.h"
#include "rows_diff.h"
#include "rows_match.h"

typedef struct differ {
    atr_row_edits *rows;
    const atr_model *model;
    const atr_type *type; /* of the values; of sets: of the keys */
    atr_omap_order order;
} differ;

/* ---- the entries of a run of leaves ---- */

typedef struct place {
    const atr_node_run *run;
    uint32_t leaf;
    uint32_t at;
    uint32_t row; /* in the whole map */
} place;

static const atr_omap_node *leaf_of(const place *p)
{
    return p->run->nodes[p->leaf].node;
}

static bool is_at_end(const place *p)
{
    return p->leaf == p->run->count;
}

static void step(place *p)
{
    p->row++;
    if (++p->at == leaf_of(p)->count) {
        p->leaf++;
        p->at = 0;
    }
}

static atr_word key_at(const place *p)
{
    return atr_omap_keys(leaf_of(p))[p->at];
}

/* Of sets, which have no values, the key. */
static atr_word value_at(const differ *d, const place *p)
{
    return d->model->structure == ATR_STRUCTURE_OSET ? atr_omap_key_out(d->model, key_at(p))
                                                     : atr_omap_values(leaf_of(p))[p->at];
}

/* ---- merging ---- */

static int order_of(const differ *d, const place *was, const place *now)
{
    if (is_at_end(was) || is_at_end(now)) {
        return is_at_end(was) ? 1 : -1;
    }
    if (key_at(was).i64 == key_at(now).i64) {
        return 0;
    }
    return atr_omap_key_compare(&d->order, key_at(was), key_at(now));
}

/* Of one key: whether the entry is the very same. */
static bool is_same(const differ *d, const place *was, const place *now)
{
    return d->model->structure == ATR_STRUCTURE_OSET
               ? key_at(was).i64 == key_at(now).i64
               : atr_omap_values(leaf_of(was))[was->at].i64 ==
                     atr_omap_values(leaf_of(now))[now->at].i64;
}

static bool add_entry(const differ *d, const place *was, const place *now, int order)
{
    atr_row_edit edit = {.kind = order < 0   ? ATR_EDIT_REMOVE
                                 : order > 0 ? ATR_EDIT_INSERT
                                             : ATR_EDIT_CHANGE,
                         .index = now->row,
                         .was_index = was->row};
    edit.key = atr_omap_key_out(d->model, key_at(order <= 0 ? was : now));
    if (order <= 0) {
        edit.was = value_at(d, was);
    }
    if (order >= 0) {
        edit.now = value_at(d, now);
    }
    if (order == 0 && !d->rows->loose && atr_words_equal(d->type, edit.was, edit.now)) {
        return true;
    }
    return atr_row_edits_add(d->rows, &edit);
}

static int leaves_differ(void *user, const atr_node_run *was, const atr_node_run *now)
{
    differ *d = user;
    place a = {was, 0, 0, (uint32_t)was->from}, b = {now, 0, 0, (uint32_t)now->from};
    while (!is_at_end(&a) || !is_at_end(&b)) {
        int order = order_of(d, &a, &b);
        if ((order != 0 || !is_same(d, &a, &b)) && !add_entry(d, &a, &b, order)) {
            return ATR_E_NO_MEMORY;
        }
        if (order <= 0) {
            step(&a);
        }
        if (order >= 0) {
            step(&b);
        }
        d->rows->visited++;
    }
    return ATR_OK;
}

/* ---- trees ---- */

static uint32_t node_height(const void *node)
{
    return ((const atr_omap_node *)node)->height;
}

static uint32_t node_count(const void *node)
{
    return ((const atr_omap_node *)node)->count;
}

static void node_children(const void *of, size_t from, atr_node_at *to)
{
    const atr_omap_node *node = of;
    const uint32_t *ends = atr_omap_ends(node);
    for (uint32_t i = 0; i < node->count; i++) {
        to[i] = (atr_node_at){atr_omap_child(node, i), from + (i > 0 ? ends[i - 1] : 0)};
    }
}

static const atr_node_reader reader = {node_height, node_count, node_children};

static atr_node_run tree_of(const atr_omap *m, atr_node_at *room)
{
    atr_node_run run = {room, 0, 0, atr_omap_count(m)};
    if (m != NULL) {
        *room = (atr_node_at){m->root, 0};
        run.count = 1;
    }
    return run;
}

int atr_omap_edits(atr_row_edits *rows, const atr_model *model, const atr_omap *was,
                   const atr_omap *now)
{
    const atr_type key = {model->key, false, NULL, NULL};
    differ d = {rows, model, model->structure == ATR_STRUCTURE_OSET ? &key : &model->element,
                atr_omap_order_of(model)};
    atr_node_at was_room, now_room;
    atr_node_run was_run = tree_of(was, &was_room), now_run = tree_of(now, &now_room);
    return atr_nodes_diff(&reader, &was_run, &now_run, leaves_differ, &d, &rows->visited);
}
