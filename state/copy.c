/* Deep copies. Each cell is copied as it is, then its pointers are led to the copies of what they point
 * at. The list of copies is the list of work, and of what to free when memory ends half-way. Counts are
 * never read: the values may belong to a pool that another thread uses (rule S5). Opaque values are not
 * copied but shared, where they may be: held once more at the end, when nothing can fail. */
#include <string.h>

#include <atrium/error.h>
#include <atrium/opaque.h>

#include "check.h"
#include "heap.h"
#include "walk.h"

enum { COPIES_FIRST = 32, INDEX_FACTOR = 2 };

typedef struct copied {
    const atr_head *from;
    atr_head *to;
} copied;

/* Copies in the order of making; the index finds them by what they were copied from. */
typedef struct copier {
    const atr_scope *scope;
    atr_pool *pool;
    copied *items;
    uint32_t *index; /* INDEX_FACTOR times as many slots; place in items plus 1, 0: empty */
    size_t count;
    size_t capacity; /* a power of two */
    bool failed;
    bool shares;                /* some opaque values */
    const atr_opaque *confined; /* one that may not be shared */
} copier;

static size_t place_of(const copier *c, const atr_head *from)
{
    size_t mask = c->capacity * INDEX_FACTOR - 1;
    size_t at = (size_t)(((uint64_t)(uintptr_t)from >> 4) * 0x9e3779b97f4a7c15u >> 20) & mask;
    while (c->index[at] != 0 && c->items[c->index[at] - 1].from != from) {
        at = (at + 1) & mask;
    }
    return at;
}

static void lists_free(copier *c)
{
    atr_memory_give(c->items, c->capacity * sizeof *c->items);
    atr_memory_give(c->index, c->capacity * INDEX_FACTOR * sizeof *c->index);
}

static bool lists_grow(copier *c)
{
    copier grown = *c;
    grown.capacity = c->capacity == 0 ? COPIES_FIRST : c->capacity * 2;
    if (grown.capacity > UINT32_MAX / INDEX_FACTOR) {
        return false;
    }
    grown.items = atr_memory_take(grown.capacity * sizeof *grown.items);
    grown.index = atr_memory_take(grown.capacity * INDEX_FACTOR * sizeof *grown.index);
    if (grown.items == NULL || grown.index == NULL) {
        lists_free(&grown);
        return false;
    }
    memset(grown.index, 0, grown.capacity * INDEX_FACTOR * sizeof *grown.index);
    for (size_t i = 0; i < c->count; i++) {
        grown.items[i] = c->items[i];
        grown.index[place_of(&grown, c->items[i].from)] = (uint32_t)i + 1;
    }
    lists_free(c);
    *c = grown;
    return true;
}

/* Text and bytes that lie behind their head lie behind the new head. */
static void content_move(const atr_head *from, atr_head *to)
{
    if (from->model->structure == ATR_STRUCTURE_STR) {
        const atr_str *old = (const atr_str *)(const void *)from;
        atr_str *new = (atr_str *)(void *)to;
        if (old->bytes == (const char *)(old + 1)) {
            new->bytes = (const char *)(new + 1);
        }
    } else if (from->model->structure == ATR_STRUCTURE_BYTES) {
        const atr_bytes *old = (const atr_bytes *)(const void *)from;
        atr_bytes *new = (atr_bytes *)(void *)to;
        if (old->bytes == (const unsigned char *)(old + 1)) {
            new->bytes = (const unsigned char *)(new + 1);
        }
    }
}

/* A copy with a count of 1 whose pointers still lead to the old values. */
static atr_head *cell_copy(copier *c, const atr_head *from)
{
    size_t size = atr_value_size(from);
    atr_head *to;
    if (c->count == c->capacity && !lists_grow(c)) {
        return NULL;
    }
    to = atr_node_alloc(c->pool, from->model, size);
    if (to != NULL) {
        memcpy(to + 1, from + 1, size - sizeof *to);
        content_move(from, to);
        c->items[c->count] = (copied){from, to};
        c->index[place_of(c, from)] = (uint32_t)++c->count;
    }
    return to;
}

