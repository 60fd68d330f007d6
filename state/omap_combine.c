/* Two ordered maps or sets made one. Where they are of about one size, their difference is walked, which
 * passes by the subtrees that both share; where one is much smaller, its entries are looked up in the other.
 * The result is one of the two, the base, after some updates; where it may be far from both, it is built: when the
 * two differ in much, of all their entries, in one pass over both. */
#include <atrium/error.h>

#include "collections.h"
#include "loan.h"
#include "omap_diff.h"
#include "omap_node.h"

/* How many times larger a map is, for the entries of the other to be looked up in it. */
enum { MUCH = 16 };

/* Of how many entries so much may differ for the base to be updated; and how much always. */
enum { PART = 8, FEW = 64 };

typedef struct combiner {
    atr_scope *s;
    const atr_model *model;
    const atr_omap *a, *b;
    bool keeps_a, keeps_b, keeps_both; /* what one has alone, what both have */
    bool set;                          /* there are no values */
    bool merges;                       /* all entries of both are met, in their order */
    atr_entry_choose_fn choose;        /* NULL: the entry of b */
    void *user;
    const atr_error *error;    /* what s had latched before */
    const atr_omap *base;      /* a, b, or NULL: entries are appended to the builder */
    atr_omap_tree tree;        /* of the base */
    atr_omap_builder *builder; /* belongs to a scope of its own */
    size_t updates;            /* that changed the base; what was appended */
    bool failed;               /* and latched */
    bool is_a, is_b;           /* at all keys met the result has the very same as a, as b */
} combiner;

/* ---- one key ---- */

static bool same_value(const combiner *c, atr_word a, atr_word b)
{
    return c->model->element.kind >= ATR_KIND_STR ? a.ref == b.ref : a.i64 == b.i64;
}

/* The tree, for the next update. */
static atr_omap_tree *tree_of(combiner *c)
{
    c->tree.borrows = atr_bulk_may_borrow(c->tree.pool);
    return &c->tree;
}

static void updated(combiner *c, int code)
{
    if (code < 0) {
        atr_omap_latch(c->s, c->model, code);
        c->failed = true;
    }
    c->updates += code > 0;
}

static void put(combiner *c, atr_word key, atr_word value)
{
    if (c->base != NULL) {
        updated(c, atr_omap_tree_set(tree_of(c), atr_omap_key_in(c->model, key), value));
    } else {
        c->failed = atr_omap_builder_set(c->builder, key, value) != ATR_OK;
        c->updates++;
    }
}

/* Of values that differ. */
static atr_word chosen(combiner *c, atr_word key, atr_word a, atr_word b)
{
    atr_word value = b;
    if (!c->keeps_b) {
        return a; /* an intersection has the entries of a */
    }
    if (c->choose != NULL) {
        value = c->choose(c->s, key, a, b, c->user);
        c->failed = atr_scope_error(c->s) != c->error || !atr_omap_value_fit(c->s, c->model, value);
    }
    return value;
}

/* a, b: the value there, NULL where the key is not; of sets anything. Keys at which both have the very same
 * need not be met. */
static void meet(combiner *c, atr_word key, const atr_word *a, const atr_word *b)
{
    bool keeps = a == NULL ? c->keeps_b : b == NULL ? c->keeps_a : c->keeps_both;
    atr_word value = {0};
    if (c->failed) {
        return;
    }
    if (keeps && !c->set) {
        value = a == NULL ? *b : b == NULL || same_value(c, *a, *b) ? *a : chosen(c, key, *a, *b);
    }
    c->is_a = c->is_a && keeps == (a != NULL) && (c->set || !keeps || same_value(c, value, *a));
    c->is_b = c->is_b && keeps == (b != NULL) && (c->set || !keeps || same_value(c, value, *b));
    if (c->failed) {
        return;
    }
    if (keeps) {
        put(c, key, value);
    } else if (c->base != NULL && (c->base == c->a ? a : b) != NULL) {
        updated(c, atr_omap_tree_remove(tree_of(c), atr_omap_key_in(c->model, key)));
    }
}

/* ---- all keys ---- */

static void differing(void *user, atr_word key, const atr_word *b, const atr_word *a)
{
    combiner *c = user;
    if (a != NULL && b != NULL && c->set) { /* members that their order finds equal: that of b */
        c->is_a = false;
        if (!c->keeps_b) {
            c->is_b = false;
            return;
        }
    }
    meet(c, key, a, b);
}

