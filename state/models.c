/* What lives, by model: a walk over the cells of an app's pools. */
#include <stdlib.h>
#include <string.h>

#include "heap.h"

enum { LINES_FIRST = 64 };

typedef struct line {
    const atr_model *model;
    size_t values;
    size_t bytes;
} line;

/* An open table by address; at most half of it is full. A pool has it, as the function that is told may jump. */
typedef struct census {
    atr_pool *pool;
    line *lines;
    size_t count;
    size_t capacity;
    line *last; /* most values follow one of their own model */
    bool failed;
} census;

static void each_pool(const atr_scope *s, void (*fn)(void *user, atr_head *head), void *user)
{
    atr_pool *root = atr_pool_root(s);
    atr_pool_each(root, fn, user);
    for (atr_pool *pool = root->adopted; pool != NULL; pool = pool->adopted_next) {
        atr_pool_each(pool, fn, user);
    }
}

static line *line_place(const census *c, const atr_model *model)
{
    size_t at = (size_t)((uintptr_t)model >> 4) & (c->capacity - 1);
    while (c->lines[at].model != NULL && c->lines[at].model != model) {
        at = (at + 1) & (c->capacity - 1);
    }
    return &c->lines[at];
}

static bool census_grow(census *c)
{
    census old = *c;
    c->capacity = old.capacity == 0 ? LINES_FIRST : old.capacity * 2;
    c->lines = atr_room_take(c->pool, c->capacity * sizeof *c->lines);
    if (c->lines == NULL) {
        *c = old;
        c->failed = true;
        return false;
    }
    memset(c->lines, 0, c->capacity * sizeof *c->lines);
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.lines[i].model != NULL) {
            *line_place(c, old.lines[i].model) = old.lines[i];
        }
    }
    atr_extra_give(c->pool, old.lines);
    return true;
}

static void count_in(void *user, atr_head *head)
{
    census *c = user;
    if (c->failed) {
        return;
    }
    if (c->last == NULL || c->last->model != head->model) {
        if (2 * c->count >= c->capacity && !census_grow(c)) {
            return;
        }
        c->last = line_place(c, head->model);
        c->count += c->last->model == NULL;
        c->last->model = head->model;
    }
    c->last->values++;
    c->last->bytes += atr_value_size(head);
}

/* Nodes of one name have several models, by what their entries are. */
static bool is_one_line(const atr_model *a, const atr_model *b)
{
    return a == b || (a->structure == ATR_STRUCTURE_NODE && b->structure == ATR_STRUCTURE_NODE &&
                      strcmp(a->name, b->name) == 0);
}

/* To the front, without gaps. @return how many */
static size_t lines_gather(census *c)
{
    size_t count = 0;
    for (size_t i = 0; i < c->capacity; i++) {
        size_t at = 0;
        line one = c->lines[i];
        if (one.model == NULL) {
            continue;
        }
        while (at < count && !is_one_line(c->lines[at].model, one.model)) {
            at++;
        }
        if (at < count) {
            c->lines[at].values += one.values;
            c->lines[at].bytes += one.bytes;
        } else {
            c->lines[count++] = one;
        }
    }
    return count;
}

static int line_order(const void *a, const void *b)
{
    const line *x = a, *y = b;
    if (x->bytes != y->bytes) {
        return x->bytes < y->bytes ? 1 : -1;
    }
    return strcmp(x->model->name, y->model->name);
}

int atr_memory_models(const atr_scope *s, atr_memory_model_fn fn, void *user)
{
    census c = {0};
    size_t count = 0;
    if (fn == NULL) {
        return ATR_E_INVALID;
    }
    if (s != NULL) {
        c.pool = s->pool;
        each_pool(s, count_in, &c);
    }
    if (!c.failed && c.count > 0) {
        count = lines_gather(&c);
        qsort(c.lines, count, sizeof *c.lines, line_order);
        for (size_t i = 0; i < count; i++) {
            fn(user, c.lines[i].model, c.lines[i].values, c.lines[i].bytes);
        }
    }
    atr_extra_give(c.pool, c.lines);
    return c.failed ? ATR_E_NO_MEMORY : (int)count;
}

typedef struct counting {
    const atr_model *model;
    size_t values;
} counting;

static void count_one(void *user, atr_head *head)
{
    counting *c = user;
    c->values += head->model == c->model;
}

size_t atr_memory_of(const atr_scope *s, const atr_model *model)
{
    counting c = {.model = model};
    if (s != NULL) {
        each_pool(s, count_one, &c);
    }
    return c.values;
}