static void share(copier *c, const atr_head *opaque)
{
    c->shares = true;
    if (atr_owner_fault(c->scope, opaque) != NULL) {
        c->confined = (const atr_opaque *)(const void *)opaque;
        c->failed = true;
    }
}

static void hold_opaque(void *user, const atr_head **slot)
{
    (void)user;
    if (*slot != NULL && atr_owner_of(*slot) != 0 &&
        (*slot)->model->structure == ATR_STRUCTURE_OPAQUE) {
        atr_hold_(*slot);
    }
}

static void visit(void *user, const atr_head **slot)
{
    copier *c = user;
    const atr_head *from = *slot;
    size_t at;
    if (c->failed || from == NULL || atr_owner_of(from) == 0) { /* of immortal values: 0 */
        return;
    }
    if (from->model->structure == ATR_STRUCTURE_OPAQUE) {
        share(c, from);
        return;
    }
    at = c->index[place_of(c, from)];
    if (at != 0) {
        atr_head *to = c->items[at - 1].to;
        to->count++;
        *slot = to;
        return;
    }
    *slot = cell_copy(c, from);
    c->failed = *slot == NULL;
}

/* The cells are freed one by one, not by their counts: their pointers are in disorder. */
static void cells_free(copier *c)
{
    for (size_t i = 0; i < c->count; i++) {
        atr_head *to = c->items[i].to;
        atr_cell_free(c->pool, to, atr_value_size(to));
    }
}

static int copy_refuse(atr_scope *s, const atr_opaque *confined)
{
    return atr_refuse(s, ATR_E_REFUSED, "atr_copy: opaque(%s) cannot leave its thread and app",
                      confined->name);
}

/* NULL when it failed, latched; else a count of 1 belongs to the caller. */
static atr_head *copy_all(atr_scope *s, const atr_head *value)
{
    copier c = {.scope = s, .pool = s->pool};
    atr_head *copy = cell_copy(&c, value);
    c.failed = copy == NULL;
    for (size_t i = 0; i < c.count && !c.failed; i++) {
        atr_head *to = c.items[i].to;
        to->model->visit(to, visit, &c);
    }
    for (size_t i = 0; i < c.count && !c.failed && c.shares; i++) {
        atr_head *to = c.items[i].to;
        to->model->visit(to, hold_opaque, NULL);
    }
    if (c.failed) {
        cells_free(&c);
        copy = NULL;
    }
    lists_free(&c);
    if (c.confined != NULL) {
        copy_refuse(s, c.confined);
    } else if (c.failed) {
        atr_scope_fail(s, &atr_error_no_memory);
    }
    return copy;
}

static const atr_opaque *copy_opaque(atr_scope *s, const atr_opaque *v)
{
    if (s == NULL || !atr_scope_usable(s)) {
        return NULL;
    }
    if (atr_owner_fault(s, v) != NULL) {
        copy_refuse(s, v);
        return NULL;
    }
    return atr_scope_hold(s, v) == ATR_OK ? v : NULL;
}

const void *atr_copy(atr_scope *s, const void *value)
{
    const atr_head *head = value;
    const char *fault;
    atr_head *copy = NULL;
    if (head == NULL) {
        return NULL;
    }
    fault = atr_copy_fault(s, value);
    if (fault != NULL) {
        atr_refuse(s, ATR_E_REFUSED, "atr_copy: the value %s", fault);
        return head->model != NULL ? head->model->prototype : NULL;
    }
    if (s != NULL && atr_owner_of(head) == 0) {
        return value;
    }
    if (head->model->structure == ATR_STRUCTURE_OPAQUE) {
        return copy_opaque(s, value);
    }
    if (s != NULL && atr_scope_usable(s)) {
        copy = copy_all(s, head);
    }
    return copy != NULL && atr_scope_own(s, copy) ? copy : head->model->prototype;
}