/* Find the entry in the place of the key. */
static bool entry_find(const atr_omap *m, atr_word key, atr_word *found, atr_word *value)
{
    bool set = atr_model_is_set(m->atr.model);
    return atr_omap_select(m, atr_omap_rank(m, key), found, set ? NULL : value) &&
           atr_keys_compare(m->atr.model, *found, key) == 0;
}

static void look_up(combiner *c, const atr_omap *small, const atr_omap *large)
{
    atr_omap_each each = {0};
    atr_word key, value = {0}, other, there = {0};
    while (!c->failed && atr_omap_next(&each, small, &key, c->set ? NULL : &value)) {
        bool both = entry_find(large, key, &other, &there), is_a = small == c->a;
        const atr_word *at_large = both ? &there : NULL;
        bool of_large =
            both && is_a == c->keeps_b; /* both: the key of b, in an intersection of a */
        if (both && c->model->key == ATR_KIND_REF && key.ref != other.ref) {
            c->is_b =
                c->is_b && c->keeps_b; /* as in `differing`; is_a counts in an intersection only */
        }
        meet(c, of_large ? other : key, is_a ? &value : at_large, is_a ? at_large : &value);
    }
}

typedef struct side {
    const atr_omap *m;
    atr_omap_each each;
    atr_word key, value;
    bool more;
} side;

static void side_step(side *of, bool set)
{
    of->more = atr_omap_next(&of->each, of->m, &of->key, set ? NULL : &of->value);
}

static void meet_both(combiner *c, const side *a, const side *b)
{
    if (c->model->key == ATR_KIND_REF && a->key.ref != b->key.ref) { /* as in `differing` */
        c->is_a = c->is_a && !c->keeps_b;
        c->is_b = c->is_b && c->keeps_b;
    }
    meet(c, c->keeps_b ? b->key : a->key, &a->value, &b->value);
}

static void merge(combiner *c)
{
    side a = {.m = c->a}, b = {.m = c->b};
    side_step(&a, c->set);
    side_step(&b, c->set);
    while (!c->failed && (a.more || b.more)) {
        int order = !a.more ? 1 : !b.more ? -1 : atr_keys_compare(c->model, a.key, b.key);
        if (order == 0) {
            meet_both(c, &a, &b);
        } else {
            meet(c, order < 0 ? a.key : b.key, order < 0 ? &a.value : NULL,
                 order < 0 ? NULL : &b.value);
        }
        if (order <= 0) {
            side_step(&a, c->set);
        }
        if (order >= 0) {
            side_step(&b, c->set);
        }
    }
}

static bool is_much_larger(const atr_omap *x, const atr_omap *y)
{
    return x->size / MUCH >= y->size;
}

static void let_pass(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
}

/* Would so many updates of the base be needed that all is better made anew? */
static bool differ_much(const atr_omap *a, const atr_omap *b)
{
    size_t much = ((size_t)a->size + b->size) / PART;
    return !atr_omap_changes(a, b, much > FEW ? much : FEW, let_pass, NULL);
}

/* What the result is made from. */
static const atr_omap *base_of(const combiner *c, bool looks_up)
{
    if (c->keeps_both && c->keeps_a) {
        return c->a->size > c->b->size ? c->a : c->b;
    }
    if (c->keeps_both) {
        return !looks_up || c->a->size < c->b->size ? c->a : NULL;
    }
    if (!looks_up) {
        return NULL;
    }
    return !c->keeps_b || c->a->size > c->b->size ? c->a : c->b;
}

static void gone_through(combiner *c, bool looks_up)
{
    if (c->merges) {
        merge(c);
    } else if (!looks_up) {
        atr_omap_changes(c->b, c->a, SIZE_MAX, differing, c);
    } else if (c->a->size < c->b->size) {
        look_up(c, c->a, c->b);
    } else {
        look_up(c, c->b, c->a);
    }
}

/* The map that the result turned out to be, if it is one of the two. */
static const atr_omap *known(const combiner *c, bool looks_up)
{
    bool all_met =
        looks_up && c->keeps_both && !c->keeps_a; /* what is in both, of the smaller one */
    if (c->base != NULL && c->updates == 0) {
        return c->base;
    }
    if ((c->keeps_both && !looks_up) || all_met) {
        return c->is_a && (!all_met || c->a->size < c->b->size)   ? c->a
               : c->is_b && (!all_met || c->b->size < c->a->size) ? c->b
                                                                  : NULL;
    }
    return c->base == NULL && c->is_a && c->updates == c->a->size ? c->a : NULL;
}

static const atr_omap *updates_made(combiner *c, bool looks_up)
{
    const atr_omap *same;
    atr_omap_tree_begin(&c->tree, c->s->pool, c->model, c->base);
    gone_through(c, looks_up);
    same = c->failed ? NULL : known(c, looks_up);
    if (c->failed || same != NULL) {
        atr_value_release(c->tree.root);
        return atr_scope_same(c->s, same);
    }
    return atr_omap_tree_end(&c->tree, c->s, c->model, c->base, 1);
}

/* In a scope of its own, so that what is not needed goes at once. */
static const atr_omap *built(combiner *c, bool looks_up)
{
    atr_scope *inner = atr_scope_open(c->s);
    const atr_omap *made = NULL;
    c->builder = atr_omap_builder_new(inner, c->model, NULL);
    c->failed = c->builder == NULL;
    if (!c->failed) {
        gone_through(c, looks_up);
    }
    if (!c->failed) {
        made = known(c, looks_up);
        if (made == NULL) {
            made = atr_omap_builder_seal(c->builder);
        }
        atr_scope_yield(inner, made);
    }
    made = atr_scope_error(c->s) == c->error && atr_scope_error(inner) == NULL ? made : NULL;
    atr_scope_close(inner);
    return made;
}

const atr_omap *atr_omap_combine(atr_scope *s, const atr_model *model, const atr_omap *a,
                                 const atr_omap *b, atr_combine how, atr_entry_choose_fn choose,
                                 void *user)
{
    bool is_union = how == ATR_COMBINE_UNION || how == ATR_COMBINE_CHOICE;
    combiner c = {.s = s,
                  .model = model,
                  .a = a,
                  .b = b,
                  .keeps_a = how != ATR_COMBINE_INTERSECTION,
                  .keeps_b = is_union || how == ATR_COMBINE_SYMMETRIC,
                  .keeps_both = is_union || how == ATR_COMBINE_INTERSECTION,
                  .set = atr_model_is_set(model),
                  .choose = choose,
                  .user = user,
                  .error = atr_scope_error(s),
                  .is_a = true,
                  .is_b = true};
    bool looks_up;
    if (how == ATR_COMBINE_CHOICE && choose == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || !atr_collection_fit(s, model, a) || !atr_collection_fit(s, model, b)) {
        return NULL;
    }
    if (a == NULL || b == NULL) {
        return atr_scope_same(s, b == NULL ? (c.keeps_a ? a : NULL) : c.keeps_b ? b : NULL);
    }
    looks_up = is_much_larger(a, b) || is_much_larger(b, a);
    c.base = base_of(&c, looks_up);
    if (c.base != NULL && !looks_up && differ_much(a, b)) {
        c.base = NULL;
        c.merges = true;
    }
    return c.base != NULL ? updates_made(&c, looks_up) : built(&c, looks_up);
}

/* ---- subsets ---- */

static void missing(void *user, atr_word key, const atr_word *a, const atr_word *b)
{
    bool *all = user;
    (void)key;
    *all = *all && (a == NULL || b != NULL);
}

bool atr_omap_is_subset(const atr_omap *a, const atr_omap *b)
{
    atr_omap_each each = {0};
    atr_word key;
    bool all = true;
    if (a == NULL || b == NULL || a->size > b->size) {
        return a == NULL;
    }
    if (!is_much_larger(b, a)) {
        atr_omap_changes(a, b, SIZE_MAX, missing, &all);
        return all;
    }
    while (all && atr_omap_next(&each, a, &key, NULL)) {
        all = atr_omap_find(b, key, NULL);
    }
    return all;
}

/* ---- disjoint sets ---- */

/* From the first key of one side to the first of the other that is not less, and back: as many looks as the two
 * take turns in their common order. */
bool atr_omap_is_disjoint(const atr_omap *a, const atr_omap *b)
{
    atr_word key;
    bool more = b != NULL && atr_omap_select(a, 0, &key, NULL);
    while (more) {
        const atr_omap *other = b;
        if (atr_omap_find(other, key, NULL)) {
            return false;
        }
        more = atr_omap_select(other, atr_omap_rank(other, key), &key, NULL);
        b = a;
        a = other;
    }
    return true;
}
